import pytest

from funnel.domain.weeks import Week
from funnel.forms.export import ExportForm

NOT_A_WEEK = "A week is written like 2026-W47."


def test_takes_weeks_or_nothing():
    form = ExportForm({"from": " 2026-W40 ", "to": "2026-W47"})
    assert form.is_valid()
    assert (form.first, form.last) == (Week.parse("2026-W40"), Week.parse("2026-W47"))
    assert ExportForm({"from": "2026-W40", "to": "2026-W40"}).is_valid()
    empty = ExportForm({"from": "", "kpi": "leads"})
    assert empty.is_valid()
    assert (empty.first, empty.last) == (None, None)


@pytest.mark.parametrize("text", ["2026-W54", "2026-w47", "W47", "47", "2026-11-16", "٢٠٢٦-W٤٧"])
@pytest.mark.parametrize("field", ["from", "to"])
def test_refuses_what_is_no_week(field, text):
    form = ExportForm({field: text})
    assert not form.is_valid()
    assert set(form.errors) == {field}
    (sentence,) = form.errors[field]
    assert sentence == (f"“{text}” is not a week. " if len(text) <= 8 else "") + NOT_A_WEEK


def test_refuses_a_nul():
    assert ExportForm({"from": "2026\0"}).errors == {
        "from": ["Write it again without special characters."]
    }


def test_refuses_an_end_before_the_beginning():
    form = ExportForm({"from": "2026-W47", "to": "2026-W46"})
    assert form.errors == {"to": ["Choose 2026-W47, the first week, or a later one."]}
