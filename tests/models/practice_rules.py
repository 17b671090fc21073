"""The table of rules, continued: those that no constraint of a model expresses and both databases
enforce all the same. A week is a Monday, what belongs together is of one practice, a KPI has one
owner at a time, a stage is an entered count, a number does not change its meaning."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import models

from funnel.models import (
    KPI,
    ApiToken,
    Attendance,
    Baseline,
    FollowUp,
    KPIGroup,
    Lineup,
    Meeting,
    MeetingNote,
    NotBrought,
    Ownership,
    PatientValue,
    Place,
    Reminder,
    Role,
    ShortWeek,
    Staff,
    StandIn,
    Target,
    WeeklyEntry,
)
from tests.factories import BEGAN, TODAY, WEEK, make_entry
from tests.models import rules
from tests.models.dated_rules import ENDED, group
from tests.models.rules import NEXT_MONDAY, NOW, RATIO, TOTAL, Rule, leads

TUESDAY = date(2026, 11, 17)
NO_MONDAY = "2026-11-17 is not a Monday. A week starts on Monday."
StaffRole = Staff.roles.through


@dataclass(frozen=True)
class Change:
    """A change that a rule refuses to a stored row, once `given` has been done with the row.

    Otherwise as `Rule`.
    """

    name: str
    model: type[models.Model]
    sentence: str | None = None
    stored: dict[str, Any] = field(default_factory=dict)
    given: Callable[[Any], None] = lambda row: None
    change: dict[str, Any] = field(default_factory=dict)


def practice_next_door(world):
    return world.stranger.practice


def patients(world):
    return world.practice.kpis.get(slug="patients-acquired")


def stranger(world):
    return world.stranger


def kpi_next_door(world):
    return world.stranger.practice.kpis.get(slug="leads")


def role_next_door(world):
    return Role.objects.get(practice=world.stranger.practice, name="Doctor")


def group_next_door(world):
    return KPIGroup.objects.create(practice=world.stranger.practice, name="Reputation")


def meeting_next_door(world):
    return Meeting.objects.create(practice=world.stranger.practice, week=WEEK.monday)


def person(world):
    return world.person


def kpi_of(**fields):
    """Another KPI, made on demand."""

    def made(world):
        plain = rules.plain_rows(world)[KPI]
        found = {name: value(world) if callable(value) else value for name, value in fields.items()}
        return KPI.objects.get_or_create(
            slug="other", defaults={**plain, **found, "slug": "other"}
        )[0]

    return made


def numbers_of(*slugs):
    """Each of those KPIs has a number."""

    def record(kpi):
        for one in kpi.practice.kpis.filter(slug__in=slugs):
            make_entry(one, 40)

    return record


def as_stage(kpi):
    """The KPI is a stage of the funnel."""
    made = Lineup.objects.create(practice=kpi.practice, from_week=WEEK.monday, set_at=NOW)
    Place.objects.create(lineup=made, kpi=kpi, position=1, is_stage=True, role=kpi.role)


def nurse(world):
    return Role.objects.create(practice=world.practice, name="Nurse")


NO_STAGES = ({"unit": "money"}, {"direction": "lower"}, TOTAL)

RULES = (
    *(
        Rule(
            name, model, NO_MONDAY, good={**also, field: NEXT_MONDAY}, bad={**also, field: TUESDAY}
        )
        for name, model, field, also in (
            ("funnel_entry_monday", WeeklyEntry, "week", {}),
            ("funnel_target_monday", Target, "from_week", {}),
            ("funnel_meeting_monday", Meeting, "week", {}),
            ("funnel_reminder_monday", Reminder, "week", {}),
            ("funnel_baseline_monday", Baseline, "from_week", {}),
            (
                "funnel_baseline_ended_monday",
                Baseline,
                "ended_week",
                {**ENDED, "from_week": WEEK.previous.monday},
            ),
            ("funnel_lineup_monday", Lineup, "from_week", {}),
            ("funnel_patientvalue_monday", PatientValue, "from_week", {}),
            ("funnel_shortweek_monday", ShortWeek, "week", {}),
        )
    ),
    Rule(
        "funnel_entry_kpi_of_practice",
        WeeklyEntry,
        bad={"practice": practice_next_door},
        points_to=("kpi",),
    ),
    Rule(
        "funnel_entry_entered_for_of_practice",
        WeeklyEntry,
        good={"entered_for": person},
        bad={"entered_for": stranger},
        points_to=("entered_for",),
    ),
    Rule(
        "funnel_kpi_role_of_practice",
        KPI,
        good={"role": nurse},
        bad={"role": role_next_door},
        points_to=("role",),
    ),
    Rule(
        "funnel_kpi_source_of_practice",
        KPI,
        "Choose a KPI of this practice.",
        good=RATIO,
        bad={**RATIO, "source": kpi_next_door},
        points_to=("source",),
    ),
    Rule(
        "funnel_kpi_divisor_of_practice",
        KPI,
        "Choose a KPI of this practice.",
        good=RATIO,
        bad={**RATIO, "divisor": kpi_next_door},
        points_to=("divisor",),
    ),
    Rule(
        "funnel_followup_meeting_of_practice",
        FollowUp,
        bad={"meeting": meeting_next_door},
        points_to=("meeting",),
    ),
    Rule(
        "funnel_followup_kpi_of_practice",
        FollowUp,
        good={"kpi": leads},
        bad={"kpi": kpi_next_door},
        points_to=("kpi",),
    ),
    Rule(
        "funnel_followup_owner_of_practice",
        FollowUp,
        bad={"owner": stranger},
        points_to=("owner",),
    ),
    Rule(
        "funnel_apitoken_staff_of_practice",
        ApiToken,
        bad={"staff": stranger},
        points_to=("staff",),
    ),
    Rule(
        "funnel_attendance_of_practice",
        Attendance,
        bad={"staff": stranger},
        points_to=("meeting", "staff"),
    ),
    Rule(
        "funnel_meetingnote_of_practice",
        MeetingNote,
        good={"kpi": leads},
        bad={"kpi": kpi_next_door},
        points_to=("meeting", "kpi"),
    ),
    Rule(
        "funnel_notbrought_of_practice",
        NotBrought,
        bad={"kpi": kpi_next_door},
        points_to=("meeting", "kpi"),
    ),
    Rule(
        "funnel_ownership_of_practice",
        Ownership,
        bad={"staff": stranger},
        points_to=("kpi", "staff"),
    ),
    Rule(
        "funnel_standin_of_practice",
        StandIn,
        bad={"staff": stranger},
        points_to=("kpi", "staff"),
    ),
    Rule(
        "funnel_staff_roles_of_practice",
        StaffRole,
        bad={"role": role_next_door},
        points_to=("staff", "role"),
    ),
    Rule(
        "funnel_place_kpi_of_practice",
        Place,
        bad={"kpi": kpi_next_door},
        points_to=("lineup", "kpi"),
    ),
    Rule(
        "funnel_place_group_of_practice",
        Place,
        good={"group": group},
        bad={"group": group_next_door},
        points_to=("lineup", "group"),
    ),
    Rule(
        "funnel_place_role_of_practice",
        Place,
        good={"role": nurse},
        bad={"role": role_next_door},
        points_to=("lineup", "role"),
    ),
    *(
        Rule(
            "funnel_place_stage_counts",
            Place,
            good={"kpi": kpi_of(**fields)},
            bad={"kpi": kpi_of(**fields), "is_stage": True},
        )
        for fields in NO_STAGES
    ),
    *(
        Rule(
            "funnel_ownership_no_overlap",
            Ownership,
            beside={"starts_on": TODAY, "ends_on": date(2026, 11, 30)},
            good=good,
            bad={"starts_on": first, "ends_on": last},
        )
        for good, (first, last) in (
            # It ends on the first day of the other; it begins on the last; it is inside.
            ({"ends_on": date(2026, 11, 23)}, (BEGAN, TODAY)),
            ({"starts_on": date(2026, 12, 1)}, (date(2026, 11, 30), None)),
            ({"kpi": leads}, (date(2026, 11, 25), date(2026, 11, 26))),
        )
    ),
)


CHANGES = (
    *(
        Change("funnel_kpi_stage_counts", KPI, given=as_stage, change=change)
        for change in NO_STAGES
    ),
    *(
        Change(
            "funnel_kpi_fixed_once_recorded",
            KPI,
            "Attended has numbers, which would change their meaning. Archive it and add another "
            "KPI.",
            stored=stored,
            given=given,
            change=change,
        )
        for stored, given, changes in (
            ({}, numbers_of("attended"), ({"unit": "money"}, {"direction": "lower"}, TOTAL)),
            (
                RATIO,
                numbers_of("leads", "appointments"),
                (
                    {"unit": "decimal"},
                    {"direction": "lower"},
                    {"source": patients},
                    {"divisor": patients},
                    {"calculation": "entered", "source": None, "divisor": None},
                ),
            ),
            (TOTAL, numbers_of("leads"), ({"unit": "money"}, {"source": patients}, {"window": 8})),
        )
        for change in changes
    ),
)


def plain_rows(world):
    """By model, the fields of a row that breaks nothing."""
    return {
        StaffRole: {"staff": world.person, "role": nurse},
    }


def moved_next_door(row, world):
    """What changes of a row that moves to the other practice, with all that it points to itself."""
    changes = {"practice": practice_next_door(world)}
    if isinstance(row, KPI):
        archived = {"archived_at": NOW, "archived_by": world.root}
        return {**changes, **archived, "role": role_next_door(world), "slug": "moved"}
    if isinstance(row, Role):
        return {**changes, "name": "Moved"}
    return changes
