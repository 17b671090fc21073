"""actions/imports.py: a file becomes a draft, is asked about, and is planned."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError

from funnel.actions import imports, kpis
from funnel.domain.import_plan import CLOSED, ImportOutcome
from funnel.domain.sheet_dates import Order
from funnel.domain.sheet_layout import NO_WEEKS
from funnel.domain.sheet_questions import Answers
from funnel.domain.weeks import Week
from funnel.models import Import, WeeklyEntry
from tests.cast import make_cast
from tests.factories import (
    TODAY,
    WEEK,
    close_week,
    make_entry,
    make_import,
    make_kpi,
    root_seat,
    seat_for,
)

pytestmark = pytest.mark.django_db

HEADER = ["Week", "KPI", "Value"]


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-11-24T15:00Z", tick=False) as traveller:
        yield traveller


@pytest.fixture
def cast():
    return make_cast()


def planned(draft):
    return [(line.slug, line.kind, line.why) for line in draft.planned()]


def reload(draft):
    return Import.objects.get(pk=draft.pk)


def test_a_clear_file_is_planned_at_once_and_nothing_is_written(cast):
    make_entry(cast.leads, 90)
    draft = make_import(
        cast.manager, HEADER, [str(WEEK), "Leads", 91], [str(WEEK), "Appointments", 27]
    )
    assert planned(draft) == [
        ("leads", ImportOutcome.CHANGED, ""),
        ("appointments", ImportOutcome.NEW, ""),
    ]
    stored = reload(draft)
    assert (stored.new, stored.changed, stored.unchanged, stored.stopped) == (1, 1, 0, 0)
    assert (stored.made_by, stored.is_draft) == (cast.manager.user, True)
    assert stored.reason == "Imported from numbers.csv"
    assert stored.questions == {}
    assert WeeklyEntry.objects.get().value == 90


def test_what_is_open_is_kept_and_planned_once_it_is_answered(cast):
    draft = make_import(cast.manager, ["Week", "Leads", "Walk-ins"], ["03/04/2026", 5, 6])
    assert draft.questions == {"date": "03/04/2026", "names": ("Walk-ins",)}
    assert draft.planned() == ()
    answers = Answers(order=Order.DAY, names={"Walk-ins": ""})
    answered = imports.answer(by=seat_for(cast.manager), draft=draft, answers=answers, today=TODAY)
    assert answered.questions == {}
    assert reload(draft).told["left_out"] == ["Walk-ins"]
    assert [line.week for line in reload(draft).planned()] == ["2026-W14"]


@pytest.mark.parametrize(
    ("week", "kpi", "value", "sentence"),
    [
        ("2026-W49", "Leads", 5, "This week has not started yet."),
        ("2023-W01", "Leads", 5, "Lumina Aesthetics had not started yet in this week."),
        ("2026-W47", "Leads", -5, "Enter 0 or more. This number cannot be negative."),
        ("2026-W47", "Leads", 10**12, "Enter 999,999,999 or less."),
        ("2026-W47", "Leads", 5.5, "Enter a whole number, without decimals."),
        ("2026-W47", "Old", 5, "Old is archived: no numbers can be entered."),
        ("2026-W47", "Cost", 5, "Cost is calculated from other numbers: it cannot be entered."),
    ],
)
def test_refuses_what_typing_would_be_refused_with_the_same_words(cast, week, kpi, value, sentence):
    old = make_kpi(cast.practice, "Old")
    kpis.archive(by=root_seat(cast.practice), kpi=old, today=TODAY, from_week=WEEK)
    ratio = {"unit": "money", "calculation": "ratio"}
    make_kpi(cast.practice, "Cost", source=cast.leads, divisor=cast.patients, **ratio)
    draft = make_import(cast.manager, HEADER, [week, kpi, value])
    ((_, kind, why),) = planned(draft)
    assert (kind, why) == (ImportOutcome.REFUSED, sentence)


def test_the_running_week_is_taken(cast):
    draft = make_import(cast.manager, HEADER, [str(Week.running(TODAY)), "Leads", 5])
    assert planned(draft) == [("leads", ImportOutcome.NEW, "")]


def test_a_closed_week_waits_for_a_reason(cast):
    make_entry(cast.leads, 90)
    close_week(cast.manager)
    draft = make_import(cast.manager, HEADER, [str(WEEK), "Leads", 91])
    assert planned(draft) == [("leads", ImportOutcome.REFUSED, CLOSED)]
    assert draft.told["closed"] == 1
    by = seat_for(cast.manager)
    given = {"by": by, "draft": draft, "answers": Answers(), "today": TODAY}
    corrected = imports.answer(**given, correcting=" Counted twice. ")
    assert planned(corrected) == [("leads", ImportOutcome.CHANGED, "")]
    assert corrected.correcting == "Counted twice."
    assert imports.answer(**given).correcting == "Counted twice."
    assert planned(imports.answer(**given, correcting="")) == [
        ("leads", ImportOutcome.REFUSED, CLOSED)
    ]


def test_a_reason_too_long_is_refused_and_nothing_is_kept(cast):
    draft = make_import(cast.manager, HEADER, [str(WEEK), "Leads", 91])
    with pytest.raises(ValidationError):
        imports.answer(
            by=seat_for(cast.manager),
            draft=draft,
            answers=Answers(),
            today=TODAY,
            correcting="x" * 201,
        )
    assert reload(draft).correcting == ""


def test_a_file_without_numbers_is_refused_and_not_kept(cast):
    with pytest.raises(ValidationError) as refused:
        make_import(cast.manager, ["Dear", "all"], ["see", "below"])
    assert refused.value.messages == [NO_WEEKS]
    assert not Import.objects.exists()


def test_another_file_takes_the_place_of_ones_own_draft(cast, clock):
    make_import(cast.admin, HEADER, [str(WEEK), "Leads", 1], name="admin.csv")
    make_import(cast.manager, HEADER, [str(WEEK), "Leads", 1], name="first.csv")
    make_import(cast.manager, HEADER, [str(WEEK), "Leads", 1], name="second.csv")
    assert {row.file_name for row in Import.objects.all()} == {"admin.csv", "second.csv"}
    clock.shift(timedelta(hours=25))
    make_import(cast.manager, HEADER, [str(WEEK), "Leads", 1], name="third.csv")
    assert {row.file_name for row in Import.objects.all()} == {"third.csv"}


def test_another_practices_drafts_stay(cast):
    make_import(cast.stranger, HEADER, [str(WEEK), "Leads", 1])
    make_import(cast.manager, HEADER, [str(WEEK), "Leads", 1])
    assert Import.objects.count() == 2


def test_a_discarded_draft_is_gone(cast):
    draft = make_import(cast.manager, HEADER, [str(WEEK), "Leads", 1])
    for _ in range(2):
        imports.discard(by=seat_for(cast.manager), draft=draft)
    assert not Import.objects.exists()


def test_what_is_gone_is_answered_no_more(cast):
    draft = make_import(cast.manager, HEADER, [str(WEEK), "Leads", 1])
    Import.objects.all().delete()
    with pytest.raises(ValidationError) as refused:
        imports.answer(by=seat_for(cast.manager), draft=draft, answers=Answers(), today=TODAY)
    assert refused.value.messages == [imports.NO_DRAFT]


@pytest.mark.parametrize("who", ["viewer", "member", "owner", "stand_in"])
def test_only_a_manager_imports(cast, who):
    draft = make_import(cast.manager, HEADER, [str(WEEK), "Leads", 1])
    by = seat_for(getattr(cast, who))
    with pytest.raises(PermissionDenied):
        make_import(getattr(cast, who), HEADER, [str(WEEK), "Leads", 1])
    with pytest.raises(PermissionDenied):
        imports.answer(by=by, draft=draft, answers=Answers(), today=TODAY)
    with pytest.raises(PermissionDenied):
        imports.discard(by=by, draft=draft)
    assert Import.objects.count() == 1


def test_another_practices_draft_is_none(cast):
    draft = make_import(cast.manager, HEADER, [str(WEEK), "Leads", 1])
    by = seat_for(cast.stranger)
    with pytest.raises(ValidationError):
        imports.answer(by=by, draft=draft, answers=Answers(), today=TODAY)
    imports.discard(by=by, draft=draft)
    assert Import.objects.count() == 1


@pytest.mark.parametrize("weeks", [1, 60])
def test_as_many_statements_for_one_week_as_for_many(cast, django_assert_num_queries, weeks):
    rows = [[str(week), "Leads", 5] for week in WEEK.next.back(weeks)]
    with django_assert_num_queries(21):
        make_import(cast.manager, HEADER, *rows)
