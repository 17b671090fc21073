"""manage.py demo: what a newcomer finds."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count, F

from funnel.access import seat_at
from funnel.domain.verdict import Verdict
from funnel.domain.weeks import Week
from funnel.management.commands.demo import ACCOUNTS, PASSWORD
from funnel.models import (
    KPI,
    Attendance,
    Baseline,
    FollowUp,
    KPIGroup,
    Lineup,
    Meeting,
    MeetingNote,
    Ownership,
    PatientValue,
    Place,
    Practice,
    PracticeVersion,
    Role,
    ShortWeek,
    Snapshot,
    Staff,
    StandIn,
    Target,
    User,
    WeeklyEntry,
)
from funnel.reports.board.board import build_board
from tests.factories import TODAY, WEEK, make_practice
from tests.kept import kept

pytestmark = pytest.mark.django_db


def demo(**options):
    out = StringIO()
    call_command("demo", stdout=out, **{"today": TODAY, "weeks": 30, **options})
    return out.getvalue()


def numbers():
    """Every number with who entered it and when."""
    return sorted(
        WeeklyEntry.objects.values_list(
            "practice__slug", "kpi__slug", "week", "value", "note", "reason", "version",
            "entered_at", "entered_by__email", "entered_for__name",
        )
    )  # fmt: skip


def everything():
    """Every row of every table of ours, with history."""
    models = (
        *(Practice, Role, Staff, User, KPI, Ownership, StandIn, Target, WeeklyEntry, Meeting),
        *(Attendance, FollowUp, MeetingNote, Snapshot),
    )
    histories = [model.history for model in models if hasattr(model, "history")]
    managers = [*(model.objects for model in models), *histories]
    return [list(manager.order_by("pk").values()) for manager in managers]


@kept
def lumina():
    demo()
    return Practice.objects.get(slug="lumina")


@pytest.fixture
def harbor(lumina):
    return Practice.objects.get(slug="harbor")


def board_of(practice):
    return build_board(practice, WEEK, today=TODAY)


def owners(practice):
    assigned = practice.kpis.assigned(TODAY)
    return {one.kpi.slug: one.owner.user.email if one.owner else None for one in assigned}


def test_everyone_signs_in_with_the_password(client, lumina):
    listed = [f"{who}@{slug}.example" for who in ACCOUNTS for slug in ("lumina", "harbor")]
    for email in (*listed, "group@lumina.example", "root@example.com"):
        assert client.login(email=email, password=PASSWORD), email
    others = User.objects.exclude(email__in=[*listed, "group@lumina.example", "root@example.com"])
    assert not any(user.check_password(PASSWORD) for user in others)


def test_accounts_have_the_access_of_their_name(lumina):
    for slug in ("lumina", "harbor"):
        practice = Practice.objects.get(slug=slug)
        for account in ACCOUNTS:
            place = Staff.objects.get(practice=practice, user__email=f"{account}@{slug}.example")
            given = account if account in {"viewer", "manager", "admin"} else "member"
            assert place.access == given
        director = User.objects.get(email="group@lumina.example")
        assert seat_at(director, practice).staff.access == Staff.Access.MANAGER
    assert User.objects.get(email="root@example.com").is_superuser


def test_at_lumina_owners_are_those_of_the_roles(lumina):
    held = owners(lumina)
    assert held["leads"] == "marketing@lumina.example"
    assert held["appointments"] == "frontdesk@lumina.example"
    assert held["patients-acquired"] == "coordinator@lumina.example"
    marketing = Staff.objects.get(user__email="marketing@lumina.example")
    assert marketing.title == "Office manager"
    assert [role.name for role in marketing.roles.all()] == ["Marketing"]


def test_nobody_owns_without_the_role(lumina):
    for one in KPI.objects.assigned(TODAY):
        assert one.owner is None or one.kpi.role in one.owner.roles.all()


def test_at_lumina_only_patients_acquired_is_missing(lumina):
    board = board_of(lumina)
    assert [line.slug for line in board.missing] == ["patients-acquired"]
    assert [stage.target for stage in board.stages] == [100, 40, 20]
    assert PatientValue.objects.in_force(lumina, WEEK.monday) == 3200


def test_at_lumina_the_leak_is_at_appointments_and_worse_than_usual(lumina):
    board = board_of(lumina)
    assert board.gap.biggest.slug == "appointments"
    verdicts = [stage.judgement.verdict for stage in board.stages[1:]]
    # Patients acquired is missing.
    assert verdicts == [Verdict.WORSE, Verdict.UNKNOWN]


def test_at_harbor_nobody_owns_appointments_and_the_manager_entered_them(harbor):
    assert owners(harbor)["appointments"] is None
    assert owners(harbor)["patients-acquired"] == "doctor@harbor.example"
    last = Ownership.objects.get(kpi__practice=harbor, kpi__slug="appointments")
    assert (last.staff.name, last.staff.is_active) == ("Nina", False)
    entry = WeeklyEntry.objects.get(practice=harbor, kpi__slug="appointments", week=WEEK.monday)
    assert entry.entered_by.email == "manager@harbor.example"
    assert entry.reason
    assert entry.history.get().history_change_reason == entry.reason


def test_at_harbor_the_week_is_complete_and_patients_leak(harbor):
    board = board_of(harbor)
    assert board.missing == ()
    assert board.gap.biggest.slug == "patients-acquired"
    verdicts = [stage.judgement.verdict for stage in board.stages[1:]]
    assert verdicts == [Verdict.USUAL, Verdict.WORSE]
    assert [(risk.slug, risk.patients > 0) for risk in board.risks] == [("appointments", True)]


def test_nothing_is_entered_for_the_running_week_or_after(lumina):
    assert not WeeklyEntry.objects.filter(week__gt=WEEK.monday).exists()


def test_entered_by_whoever_answered_on_that_day(lumina):
    handed_over = Ownership.objects.get(kpi__practice=lumina, staff__name="Tom").starts_on
    for entry in WeeklyEntry.objects.filter(practice=lumina, kpi__slug="leads", version=1):
        who = "manager" if entry.entered_at.date() < handed_over else "marketing"
        assert entry.entered_by.email == f"{who}@lumina.example"
        assert Week(entry.week).sunday < entry.entered_at.date() < TODAY
    covered = WeeklyEntry.objects.filter(practice=lumina, entered_for__name="Maya")
    assert {entry.entered_by.email for entry in covered} == {"coordinator@lumina.example"}


def test_a_past_correction_shows_old_and_new(lumina):
    entry = WeeklyEntry.objects.get(practice=lumina, kpi__slug="appointments", version=2)
    new, old = entry.history.all()
    assert (old.history_type, new.history_type) == ("+", "~")
    assert old.value == new.value + 5
    assert new.value == entry.value
    assert new.history_date > old.history_date


def test_every_number_has_its_history(lumina):
    assert WeeklyEntry.history.count() == WeeklyEntry.objects.aggregate(n=Count("pk"))["n"] + (
        WeeklyEntry.objects.filter(version=2).count()
    )
    assert not WeeklyEntry.history.filter(history_user=None).exists()
    assert not WeeklyEntry.objects.exclude(practice=F("kpi__practice")).exists()


def test_a_target_was_raised_in_the_middle(lumina):
    leads = Target.objects.filter(kpi__practice=lumina, kpi__slug="leads").order_by("from_week")
    assert [target.value for target in leads] == [90, 100]


def test_lumina_has_numbers_outside_the_funnel_in_groups(lumina):
    others = board_of(lumina).others
    assert [line.name for line in others] == ["Marketing spend", "Cost per lead", "Google rating"]
    assert {line.owner for line in others} == {"Ana"}
    assert all(line.value is not None for line in others)
    places = Place.objects.in_force(WEEK.monday).filter(lineup__practice=lumina, is_stage=False)
    grouped = places.values_list("group__name", "kpi__slug")
    assert list(grouped) == [
        ("Money", "marketing-spend"),
        ("Money", "cost-per-lead"),
        ("Reputation", "google-rating"),
    ]


def test_a_lead_costs_what_was_spent_by_the_leads(lumina):
    spend, cost, _ = board_of(lumina).others
    leads = board_of(lumina).stages[0]
    assert cost.is_calculated
    assert cost.value == round(spend.value / leads.value, 2)
    assert 50 < cost.value < 110


def test_weeks_with_a_holiday_are_marked_short_and_dated(lumina):
    marks = list(ShortWeek.objects.filter(practice=lumina).order_by("week"))
    assert [(mark.week, mark.reason) for mark in marks] == [(date(2026, 6, 29), "Independence Day")]
    assert all(mark.marked_by.email == "manager@lumina.example" for mark in marks)
    assert all(mark.marked_at.date() == mark.week for mark in marks)
    assert all(mark.history.get().history_date == mark.marked_at for mark in marks)


def test_its_structure_holds_from_its_first_week_on(lumina):
    lineup = lumina.lineups.get()
    assert (lineup.from_week, lineup.set_at.date()) == (lumina.began_on, lumina.began_on)
    value = lumina.patient_values.get()
    assert (value.from_week, value.set_at.date()) == (lumina.began_on, lumina.began_on)


def test_the_second_run_changes_nothing_and_says_so(lumina):
    before = everything()
    assert "nothing was changed" in demo()
    assert "nothing was changed" in demo(today=date(2027, 2, 2), weeks=10, seed=9)
    assert everything() == before


def test_a_larger_run_adds_only_the_further_practices(lumina):
    before = numbers()
    assert "Added 1 practice with" in demo(practices=3, weeks=6)
    after = numbers()
    assert [row for row in after if row[0] != "practice-03"] == before
    assert Practice.objects.count() == 3


def test_the_same_seed_and_day_give_the_same_numbers(lumina):
    before = numbers()
    # What a number is calculated from changes only while there is none.
    WeeklyEntry.objects.all().delete()
    KPI.objects.exclude(source=None).update(source=None, divisor=None, calculation="entered")
    for model in (
        Target,
        StandIn,
        Ownership,
        Baseline,
        Attendance,
        FollowUp,
        MeetingNote,
        Snapshot,
        Meeting,
        Place,
        Lineup,
        PatientValue,
        ShortWeek,
        KPI,
        KPIGroup,
        Staff,
        Role,
        PracticeVersion,
        Practice,
    ):
        model.objects.all().delete()
    User.objects.all().delete()
    demo()
    assert numbers() == before


@pytest.mark.parametrize("weeks", [1, 8])
def test_a_short_past_is_told_too(weeks):
    demo(weeks=weeks, practices=4)
    assert WeeklyEntry.objects.filter(kpi__slug="leads").dates("week", "day").count() == weeks
    assert Practice.objects.get(slug="lumina").began_on == WEEK.plus(1 - weeks).monday


def test_a_password_someone_changed_is_left_alone(lumina):
    director = User.objects.get(email="group@lumina.example")
    director.set_password("my own words")
    director.save()
    demo(practices=3, weeks=3)
    director.refresh_from_db()
    assert director.check_password("my own words")


def test_a_database_with_real_practices_is_left_alone():
    make_practice("lumina")
    User.objects.filter(is_superuser=True).update(email="owner@real.example")
    before = everything()
    with pytest.raises(CommandError, match="not the demo's"):
        demo()
    assert everything() == before


@pytest.mark.parametrize("options", [{"weeks": 0}, {"weeks": 1041}, {"practices": 0}])
def test_refuses_counts_that_make_no_sense(options):
    with pytest.raises(CommandError, match="Choose"):
        demo(**options)
    assert not User.objects.exists()
