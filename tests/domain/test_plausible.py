from decimal import Decimal

import pytest

from funnel.domain.plausible import doubt

NAMES = {"name": "Appointments", "before_name": "Leads"}


HIGH = "That is more than 3 times the usual 33 a week."
LOW = "That is less than a third of the usual 33 a week."


class TestDoubt:
    @pytest.mark.parametrize(
        ("value", "average", "stage_before", "sentence"),
        [
            (Decimal(270), Decimal(33), None, f"{HIGH} Is 270 right?"),
            (Decimal(1000), 33.3, None, f"{HIGH} Is 1,000 right?"),
            (10, 33, None, f"{LOW} Is 10 right?"),
            (0, 33, None, f"{LOW} Is 0 right?"),
            (2, 0.4, None, "That is more than 3 times the usual 0.4 a week. Is 2 right?"),
            (95, 90, 90, "Appointments would be more than Leads (90). Is 95 right?"),
            (1, None, 0, "Appointments would be more than Leads (0). Is 1 right?"),
            (
                270,
                33,
                90,
                f"{HIGH} Appointments would be more than Leads (90). Is 270 right?",
            ),
        ],
    )
    def test_asks_back(self, value, average, stage_before, sentence):
        assert doubt(value, average=average, stage_before=stage_before, **NAMES) == sentence

    @pytest.mark.parametrize(
        ("value", "average", "stage_before"),
        [
            (33, 33, 90),
            (99, 33, None),
            (11, 33, None),
            (90, 90, 90),
            (270, None, None),
            (270, 0, None),
            (270, None, 270),
            (None, 33, 90),
        ],
    )
    def test_is_silent_on_the_bounds_and_without_a_comparison(self, value, average, stage_before):
        assert doubt(value, average=average, stage_before=stage_before, **NAMES) is None

    def test_compares_exactly_where_the_average_is_a_third(self):
        assert doubt(Decimal("0.3"), average=Decimal("0.1"), stage_before=None, **NAMES) is None

    def test_speaks_in_the_unit_of_the_number(self):
        sentence = doubt(
            Decimal("48000"),
            average=Decimal("9600"),
            stage_before=None,
            name="Ad spend",
            before_name="",
            unit="money",
            currency="USD",
        )
        assert sentence == "That is more than 3 times the usual $9,600 a week. Is $48,000 right?"
