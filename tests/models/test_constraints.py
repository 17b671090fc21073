"""Every constraint of the models: what it lets through, what it refuses and in which words."""

from datetime import date

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction

from funnel.models import Baseline, Meeting, Reminder, Target, WeeklyEntry
from tests.factories import WEEK, make_practice, make_staff, make_superuser
from tests.models import meeting_rules, reminder_rules, rules, webhook_rules
from tests.models.rules import World

TABLES = (rules, meeting_rules, reminder_rules, webhook_rules)
RULES = tuple(rule for table in TABLES for rule in table.RULES)


# No row can break these: the id is in them. They are what composite foreign keys point to, which
# test_postgresql_rules.py shows at work.
KEYS_TO_POINT_TO = {
    "funnel_kpi_of_practice",
    "funnel_kpigroup_of_practice",
    "funnel_meeting_of_practice",
    "funnel_role_of_practice",
    "funnel_staff_of_practice",
}

each_rule = pytest.mark.parametrize(
    "rule", RULES, ids=[f"{number}-{rule.name}" for number, rule in enumerate(RULES)]
)


@pytest.fixture
def world(db):
    practice = make_practice("lumina")
    return World(
        practice=practice,
        kpi=practice.kpis.get(slug="appointments"),
        meeting=Meeting.objects.create(practice=practice, week=WEEK.previous.monday),
        person=make_staff(practice, "Maya", "Front desk"),
        stranger=make_staff(make_practice("harbor"), "Hal"),
        root=make_superuser(),
    )


def row(rule, world, changes):
    """An unsaved row of the rule's model, with the row that stands beside it saved."""
    if rule.beside is not None and not rule.model.objects.filter(pk=1_000_000).exists():
        insert(build(rule, world, {**rule.beside, "pk": 1_000_000}))
    return build(rule, world, changes)


def plain_row(model, world):
    """The fields of a row that breaks nothing."""
    return {key: row for table in TABLES for key, row in table.plain_rows(world).items()}[model]


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
    [
        (WeeklyEntry, "week"),
        (Target, "from_week"),
        (Meeting, "week"),
        (Reminder, "week"),
        (Baseline, "from_week"),
        (Baseline, "frozen_week"),
    ],
    ids=["entry", "target", "meeting", "reminder", "baseline", "frozen"],
)
def test_a_week_is_a_monday(model, name, world):
    whole = {"mean": 40.5, "mean_range": 3.0} if name == "frozen_week" else {}
    tuesday = model(**{**plain_row(model, world), **whole, name: date(2026, 11, 17)})
    with pytest.raises(ValidationError) as refused:
        tuesday.full_clean()
    assert refused.value.message_dict == {
        name: ["2026-11-17 is no Monday. A week begins on Monday."]
    }
