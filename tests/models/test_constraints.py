"""Every constraint of the models: what it lets through, what it refuses and in which words."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction

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
from tests.factories import BEGAN, TODAY, WEEK, make_practice, make_staff, make_superuser

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
MONDAY = WEEK.monday
NEXT_MONDAY = WEEK.next.monday


@dataclass(frozen=True)
class World:
    """What a row may point to: a practice whose KPIs nobody owns, one person of it and one of
    another."""

    practice: Practice
    kpi: KPI
    person: Staff
    stranger: Staff
    root: User


@dataclass(frozen=True)
class Rule:
    """One way to break a constraint.

    `good` and `bad` are what they change of the model's plain row; `beside` is a row that is
    stored already, None where the constraint looks at one row alone.
    """

    name: str
    model: type[models.Model]
    sentence: str
    bad: dict[str, Any]
    good: dict[str, Any] = field(default_factory=dict)
    beside: dict[str, Any] | None = None


RULES = (
    Rule(
        "funnel_user_email_small",
        User,
        "Write the e-mail address in small letters.",
        bad={"email": "Maya@lumina.example"},
    ),
    Rule(
        "funnel_practice_value_not_negative",
        Practice,
        "The value of one acquired patient cannot be negative.",
        good={"value_per_patient": Decimal(0)},
        bad={"value_per_patient": Decimal("-0.01")},
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
    Rule(
        "funnel_kpi_stage_once",
        KPI,
        "Another KPI already has this place in the funnel.",
        good={"stage": 4},
        bad={"stage": 3},
    ),
    Rule(
        "funnel_kpi_stage_counts",
        KPI,
        "A stage of the funnel is a count, higher is better, and its place is 1 or later.",
        good={"stage": 4},
        bad={"stage": 0},
    ),
    Rule(
        "funnel_kpi_stage_counts",
        KPI,
        "A stage of the funnel is a count, higher is better, and its place is 1 or later.",
        good={"unit": "money"},
        bad={"stage": 4, "unit": "money"},
    ),
    Rule(
        "funnel_kpi_stage_counts",
        KPI,
        "A stage of the funnel is a count, higher is better, and its place is 1 or later.",
        good={"direction": "lower"},
        bad={"stage": 4, "direction": "lower"},
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
        "Say whether higher or lower is better.",
        good={"direction": "lower"},
        bad={"direction": "sideways"},
    ),
    Rule(
        "funnel_kpi_archived_by_someone",
        KPI,
        "An archived KPI says when and by whom.",
        good={"archived_at": NOW, "archived_by": lambda world: world.root},
        bad={"archived_at": NOW},
    ),
    Rule(
        "funnel_kpi_archived_by_someone",
        KPI,
        "An archived KPI says when and by whom.",
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
        "An ownership cannot end before it begins.",
        good={"starts_on": TODAY, "ends_on": TODAY},
        bad={"starts_on": TODAY, "ends_on": date(2026, 11, 23)},
    ),
    Rule(
        "funnel_standin_ends_after_start",
        StandIn,
        "A stand-in cannot end before it begins.",
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
        "funnel_meeting_once",
        Meeting,
        "This week already has its meeting.",
        beside={},
        good={"week": NEXT_MONDAY},
        bad={},
    ),
    Rule(
        "funnel_meeting_closed_by_someone",
        Meeting,
        "A closed meeting says when and by whom.",
        good={"closed_at": NOW, "closed_by": lambda world: world.root},
        bad={"closed_at": NOW},
    ),
    Rule(
        "funnel_meeting_closed_by_someone",
        Meeting,
        "A closed meeting says when and by whom.",
        bad={"closed_by": lambda world: world.root},
    ),
    Rule(
        "funnel_meeting_reopened_with_reason",
        Meeting,
        "A reopened meeting says when, by whom and why.",
        good={
            "reopened_at": NOW,
            "reopened_by": lambda world: world.root,
            "reopened_because": "Two leads were counted twice.",
        },
        bad={"reopened_at": NOW, "reopened_by": lambda world: world.root},
    ),
    Rule(
        "funnel_meeting_reopened_with_reason",
        Meeting,
        "A reopened meeting says when, by whom and why.",
        bad={"reopened_because": "Two leads were counted twice."},
    ),
)

# No row can break these: the id is in them. They are what composite foreign keys point to, which
# test_postgresql_rules.py shows at work.
KEYS_TO_POINT_TO = {"funnel_kpi_of_practice", "funnel_role_of_practice"}

each_rule = pytest.mark.parametrize(
    "rule", RULES, ids=[f"{number}-{rule.name}" for number, rule in enumerate(RULES)]
)


@pytest.fixture
def world(db):
    practice = make_practice("lumina")
    return World(
        practice=practice,
        kpi=practice.kpis.get(slug="appointments"),
        person=make_staff(practice, "Maya", "Front desk"),
        stranger=make_staff(make_practice("harbor"), "Hal"),
        root=make_superuser(),
    )


def plain_row(model, world):
    """The fields of a row that breaks nothing."""
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
        Meeting: {"practice": world.practice, "week": MONDAY},
    }[model]


def row(rule, world, changes):
    """An unsaved row of the rule's model, with the row that stands beside it saved."""
    if rule.beside is not None and not rule.model.objects.filter(pk=1_000_000).exists():
        insert(build(rule, world, {**rule.beside, "pk": 1_000_000}))
    return build(rule, world, changes)


def build(rule, world, changes):
    fields = {**plain_row(rule.model, world), **changes}
    return rule.model(
        **{name: value(world) if callable(value) else value for name, value in fields.items()}
    )


def insert(instance):
    """Straight into the table: no `full_clean`, no action, no history."""
    with transaction.atomic():
        type(instance)._default_manager.bulk_create([instance])


@each_rule
def test_a_row_that_keeps_to_it_is_stored(rule, world):
    good = row(rule, world, rule.good)
    good.full_clean()
    insert(good)
    assert rule.model.objects.filter(pk=good.pk).exists()


@each_rule
def test_full_clean_refuses_in_words_for_people(rule, world):
    bad = row(rule, world, rule.bad)
    with pytest.raises(ValidationError) as refused:
        bad.full_clean()
    assert refused.value.messages == [rule.sentence]


@each_rule
def test_the_database_refuses_too(rule, world):
    bad = row(rule, world, rule.bad)
    stored = rule.model.objects.count()
    with pytest.raises(IntegrityError) as refused:
        insert(bad)
    assert names_the_constraint(str(refused.value), rule)
    assert rule.model.objects.count() == stored


def names_the_constraint(message, rule):
    # SQLite names the columns of a unique constraint and not the constraint.
    is_unnamed = connection.vendor == "sqlite" and "UNIQUE constraint failed" in message
    return rule.name in message or is_unnamed


def test_every_constraint_stands_in_the_table():
    ours = {
        constraint.name
        for model in apps.get_app_config("funnel").get_models()
        for constraint in model._meta.constraints
    }
    assert ours == {rule.name for rule in RULES} | KEYS_TO_POINT_TO


@pytest.mark.django_db
def test_every_constraint_is_in_the_database():
    """SQLite silently leaves out what it does not know, such as a unique constraint that
    includes further columns."""
    with connection.cursor() as cursor:
        for model in apps.get_app_config("funnel").get_models():
            stored = connection.introspection.get_constraints(cursor, model._meta.db_table)
            for constraint in model._meta.constraints:
                assert constraint.name in stored
                is_unique = isinstance(constraint, models.UniqueConstraint)
                assert stored[constraint.name]["unique" if is_unique else "check"]


@pytest.mark.parametrize(
    ("model", "name"),
    [(WeeklyEntry, "week"), (Target, "from_week"), (Meeting, "week")],
    ids=["entry", "target", "meeting"],
)
def test_a_week_is_a_monday(model, name, world):
    tuesday = model(**{**plain_row(model, world), name: date(2026, 11, 17)})
    with pytest.raises(ValidationError) as refused:
        tuesday.full_clean()
    assert refused.value.message_dict == {
        name: ["2026-11-17 is no Monday. A week begins on Monday."]
    }
