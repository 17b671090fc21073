"""reports/start.py: how far a start has come, and what no one would cost."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
import time_machine

from funnel.actions import ownership, starts
from funnel.domain.weeks import Week
from funnel.models import Practice
from funnel.reports.setup.start import awaited_meeting, build_start, first_meeting, unfinished
from tests.factories import (
    TODAY,
    WEEK,
    answer_start,
    make_practice,
    make_staff,
    make_start,
    make_target,
    root_seat,
)

Step = Practice.Step


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


def build(practice, here="start-who"):
    practice.refresh_from_db()
    return build_start(practice, here, today=TODAY)


def aim(practice, *values):
    for kpi, value in zip(practice.kpis.order_by("pk"), values, strict=True):
        make_target(kpi, value, WEEK)


@pytest.mark.django_db
def test_the_steps_are_open_up_to_the_furthest():
    practice = make_start()
    starts.go_on(by=root_seat(practice), to=Step.TARGETS)
    steps = build(practice).steps
    assert [(step.number, step.label, step.is_here, step.is_open) for step in steps] == [
        (1, "Practice", False, True),
        (2, "Who does what", True, True),
        (3, "Targets", False, True),
        (4, "Spreadsheet", False, False),
        (5, "Summary", False, False),
    ]


@pytest.mark.django_db
def test_asks_in_the_fields_own_words_and_tells_who_it_is():
    practice = make_start()
    answer_start(practice)
    start = build(practice)
    assert [(duty.kpi.slug, duty.question) for duty in start.duties] == [
        ("leads", "Who manages your marketing?"),
        ("appointments", "Who books at the front desk?"),
        ("patients-acquired", "Who turns appointments into patients?"),
    ]
    assert [duty.owner and duty.owner.name for duty in start.duties] == ["Nora", "Maya", None]
    assert [duty.kpi.slug for duty in start.gaps] == ["patients-acquired"]
    assert [person.name for person in start.people] == ["Maya", "Nora"]


@pytest.mark.django_db
def test_a_stage_of_the_practices_own_is_asked_for_by_its_name():
    practice = make_start()
    practice.kpis.filter(slug="leads").update(slug="calls", name="Calls")
    duty = build(practice).duties[0]
    assert (duty.question, duty.hint) == ("Who owns Calls?", "The role is Marketing.")


@pytest.mark.django_db
def test_an_ownership_that_ends_is_no_owner():
    practice = make_start()
    answer_start(practice)
    leads = practice.kpis.get(slug="leads")
    ownership.end(by=root_seat(practice), kpi=leads, ends_on=TODAY)
    assert build(practice).duties[0].owner is None


@pytest.mark.django_db
def test_without_a_value_no_one_costs_what_no_one_sees():
    practice = make_start(value_per_patient=None)
    assert {duty.cost for duty in build(practice).duties} == {"Losses there go unnoticed."}


@pytest.mark.django_db
def test_with_a_value_no_one_costs_it_each_time():
    practice = make_start()
    costs = {duty.cost for duty in build(practice).duties}
    assert costs == {"Each patient lost there costs $3,200, unnoticed."}


@pytest.mark.django_db
def test_with_every_target_no_one_puts_all_of_it_at_risk():
    practice = make_start()
    aim(practice, 100, 40, 20)
    duty = build(practice).duties[0]
    assert (duty.target, duty.cost) == (
        Decimal(100),
        "All 20 patients ($64,000) of your weekly target pass through it.",
    )
    practice.patient_values.all().delete()
    assert build(practice).duties[0].cost == (
        "All 20 patients of your weekly target pass through it."
    )


@pytest.mark.django_db
def test_a_practice_knows_whether_it_has_an_admin():
    practice = make_start(your_name="")
    make_staff(practice, "Ana", access="manager")
    assert not build(practice).has_admin
    make_staff(practice, "Ada", access="admin")
    assert build(practice).has_admin


@pytest.mark.django_db
@pytest.mark.parametrize("many", [0, 20])
def test_three_statements_for_few_and_many(django_assert_num_queries, many):
    practice = make_start()
    answer_start(practice)
    for number in range(many):
        make_staff(practice, f"Name{number}", "Doctor")
    practice.refresh_from_db()
    with django_assert_num_queries(3):
        start = build_start(practice, "start-summary", today=TODAY)
        assert [duty.owner and duty.owner.title for duty in start.duties]
        assert [person.user.email for person in start.people]


@pytest.mark.django_db
def test_the_starts_that_were_left_each_with_its_step():
    make_practice("lumina")
    make_start("Zeta")
    alpha = make_start("Alpha")
    starts.go_on(by=root_seat(alpha), to=Step.SUMMARY)
    done = make_start("Beta")
    starts.finish(by=root_seat(done))
    assert [(practice.name, step.address) for practice, step in unfinished()] == [
        ("Alpha", "start-summary"),
        ("Zeta", "start-who"),
    ]


@pytest.mark.parametrize(
    ("weekday", "now", "day"),
    [
        (1, datetime(2026, 11, 24, 13, 59, tzinfo=UTC), date(2026, 11, 24)),
        (1, datetime(2026, 11, 24, 14, 0, tzinfo=UTC), date(2026, 12, 1)),
        (0, datetime(2026, 11, 24, 15, 0, tzinfo=UTC), date(2026, 11, 30)),
        # Monday in London, Sunday night in New York.
        (6, datetime(2026, 11, 30, 2, 0, tzinfo=UTC), date(2026, 12, 6)),
    ],
)
def test_the_first_meeting_is_the_next_one_on_the_practices_clock(weekday, now, day):
    practice = Practice(
        meeting_weekday=weekday,
        meeting_time=time(9),
        time_zone="America/New_York",
        began_on=date(2026, 11, 2),
    )
    meeting = first_meeting(practice, now)
    assert (meeting.day, meeting.week) == (day, Week.reporting(day))
    assert meeting.place == "New York"


@pytest.mark.parametrize(
    ("began_on", "today", "day"),
    [
        (date(2026, 11, 23), date(2026, 11, 29), date(2026, 12, 1)),
        (date(2026, 11, 27), date(2026, 11, 29), date(2026, 12, 1)),
        (date(2026, 11, 23), date(2026, 11, 30), None),
        # A practice that begins later.
        (date(2026, 12, 28), date(2026, 11, 24), date(2027, 1, 5)),
    ],
)
def test_the_meeting_that_is_awaited_reviews_the_first_week(began_on, today, day):
    practice = Practice(meeting_weekday=1, meeting_time=time(9), time_zone="UTC", began_on=began_on)
    meeting = awaited_meeting(practice, today)
    assert (meeting and meeting.day) == day
    if meeting:
        assert meeting.week == Week.of(began_on)
        assert first_meeting(practice, datetime.combine(today, time(12), UTC)) == meeting
