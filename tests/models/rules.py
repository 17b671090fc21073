"""The table of rules: a row that is valid, one that is not, and the sentence people read.

Here those of the numbers and of the people; those of what is dated are in dated_rules.py, those of
the meeting in meeting_rules.py, and those that no constraint of a model expresses in
practice_rules.py.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.db import models

from funnel.models import (
    KPI,
    Meeting,
    Ownership,
    Practice,
    Role,
    Staff,
    StandIn,
    Target,
    User,
    WeeklyEntry,
)
from tests.factories import BEGAN, TODAY, WEEK, make_practice

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
MONDAY = WEEK.monday
NEXT_MONDAY = WEEK.next.monday
CALCULATED = (
    "A ratio names two KPIs, a moving total one KPI and 2 to 52 weeks, an entered number neither."
)


@dataclass(frozen=True)
class World:
    """What a row may reference: a practice with unowned KPIs, its meeting of last week, one person
    of it and one of another."""

    practice: Practice
    kpi: KPI
    meeting: Meeting
    person: Staff
    stranger: Staff
    root: User


@dataclass(frozen=True)
class Rule:
    """One way to break a rule of the database.

    `good` and `bad` are what they change of the model's plain row; `beside` is a row that is
    stored already, None where the rule is about one row alone. `sentence` is None where the
    database alone checks it; `points_to` are the fields that have to be of the row's practice.
    """

    name: str
    model: type[models.Model]
    sentence: str | None = None
    bad: dict[str, Any] = field(default_factory=dict)
    good: dict[str, Any] = field(default_factory=dict)
    beside: dict[str, Any] | None = None
    points_to: tuple[str, ...] = ()


def leads(world):
    """Another KPI of the practice."""
    return world.practice.kpis.get(slug="leads")


RATIO = {
    "unit": "money",
    "calculation": "ratio",
    "source": lambda world: world.kpi,
    "divisor": leads,
}
TOTAL = {"calculation": "total", "source": leads, "window": 4}

RULES = (
    Rule(
        "funnel_user_email_small",
        User,
        "Write the e-mail address in lowercase letters.",
        bad={"email": "Maya@lumina.example"},
    ),
    Rule(
        "funnel_practice_weekday",
        Practice,
        "Choose a day from Monday to Sunday for the meeting.",
        good={"meeting_weekday": 6},
        bad={"meeting_weekday": 7},
    ),
    Rule(
        "funnel_role_name_once",
        Role,
        "The practice already has a role of this name.",
        beside={"name": "Nurse"},
        good={"name": "Head nurse"},
        bad={"name": "NURSE"},
    ),
    Rule(
        "funnel_staff_once",
        Staff,
        "This person already has a place in this practice.",
        beside={},
        good={"practice": lambda world: make_practice("third")},
        bad={"name": "The same login again"},
    ),
    Rule(
        "funnel_staff_access_known",
        Staff,
        "Choose viewer, member, manager or admin.",
        good={"access": "admin"},
        bad={"access": "boss"},
    ),
    Rule(
        "funnel_kpi_slug_once",
        KPI,
        "The practice already has a KPI of this short name.",
        beside={"archived_at": NOW, "archived_by": lambda world: world.root},
        good={"slug": "attended-2"},
        bad={},
    ),
    Rule(
        "funnel_kpi_name_once",
        KPI,
        "The practice already has a KPI of this name.",
        beside={"name": "Attended"},
        good={"slug": "attended-2", "name": "Attended twice"},
        bad={"slug": "attended-2", "name": "ATTENDED"},
    ),
    *(
        Rule("funnel_kpi_calculation_complete", KPI, CALCULATED, good=good, bad={**good, **change})
        for good, change in [
            (RATIO, {"source": None}),
            (RATIO, {"divisor": None}),
            (RATIO, {"window": 4}),
            (TOTAL, {"source": None}),
            (TOTAL, {"divisor": lambda world: world.kpi}),
            (TOTAL, {"window": None}),
            ({**TOTAL, "window": 2}, {"window": 1}),
            ({**TOTAL, "window": 52}, {"window": 53}),
            ({}, {"source": leads}),
            ({}, {"divisor": leads}),
            ({}, {"window": 4}),
        ]
    ),
    Rule(
        "funnel_kpi_calculation_complete",
        KPI,
        "Choose whether it is entered or calculated, and how.",
        bad={"calculation": "guessed"},
    ),
    Rule(
        "funnel_kpi_ratio_unit",
        KPI,
        "A ratio is money, percent or a number with decimals.",
        good={**RATIO, "unit": "decimal"},
        bad={**RATIO, "unit": "count"},
    ),
    Rule(
        "funnel_kpi_unit_known",
        KPI,
        "Choose a unit from the list.",
        good={"unit": "percent"},
        bad={"unit": "hours"},
    ),
    Rule(
        "funnel_kpi_direction_known",
        KPI,
        "Choose whether higher or lower is better.",
        good={"direction": "lower"},
        bad={"direction": "sideways"},
    ),
    Rule(
        "funnel_kpi_archived_by_someone",
        KPI,
        "An archived KPI states when and by whom.",
        good={"archived_at": NOW, "archived_by": lambda world: world.root},
        bad={"archived_at": NOW},
    ),
    Rule(
        "funnel_kpi_archived_by_someone",
        KPI,
        "An archived KPI states when and by whom.",
        bad={"archived_by": lambda world: world.root},
    ),
    Rule(
        "funnel_ownership_one_open",
        Ownership,
        "This KPI already has an owner: one KPI, one owner.",
        beside={"starts_on": TODAY},
        good={"ends_on": date(2026, 11, 23)},
        bad={},
    ),
    Rule(
        "funnel_ownership_ends_after_start",
        Ownership,
        "An ownership cannot end before it starts.",
        good={"starts_on": TODAY, "ends_on": TODAY},
        bad={"starts_on": TODAY, "ends_on": date(2026, 11, 23)},
    ),
    Rule(
        "funnel_standin_ends_after_start",
        StandIn,
        "A stand-in cannot end before it starts.",
        good={"starts_on": TODAY, "ends_on": TODAY},
        bad={"starts_on": TODAY, "ends_on": date(2026, 11, 23)},
    ),
    Rule(
        "funnel_target_once",
        Target,
        "A target from this week on is already set.",
        beside={},
        good={"from_week": NEXT_MONDAY},
        bad={"value": Decimal(41)},
    ),
    Rule(
        "funnel_target_in_range",
        Target,
        "A target lies between 0 and 999,999,999.",
        good={"value": Decimal(0)},
        bad={"value": Decimal("-0.01")},
    ),
    Rule(
        "funnel_target_in_range",
        Target,
        "A target lies between 0 and 999,999,999.",
        good={"value": Decimal(999_999_999)},
        bad={"value": Decimal("999999999.01")},
    ),
    Rule(
        "funnel_entry_once",
        WeeklyEntry,
        "This week's number is already in.",
        beside={},
        good={"week": NEXT_MONDAY},
        bad={"value": Decimal(41)},
    ),
    Rule(
        "funnel_entry_in_range",
        WeeklyEntry,
        "A number lies between 0 and 999,999,999.",
        good={"value": Decimal(0)},
        bad={"value": Decimal("-0.01")},
    ),
    Rule(
        "funnel_entry_in_range",
        WeeklyEntry,
        "A number lies between 0 and 999,999,999.",
        good={"value": Decimal(999_999_999)},
        bad={"value": Decimal("999999999.01")},
    ),
    Rule(
        "funnel_entry_seen_if_corrected",
        WeeklyEntry,
        "Only a corrected number has an earlier one.",
        good={"is_corrected": True, "seen_value": Decimal(39)},
        bad={"seen_value": Decimal(39)},
    ),
)


def plain_rows(world):
    """By model, the fields of a row that breaks nothing."""
    of_kpi = {"kpi": world.kpi}
    return {
        User: {"email": "new@lumina.example", "password": "x"},
        Practice: {"slug": "fourth", "name": "Fourth", "began_on": BEGAN},
        Role: {"practice": world.practice, "name": "Nurse"},
        Staff: {"practice": world.practice, "user": world.stranger.user, "name": "Hal"},
        KPI: {
            "practice": world.practice,
            "name": "Attended",
            "slug": "attended",
            "definition": "First consultations that took place.",
            "role": world.kpi.role,
        },
        Ownership: {
            **of_kpi,
            "staff": world.person,
            "starts_on": BEGAN,
            "assigned_at": NOW,
            "assigned_by": world.root,
        },
        StandIn: {
            **of_kpi,
            "staff": world.person,
            "starts_on": BEGAN,
            "ends_on": TODAY,
            "named_at": NOW,
            "named_by": world.root,
        },
        Target: {
            **of_kpi,
            "from_week": MONDAY,
            "value": Decimal(40),
            "set_at": NOW,
            "set_by": world.root,
        },
        WeeklyEntry: {
            **of_kpi,
            "practice": world.practice,
            "week": MONDAY,
            "value": Decimal(40),
            "entered_at": NOW,
            "entered_by": world.root,
        },
    }
