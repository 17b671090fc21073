from datetime import UTC, datetime

import pytest

from funnel.templatetags import history


@pytest.mark.parametrize(
    ("hour", "minute", "said"),
    [(0, 5, "12:05 AM"), (9, 5, "9:05 AM"), (12, 0, "12:00 PM"), (23, 59, "11:59 PM")],
)
def test_a_moment_is_written_by_the_clock_of_twelve_hours(hour, minute, said):
    at = datetime(2026, 11, 17, hour, minute, tzinfo=UTC)
    assert history.moment(at) == f"Nov 17, 2026, {said}"


@pytest.mark.parametrize(
    ("sentence", "pieces"),
    [
        ("", []),
        ("No owner.", [("No owner.", "")]),
        ("As usual", [("As usual", "word-usual")]),
        (
            "Worse than usual since Jul 27: below the mean of 3.",
            [
                ("Worse than usual", "word-usual"),
                (" since Jul 27: below the ", ""),
                ("mean", "word-mean"),
                (" of 3.", ""),
            ],
        ),
        (
            "A short week, usually 3; usual range; a baseline",
            [
                ("A ", ""),
                ("short week", "word-short"),
                (", ", ""),
                ("usually", "word-usual"),
                (" 3; ", ""),
                ("usual range", "word-usual"),
                ("; a ", ""),
                ("baseline", "word-baseline"),
            ],
        ),
        ("meaning", [("meaning", "")]),
    ],
)
def test_a_sentence_is_cut_at_the_words_that_are_explained(sentence, pieces):
    assert history.pieces(sentence) == pieces
    assert "".join(text for text, _ in history.pieces(sentence)) == sentence
