"""actions/starts.py: what each step of the guided start saves."""

from datetime import date, datetime, time
from decimal import Decimal

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError

from funnel.access import seat_at
from funnel.actions import practices, starts
from funnel.domain.weeks import Week
from funnel.models import KPI, Ownership, Practice, Role, Staff, Target, User
from funnel.reports.setup.start import first_meeting
from tests.cast import make_cast
from tests.factories import (
    NOW,
    TODAY,
    WEEK,
    answer_start,
    close_week,
    make_entry,
    make_practice,
    make_staff,
    make_start,
    make_superuser,
    make_target,
    root_seat,
    seat_for,
)
from tests.kept import kept

pytestmark = pytest.mark.django_db

TOMORROW = date(2026, 11, 25)
Step = Practice.Step


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@kept
def practice():
    return make_start()


def step_of(practice):
    return Practice.objects.get(pk=practice.pk).start_step


def kpi(practice, slug):
    return practice.kpis.get(slug=slug)


def answer(practice, slug, person, role=None, today=TODAY):
    it = starts.Answer(kpi(practice, slug), person, role)
    starts.answer(by=root_seat(practice), answers=[it], today=today)


def owners(practice):
    """By short name, who owns each KPI and from when on; the open ownerships only."""
    held = Ownership.objects.filter(kpi__practice=practice, ends_on=None)
    return {
        slug: (name, day)
        for slug, name, day in held.values_list("kpi__slug", "staff__name", "starts_on")
    }


def aim(practice, today=TODAY, **values):
    given = {kpi(practice, slug): value for slug, value in values.items()}
    starts.aim(by=root_seat(practice), values=given, today=today)


def begin_earlier(practice):
    """As with numbers of a spreadsheet: the last week that has ended takes numbers."""
    starts.bring_numbers(by=root_seat(practice), began_on=WEEK.monday)
    practice.refresh_from_db()


def targets(practice):
    held = Target.objects.filter(kpi__practice=practice).order_by("kpi_id", "from_week")
    return list(held.values_list("kpi__slug", "from_week", "value"))


# Founding


def test_begins_with_the_settings_the_founders_place_and_the_week_of_the_first_meeting():
    practice = make_start(
        "Newton Skin & Laser", time_zone="America/Denver", currency="CAD", meeting_time=time(8, 30)
    )
    assert practice.slug == "newton-skin-laser"
    # The next Monday's meeting reviews the running week.
    assert practice.began_on == WEEK.next.monday
    assert (practice.time_zone, practice.currency) == ("America/Denver", "CAD")
    assert practice.start_step == Step.WHO
    assert [stage.slug for stage in practice.kpis.all()] == [
        "leads",
        "appointments",
        "patients-acquired",
    ]
    founder = practice.staff.get()
    assert (founder.name, founder.access, founder.user) == ("Nora", "admin", make_superuser())


NEW_YORK, AUCKLAND = "America/New_York", "Pacific/Auckland"


@pytest.mark.parametrize(
    ("now", "zone", "weekday", "first"),
    [
        # On a Tuesday: of the next Monday and Sunday the meeting reviews the running week; of this
        # Tuesday, an hour from now, and of Wednesday, the week before; of last Tuesday's hour, the
        # running one.
        ("2026-11-24T15:00Z", NEW_YORK, 0, "2026-W48"),
        ("2026-11-24T13:00Z", NEW_YORK, 1, "2026-W47"),
        ("2026-11-24T14:00Z", NEW_YORK, 1, "2026-W48"),
        ("2026-11-24T15:00Z", NEW_YORK, 2, "2026-W47"),
        ("2026-11-24T15:00Z", NEW_YORK, 6, "2026-W47"),
        # On a Monday, before and after its meeting.
        ("2026-11-23T13:59Z", NEW_YORK, 0, "2026-W47"),
        ("2026-11-23T14:00Z", NEW_YORK, 0, "2026-W48"),
        # Sunday evening in New York is Monday afternoon in Auckland.
        ("2026-11-23T02:00Z", NEW_YORK, 0, "2026-W47"),
        ("2026-11-23T02:00Z", AUCKLAND, 0, "2026-W48"),
        ("2026-11-23T02:00Z", NEW_YORK, 6, "2026-W47"),
    ],
)
def test_takes_numbers_from_the_week_that_its_first_meeting_reviews(now, zone, weekday, first):
    founded = datetime.fromisoformat(now)
    practice = make_start(now=founded, time_zone=zone, meeting_weekday=weekday)
    assert Week.of(practice.began_on) == Week.parse(first)
    meeting = first_meeting(practice, founded)
    assert meeting.week == Week.parse(first)
    assert practice.meeting_at(meeting.week) > founded


def test_whoever_gives_no_name_has_no_place_there():
    assert not make_start(your_name=" ").staff.exists()


def test_the_same_name_again_goes_on_with_the_same_practice(practice):
    starts.answer(by=root_seat(practice), answers=[], today=TODAY)
    again = make_start("newton SKIN ", your_name="Zoe", currency="EUR")
    assert (again, again.currency) == (practice, "USD")
    assert again.start_step == Step.TARGETS
    assert practice.staff.get().name == "Nora"


def test_a_name_of_a_practice_that_is_running_is_refused(practice):
    starts.finish(by=root_seat(practice))
    with pytest.raises(ValidationError) as refusal:
        make_start("Newton skin")
    assert refusal.value.message_dict == {
        "name": [
            "There is already a practice Newton Skin. "
            "Choose another name, for example with its town."
        ]
    }
    assert Practice.objects.count() == 1


@pytest.mark.parametrize(
    ("names", "slugs"),
    [
        (["Skin & Co", "Skin Co", "Skin, Co"], ["skin-co", "skin-co-2", "skin-co-3"]),
        (["美容", "肌"], ["practice", "practice-2"]),
        (["Ästhetik Zürich"], ["asthetik-zurich"]),
        (["x" * 120], ["x" * 40]),
    ],
)
def test_the_short_name_comes_from_the_name_and_is_nobody_elses(names, slugs):
    assert [make_start(name).slug for name in names] == slugs


def test_only_a_superuser_founds_one(practice):
    ada = make_staff(practice, "Ada", access="admin")
    with pytest.raises(PermissionDenied):
        starts.begin(by=ada.user, name="Another", now=NOW)
    assert Practice.objects.count() == 1


# Who does what


def test_answers_give_each_kpi_its_owner_from_today_on(practice):
    answer_start(practice)
    assert owners(practice) == {"leads": ("Nora", TODAY), "appointments": ("Maya", TODAY)}
    maya = practice.staff.get(name="Maya")
    assert (maya.title, maya.access, maya.user.email) == (
        "Receptionist",
        "member",
        "maya@newton.example",
    )
    assert [role.name for role in maya.roles.all()] == ["Front desk"]
    assert kpi(practice, "patients-acquired").role.name == "Doctor"
    assert step_of(practice) == Step.TARGETS


def test_the_same_answers_again_change_nothing(practice):
    answer_start(practice)
    before = [model.history.count() for model in (Staff, Ownership, KPI)]
    answers = [
        starts.Answer(kpi(practice, "leads"), practice.staff.get(name="Nora")),
        starts.Answer(
            kpi(practice, "appointments"), starts.Newcomer("May", "MAYA@newton.example ")
        ),
        starts.Answer(kpi(practice, "patients-acquired"), None, "Doctor"),
    ]
    starts.answer(by=root_seat(practice), answers=answers, today=TODAY)
    assert [model.history.count() for model in (Staff, Ownership, KPI)] == before
    assert sorted(practice.staff.values_list("name", flat=True)) == ["Maya", "Nora"]


def test_another_answer_on_the_same_day_takes_its_place(practice):
    answer_start(practice)
    answer(practice, "leads", practice.staff.get(name="Maya"))
    assert owners(practice)["leads"] == ("Maya", TODAY)
    assert Ownership.objects.filter(kpi__slug="leads").count() == 1


def test_another_answer_on_a_later_day_leaves_who_it_was(practice):
    answer_start(practice)
    answer(practice, "leads", practice.staff.get(name="Maya"), today=TOMORROW)
    told = Ownership.objects.filter(kpi__slug="leads").order_by("starts_on")
    assert list(told.values_list("staff__name", "starts_on", "ends_on")) == [
        ("Nora", TODAY, TODAY),
        ("Maya", TOMORROW, None),
    ]


@pytest.mark.parametrize("today", [TODAY, TOMORROW])
def test_no_one_yet_takes_it_from_whoever_had_it(practice, today):
    answer_start(practice)
    answer(practice, "leads", None, today=today)
    assert "leads" not in owners(practice)
    assert not Ownership.objects.on(today).filter(kpi__slug="leads").exists()


def test_a_role_that_was_deleted_comes_back_with_the_answer(practice):
    Role.objects.filter(practice=practice, name="Doctor").delete()
    answer(practice, "patients-acquired", practice.staff.get(), "Doctor")
    assert kpi(practice, "patients-acquired").role.name == "Doctor"
    assert owners(practice)["patients-acquired"] == ("Nora", TODAY)


def test_ones_own_address_is_an_admins_place():
    practice = make_start(your_name="")
    answer(practice, "leads", starts.Newcomer("Root", "ROOT@example.com"))
    assert practice.staff.get().access == Staff.Access.ADMIN


def test_one_answer_that_cannot_stand_saves_none(practice):
    viewer = make_staff(practice, "Vic", access="viewer")
    answers = [
        starts.Answer(kpi(practice, "leads"), starts.Newcomer("Tom", "tom@newton.example")),
        starts.Answer(kpi(practice, "appointments"), viewer),
    ]
    with pytest.raises(starts.AnswerRefused) as refusal:
        starts.answer(by=root_seat(practice), answers=answers, today=TODAY)
    assert refusal.value.kpi.slug == "appointments"
    assert refusal.value.why.messages == ["Vic is a viewer. Make them a member first."]
    assert not User.objects.filter(email="tom@newton.example").exists()
    assert (owners(practice), step_of(practice)) == ({}, Step.WHO)


# Targets


def test_targets_are_set_from_the_practices_first_week(practice):
    aim(practice, leads=Decimal(100), appointments=None)
    assert targets(practice) == [("leads", WEEK.next.monday, Decimal(100))]
    assert step_of(practice) == Step.SPREADSHEET


def test_later_on_targets_are_set_from_the_last_week_that_has_ended(practice):
    begin_earlier(practice)
    aim(practice, leads=Decimal(100))
    assert targets(practice) == [("leads", WEEK.monday, Decimal(100))]


def test_another_value_takes_its_place_and_none_takes_it_back(practice):
    aim(practice, leads=Decimal(100), appointments=Decimal(40))
    aim(practice, leads=Decimal(90), appointments=None)
    assert targets(practice) == [("leads", WEEK.next.monday, Decimal(90))]
    assert Target.history.filter(history_type="-").count() == 1


def test_the_same_targets_again_change_nothing(practice):
    aim(practice, leads=Decimal(100))
    aim(practice, leads=Decimal(100), today=date(2026, 12, 8))
    assert Target.history.count() == 1


def test_weeks_that_are_closed_keep_theirs(practice):
    begin_earlier(practice)
    ada = make_staff(practice, "Ada", access="admin")
    for stage in practice.kpis.all():
        make_entry(stage, 5)
    close_week(ada)
    aim(practice, leads=Decimal(100))
    assert targets(practice) == [("leads", WEEK.next.monday, Decimal(100))]


def test_a_target_of_a_closed_week_is_not_taken_back(practice):
    begin_earlier(practice)
    make_target(kpi(practice, "leads"), 100, WEEK)
    ada = make_staff(practice, "Ada", access="admin")
    close_week(ada)
    with pytest.raises(ValidationError, match="is closed"):
        aim(practice, leads=None)
    aim(practice, leads=Decimal(80))
    assert targets(practice) == [
        ("leads", WEEK.monday, Decimal(100)),
        ("leads", WEEK.next.monday, Decimal(80)),
    ]


def test_one_target_that_is_refused_sets_none(practice):
    with pytest.raises(ValidationError, match="whole number"):
        aim(practice, leads=Decimal(100), appointments=Decimal("4.5"))
    assert (targets(practice), step_of(practice)) == ([], Step.WHO)


# Going on, and the end


def test_going_on_reaches_the_step_and_going_back_does_not_lose_it(practice):
    seat = root_seat(practice)
    starts.go_on(by=seat, to=Step.SPREADSHEET)
    starts.go_on(by=seat, to=Step.TARGETS)
    answer_start(practice)
    assert step_of(practice) == Step.SPREADSHEET


def test_the_numbers_of_a_spreadsheet_move_the_first_day_back_only(practice):
    seat = root_seat(practice)
    starts.bring_numbers(by=seat, began_on=date(2024, 1, 8))
    starts.bring_numbers(by=root_seat(practice), began_on=date(2025, 1, 6))
    starts.bring_numbers(by=root_seat(practice), began_on=None)
    practice.refresh_from_db()
    assert practice.began_on == date(2024, 1, 8)
    assert practice.start_step == Step.SUMMARY


def test_a_start_that_is_finished_stays_so(practice):
    seat = root_seat(practice)
    starts.finish(by=seat)
    starts.finish(by=seat)
    answer_start(practice)
    assert step_of(practice) is None
    last = Practice.history.first()
    assert (last.start_step, last.history_user) == (None, seat.user)


@pytest.mark.parametrize("who", ["stranger", "viewer", "member", "manager"])
def test_only_an_admin_of_the_practice_goes_through_its_start(who):
    cast = make_cast()
    seat = seat_for(getattr(cast, who))
    for step in (
        lambda: starts.answer(by=seat, answers=[], today=TODAY),
        lambda: starts.aim(by=seat, values={}, today=TODAY),
        lambda: starts.go_on(by=seat, to=Step.SUMMARY),
        lambda: starts.bring_numbers(by=seat, began_on=None),
        lambda: starts.finish(by=seat),
    ):
        if who != "stranger":
            with pytest.raises(PermissionDenied):
                step()
    with pytest.raises(PermissionDenied):
        starts.answer(by=seat, answers=[starts.Answer(cast.leads, None)], today=TODAY)
    assert cast.leads.ownerships.filter(ends_on=None).exists()


def test_an_admin_of_another_practice_answers_for_no_kpi_of_this_one(practice):
    hal = make_staff(make_practice("harbor"), "Hal", access="admin")
    for person in (None, hal):
        with pytest.raises(PermissionDenied):
            starts.answer(
                by=seat_for(hal),
                answers=[starts.Answer(kpi(practice, "leads"), person)],
                today=TODAY,
            )


def test_nobody_of_another_practice_can_be_chosen(practice):
    hal = make_staff(make_practice("harbor"), "Hal", "Marketing")
    with pytest.raises((PermissionDenied, starts.AnswerRefused)):
        answer(practice, "leads", hal)
    assert owners(practice) == {}


# All at once


def whole(**changes):
    people = (
        starts.Hired(starts.Newcomer("Ana", "ana@hill.example"), "admin", ("leads",)),
        starts.Hired(
            starts.Newcomer("Dee", "dee@hill.example", "MD"), "member", ("patients-acquired",)
        ),
    )
    given = {
        "settings": {"slug": "hill", "name": "Hill", "patients_role": "Doctor"},
        "people": people,
        "targets": {"leads": Decimal(50)},
        "now": NOW,
        **changes,
    }
    return starts.found_whole(by=make_superuser(), **given)


def test_a_whole_practice_is_founded_with_people_owners_and_targets():
    practice = whole().practice
    assert owners(practice) == {"leads": ("Ana", TODAY), "patients-acquired": ("Dee", TODAY)}
    assert targets(practice) == [("leads", WEEK.next.monday, Decimal(50))]
    assert step_of(practice) is None
    assert seat_at(User.objects.get(email="ana@hill.example"), practice).is_admin


def test_a_whole_practice_may_begin_earlier():
    settings = {"slug": "hill", "name": "Hill", "began_on": date(2024, 1, 1)}
    practice = whole(settings=settings).practice
    assert practice.has_begun_by(Week.of(date(2024, 1, 1)))


def test_a_whole_practice_is_founded_or_nothing_of_it():
    viewer = starts.Hired(starts.Newcomer("Vic", "vic@hill.example"), "viewer", ("leads",))
    with pytest.raises(starts.AnswerRefused, match="Vic is a viewer"):
        whole(people=[viewer])
    assert not Practice.objects.exists()
    assert list(User.objects.all()) == [make_superuser()]


def test_settings_change_without_a_history_of_nothing(practice):
    practices.change(by=root_seat(practice), name="Newton Skin")
    assert Practice.history.filter(id=practice.pk).count() == 2
