"""The colours of static/css/tokens.css: readable in light and in dark, by WCAG 2.2 AA."""

import re
from pathlib import Path

import pytest
from django.conf import settings

TEXT = (Path(settings.BASE_DIR) / "static/css/tokens.css").read_text()
READABLE = 4.5
VISIBLE = 3.0
GROUNDS = ("paper", "raised", "sunk")
WORDS = ("ink", "quiet", "accent", "look", "alarm", "met", *(f"stage-{n}" for n in range(1, 16)))


def colours(selector: str) -> dict[str, str]:
    block = TEXT.split(f"{selector} {{", 1)[1].split("}", 1)[0]
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", block))


LIGHT = colours(":root")
DARK = colours(':root[data-bs-theme="dark"]')


def luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_measured_as_published():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


def test_the_system_and_the_reader_choose_the_same_dark():
    assert DARK
    assert colours(':root:not([data-bs-theme="light"])') == DARK
    assert DARK.keys() == LIGHT.keys()


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("word", WORDS)
def test_every_word_can_be_read_on_every_ground(theme, word):
    for ground in GROUNDS:
        assert contrast(theme[word], theme[ground]) >= READABLE, ground


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("kind", ["look", "alarm", "met"])
def test_every_word_can_be_read_on_a_tint(theme, kind):
    for word in (kind, "ink", "quiet", "accent"):
        assert contrast(theme[word], theme[f"{kind}-tint"]) >= READABLE, word


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_buttons_and_bars_can_be_read_and_edges_seen(theme):
    assert contrast(theme["on-accent"], theme["accent"]) >= READABLE
    assert contrast(theme["on-accent"], theme["accent-deep"]) >= READABLE
    for number in range(1, 16):
        assert contrast(theme["on-stage"], theme[f"stage-{number}"]) >= READABLE, number
    for ground in GROUNDS:
        assert contrast(theme["edge"], theme[ground]) >= VISIBLE, ground
