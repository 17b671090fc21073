import pytest

from funnel.domain.verdict import Verdict


@pytest.mark.parametrize(
    ("is_high", "higher_is_better", "verdict"),
    [
        (True, True, Verdict.BETTER),
        (False, True, Verdict.WORSE),
        (True, False, Verdict.WORSE),
        (False, False, Verdict.BETTER),
        (True, None, Verdict.DIFFERENT),
        (False, None, Verdict.DIFFERENT),
    ],
)
def test_an_unusual_week_is_judged_by_the_direction(is_high, higher_is_better, verdict):
    assert Verdict.of(is_high=is_high, higher_is_better=higher_is_better) is verdict


def test_the_verdict_is_its_words():
    assert [str(verdict) for verdict in Verdict] == [
        "better than usual",
        "worse than usual",
        "different from usual",
        "as usual",
        "too few to say",
    ]


def test_a_board_from_before_the_verdicts_had_these_words_is_read():
    assert Verdict("within the usual range") is Verdict.USUAL
    with pytest.raises(ValueError, match="is not a valid Verdict"):
        Verdict("beyond the usual range")
