from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from funnel.domain import import_plan
from funnel.domain.import_plan import Facts, ImportOutcome, PlannedNumber, Stored, counts, plan
from funnel.domain.sheet_names import Known
from funnel.domain.sheet_questions import Found
from funnel.domain.weeks import Week

WEEK = Week.parse("2026-W47")
KPIS = {
    "leads": Known("leads", "Leads"),
    "appointments": Known("appointments", "Appointments"),
}


def found(value, line=2, slug="leads", week=WEEK, note=None, refusal=""):
    number = None if value is None else Decimal(value)
    return Found(line, slug, slug, str(week), str(value), week, number, note, refusal)


def facts(stored=None, closed=(), refusal=lambda *_: None, *, may_correct=False):
    return Facts(
        kpis=KPIS,
        stored=stored or {},
        closed=frozenset(closed),
        may_correct=may_correct,
        refusal=refusal,
        before=lambda slug, _: "leads" if slug == "appointments" else None,
        currency="USD",
    )


def in_store(value, note="", slug="leads", week=WEEK, version=1):
    return {(slug, week.monday): Stored(Decimal(value), note, version)}


def only(*numbers, **how):
    (line,) = plan(numbers, facts(**how))
    return line


def test_a_number_that_is_not_in_is_new():
    line = only(found(27))
    assert line == PlannedNumber(2, "Leads", "leads", "2026-W47", "27", ImportOutcome.NEW)
    assert line.is_written


def test_another_value_changes_and_keeps_what_was():
    line = only(found(27), stored=in_store(20, "as told", version=3))
    assert (line.kind, line.was, line.was_note, line.version) == (
        ImportOutcome.CHANGED,
        "20",
        "as told",
        3,
    )
    assert line.note == "as told"


def test_the_same_again_is_unchanged():
    line = only(found("27.0"), stored=in_store("27.00"))
    assert line.kind is ImportOutcome.UNCHANGED
    assert not line.is_written


@pytest.mark.parametrize(
    ("said", "kind", "note"),
    [
        (None, ImportOutcome.UNCHANGED, ""),
        ("", ImportOutcome.UNCHANGED, ""),
        ("as told", ImportOutcome.UNCHANGED, ""),
        ("as heard", ImportOutcome.CHANGED, "as heard"),
    ],
)
def test_a_note_is_taken_where_the_file_says_one(said, kind, note):
    line = only(found(27, note=said), stored=in_store(27, "as told"))
    assert (line.kind, line.note) == (kind, note)


def test_a_long_note_is_refused():
    line = only(found(27, note="x" * 501))
    assert (line.kind, line.why) == (ImportOutcome.REFUSED, "Use at most 500 letters for the note.")


def test_what_could_not_be_read_is_refused_with_its_reason():
    line = only(found(None, refusal="That is not a number."))
    assert (line.kind, line.why, line.is_read) == (
        ImportOutcome.REFUSED,
        "That is not a number.",
        False,
    )
    nowhere = only(replace(found(5, refusal="No day."), week=None, value=None))
    assert (nowhere.kind, nowhere.week, nowhere.value) == (ImportOutcome.REFUSED, "2026-W47", "5")


def test_what_a_kpi_does_not_take_is_refused_with_its_reason():
    line = only(found(27), refusal=lambda slug, week, value: f"{slug} {week} {value} is too early.")
    assert (line.kind, line.why) == (ImportOutcome.REFUSED, "leads 2026-W47 27 is too early.")
    assert line.is_read


def test_two_numbers_for_one_week_are_in_conflict_all_of_them():
    lines = plan([found(27), found(28, 5), found(27, 9)], facts())
    assert [line.kind for line in lines] == [ImportOutcome.CONFLICTING] * 3
    assert [line.why for line in lines] == [
        "Row 5 has 28 for the same week.",
        "Row 2 has 27 for the same week.",
        "Row 5 has 28 for the same week.",
    ]


def test_the_same_number_twice_is_written_once():
    first, second = plan([found(27), found("27.0", 5)], facts())
    assert (first.kind, second.kind) == (ImportOutcome.NEW, ImportOutcome.UNCHANGED)
    assert second.why == "Row 2 has the same number."


def test_numbers_of_other_weeks_and_kpis_do_not_conflict():
    lines = plan([found(27), found(28, 3, week=WEEK.next), found(9, 4, "appointments")], facts())
    assert counts(lines)[ImportOutcome.NEW] == 3


def test_a_closed_week_stays_as_it_is_without_a_reason():
    line = only(found(27), closed=[WEEK.monday])
    assert (line.kind, line.why, line.is_closed) == (
        ImportOutcome.REFUSED,
        import_plan.CLOSED,
        False,
    )


def test_a_closed_week_is_corrected_with_a_reason():
    line = only(found(27), closed=[WEEK.monday], may_correct=True, stored=in_store(20))
    assert (line.kind, line.is_closed) == (ImportOutcome.CHANGED, True)


def test_a_number_of_a_closed_week_that_is_the_same_is_no_refusal():
    assert (
        only(found(27), closed=[WEEK.monday], stored=in_store(27)).kind is ImportOutcome.UNCHANGED
    )


def test_an_improbable_number_is_written_and_asked_about():
    stored = in_store(30, week=WEEK.previous) | in_store(28, week=WEEK.plus(-2))
    line = only(found(270), stored=stored)
    assert line.kind is ImportOutcome.NEW
    assert line.why == "That is more than 3 times the usual 29 a week. Is 270 right?"
    assert only(found(87), stored=stored).why == ""


def test_the_file_itself_tells_what_is_usual():
    numbers = [found(30, 2, week=WEEK.plus(-2)), found(30, 3, week=WEEK.previous), found(9, 4)]
    assert plan(numbers, facts())[2].why.startswith("That is less than a third of the usual 30")


def test_more_than_the_stage_before_is_asked_about():
    _, line = plan([found(90), found(91, 3, "appointments")], facts())
    assert line.why == "Appointments would be more than Leads (90). Is 91 right?"
    assert plan([found(90), found(90, 3, "appointments")], facts())[1].why == ""


def test_nothing_is_asked_about_a_number_that_stays():
    stored = in_store(270, "old") | in_store(1, week=WEEK.previous)
    assert only(found(270, note="new"), stored=stored).why == ""


def test_a_rounded_number_says_so_beside_the_question_that_it_raises():
    rounded = replace(found("33.33"), remark="Rounded from 33.333.")
    assert only(rounded).why == "Rounded from 33.333."
    line = only(rounded, stored=in_store(1, week=WEEK.previous))
    assert line.why.startswith("Rounded from 33.333. That is more than 3 times")


def test_averages_of_none_raise_no_question():
    assert only(found(5), stored=in_store(0, week=WEEK.previous)).why == ""


def test_lines_can_be_kept():
    lines = plan([found(27, note="x"), found(None, 3, refusal="No.")], facts(in_store(20)))
    assert [PlannedNumber.of_json(line.as_json()) for line in lines] == list(lines)
    assert isinstance(PlannedNumber.of_json(lines[0].as_json()).kind, ImportOutcome)


def test_counts_every_kind():
    lines = plan([found(27), found(None, 3, refusal="No.")], facts())
    assert counts(lines) == {
        ImportOutcome.NEW: 1,
        ImportOutcome.CHANGED: 0,
        ImportOutcome.UNCHANGED: 0,
        ImportOutcome.CONFLICTING: 0,
        ImportOutcome.REFUSED: 1,
    }


def test_a_practices_thirteen_weeks_are_what_is_usual():
    stored = {}
    for n in range(1, 15):
        stored |= in_store(1000 if n == 14 else 10, week=WEEK.plus(-n))
    assert only(found(31), stored=stored).why.startswith("That is more than 3 times the usual 10")
    assert date(2026, 8, 10) == WEEK.plus(-14).monday
