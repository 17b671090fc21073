from datetime import date

import pytest

from funnel.domain.weeks import Week
from funnel.forms.baseline import NO_DAY, BaselineForm


def make_form(**typed):
    return BaselineForm({"from_week": "2026-11-18", "reason": "A second phone line", **typed})


@pytest.mark.parametrize("day", ["2026-11-16", "2026-11-18", "2026-11-22"])
def test_any_day_stands_for_its_week(day):
    form = make_form(from_week=day)
    assert form.is_valid()
    assert form.cleaned_data == {
        "from_week": Week(date(2026, 11, 16)),
        "reason": "A second phone line",
    }


@pytest.mark.parametrize("day", ["", "soon", "2026-02-30", "9999-12-31", "0000-01-01"])
def test_refuses_what_is_no_day_of_a_week(day):
    assert make_form(from_week=day).errors == {"from_week": [NO_DAY]}


@pytest.mark.parametrize("reason", ["", "  ", "x" * 201, "a\x00b"])
def test_refuses_no_reason_and_one_that_cannot_be_kept(reason):
    assert list(make_form(reason=reason).errors) == ["reason"]


def test_a_week_is_shown_as_its_monday():
    form = BaselineForm(initial={"from_week": Week(date(2026, 11, 16))})
    assert 'value="2026-11-16"' in str(form["from_week"])
