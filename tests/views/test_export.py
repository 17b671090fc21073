import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.cast import make_cast
from tests.factories import make_kpi

pytestmark = pytest.mark.django_db

NOT_A_WEEK = "A week is written like 2026-W47."


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


def page(client, user, slug="lumina", **query):
    client.force_login(user)
    return client.get(reverse("export", args=[slug]), query)


def text_of(response):
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize("who", ["owner", "viewer", "manager"])
def test_offers_everyone_every_file_in_every_format(client, cast, who):
    response = page(client, getattr(cast, who).user)
    text = text_of(response)
    assert response.status_code == 200
    assert "Every week there is." in text
    for what in (
        "entries", "entries-wide", "scorecard", "history", "follow-ups", "responsibilities",
    ):  # fmt: skip
        for fmt in ("csv", "xlsx", "json"):
            assert f'href="/practices/lumina/export/{what}.{fmt}"' in text
    assert 'href="/practices/lumina/export/history.csv?kpi=appointments"' in text


def test_the_weeks_chosen_stand_in_every_link_that_goes_by_weeks(client, cast):
    text = text_of(page(client, cast.viewer.user, **{"from": "2026-W40", "to": "2026-W47"}))
    assert "Sep 28 – Oct 4, 2026 to Nov 16 – 22, 2026." in text
    assert 'href="/practices/lumina/export/entries.csv?from=2026-W40&amp;to=2026-W47"' in text
    assert "history.json?kpi=leads&amp;from=2026-W40&amp;to=2026-W47" in text
    assert 'href="/practices/lumina/export/responsibilities.csv"' in text
    text = text_of(page(client, cast.viewer.user, **{"from": "2026-W40"}))
    assert "From Sep 28 – Oct 4, 2026 on." in text
    assert "Up to Sep 28" in text_of(page(client, cast.viewer.user, to="2026-W40"))


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"from": "yesterday"}, NOT_A_WEEK),
        ({"from": "rubbish"}, NOT_A_WEEK),
        ({"to": "2026-W54"}, f"“2026-W54” is not a week. {NOT_A_WEEK}"),
        ({"to": "2026-W4\0"}, "Write it again without special characters."),
        (
            {"from": "2026-W47", "to": "2026-W46"},
            "Choose 2026-W47, the first week, or a later one.",
        ),
    ],
)
def test_weeks_that_make_no_sense_are_said_so_and_nothing_is_offered(client, cast, query, sentence):
    response = page(client, cast.viewer.user, **query)
    text = text_of(response)
    assert response.status_code == 400
    assert sentence in text
    assert "export/entries" not in text
    typed = next(iter(query.values())).replace("\0", "")
    assert f'value="{typed}' in text


def test_anonymous_signs_in_first(client, cast):
    response = client.get(reverse("export", args=["lumina"]))
    assert response["Location"].startswith("/accounts/login/")


def test_a_stranger_gets_404(client, cast):
    assert page(client, cast.stranger.user).status_code == 404


def test_is_only_read(client, cast):
    client.force_login(cast.manager.user)
    assert client.post(reverse("export", args=["lumina"])).status_code == 405


def test_sends_three_for_3_and_13_kpis(client, cast):
    client.force_login(cast.viewer.user)
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("export", args=["lumina"]))
        counts.append(len(captured))
        for number in range(10):
            make_kpi(cast.practice, f"Number {len(counts)} {number}")
    assert counts == [3, 3]


def test_the_page_is_in_the_menu(client, cast):
    client.force_login(cast.viewer.user)
    text = client.get(reverse("dashboard", args=["lumina"])).content.decode()
    assert '<a href="/practices/lumina/export/">Export</a>' in text
