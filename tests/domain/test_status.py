from decimal import Decimal

import pytest

from funnel.domain.status import SHAPES, Difference, Status, change


class TestStatus:
    @pytest.mark.parametrize(
        ("value", "target", "higher_is_better", "status"),
        [
            (41, 40, True, Status.MET),
            (40, 40, True, Status.MET),
            (Decimal("40.00"), 40, True, Status.MET),
            (39, 40, True, Status.MISSED),
            (39, 40, False, Status.MET),
            (40, 40, False, Status.MET),
            (41, 40, False, Status.MISSED),
            (0, 0, True, Status.MET),
            (0, 40, True, Status.MISSED),
            (40, None, True, Status.NO_TARGET),
            (0, None, False, Status.NO_TARGET),
            (None, 40, True, Status.MISSING),
            (None, None, True, Status.MISSING),
        ],
    )
    def test_of_a_week_that_is_over(self, value, target, higher_is_better, status):
        assert (
            Status.of(value, target, higher_is_better=higher_is_better, in_progress=False) is status
        )

    @pytest.mark.parametrize(
        ("value", "target"), [(41, 40), (39, 40), (None, 40), (41, None), (None, None)]
    )
    def test_a_week_in_progress_is_judged_by_nothing(self, value, target):
        assert (
            Status.of(value, target, higher_is_better=True, in_progress=True) is Status.IN_PROGRESS
        )

    @pytest.mark.parametrize(
        ("status", "shape", "word"),
        [
            (Status.MET, "●", "met"),
            (Status.MISSED, "▼", "missed"),
            (Status.NO_TARGET, "–", "no target"),
            (Status.MISSING, "○", "missing"),
            (Status.IN_PROGRESS, "◐", "in progress"),
        ],
    )
    def test_is_a_word_and_a_shape(self, status, shape, word):
        assert (status.shape, status.word, str(status)) == (shape, word, word)

    def test_every_status_has_a_shape_of_its_own(self):
        assert len(set(SHAPES.values())) == len(Status)


class TestChange:
    @pytest.mark.parametrize(
        ("now", "before", "expected"),
        [
            (27, 33, Difference(-6, -6 / 33)),
            (Decimal(30), Decimal(20), Difference(Decimal(10), 0.5)),
            (20, 20, Difference(0, 0.0)),
            (0, 20, Difference(-20, -1.0)),
            (5, 0, Difference(5, None)),
            (0, 0, Difference(0, None)),
            (0.5, 0.25, Difference(0.25, 1.0)),
        ],
    )
    def test_is_the_difference_and_its_share_of_before(self, now, before, expected):
        assert change(now, before) == expected

    @pytest.mark.parametrize(("now", "before"), [(None, 5), (5, None), (None, None), (None, 0)])
    def test_cannot_be_said_with_a_number_missing(self, now, before):
        assert change(now, before) is None
