"""Every rule of the database: what it accepts, what it refuses and in which words.

Most are constraints of the models. The rest are written in migrations, for each database in its
own way, and only these are also tested by changes of stored rows and by being dropped.
"""

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction

from funnel.models import Meeting, Place, Staff
from tests.factories import WEEK, make_practice, make_staff, make_superuser
from tests.kept import Kept
from tests.models import (
    address_rules,
    dated_rules,
    meeting_rules,
    practice_rules,
    reminder_rules,
    rules,
    webhook_rules,
)
from tests.models.catalog import drop_rule, stored_rules
from tests.models.rules import World

TABLES = (
    rules,
    address_rules,
    dated_rules,
    meeting_rules,
    reminder_rules,
    webhook_rules,
    practice_rules,
)
RULES = tuple(rule for table in TABLES for rule in table.RULES)
FREE_ID = 1_000_000

# No row can break these: the id is in them. They are what composite foreign keys point to.
KEYS_TO_POINT_TO = {
    "funnel_kpi_of_practice",
    "funnel_kpigroup_of_practice",
    "funnel_meeting_of_practice",
    "funnel_role_of_practice",
    "funnel_staff_of_practice",
}


def each_of(rules):
    ids = [f"{number}-{rule.name}" for number, rule in enumerate(rules)]
    return pytest.mark.parametrize("rule", rules, ids=ids)


each_rule = each_of(RULES)
each_of_a_migration = each_of(practice_rules.RULES)
each_change = each_of(practice_rules.CHANGES)
each_pointer = pytest.mark.parametrize(
    ("rule", "name"), [(rule, name) for rule in practice_rules.RULES for name in rule.points_to]
)


@Kept
def make_world():
    practice = make_practice("lumina")
    return World(
        practice=practice,
        kpi=practice.kpis.get(slug="appointments"),
        meeting=Meeting.objects.create(practice=practice, week=WEEK.previous.monday),
        person=make_staff(practice, "Maya", "Front desk"),
        stranger=make_staff(make_practice("harbor"), "Hal"),
        root=make_superuser(),
    )


@pytest.fixture
def world(db):
    return make_world()


def row(rule, world, changes):
    """An unsaved row of the rule's model, with the row beside it saved."""
    if rule.beside is not None and not rule.model.objects.filter(pk=FREE_ID).exists():
        insert(build(rule, world, {**rule.beside, "pk": FREE_ID}))
    return build(rule, world, changes)


def plain_row(model, world):
    """The fields of a row that breaks nothing."""
    return {key: row for table in TABLES for key, row in table.plain_rows(world).items()}[model]


def build(rule, world, changes):
    return rule.model(**resolved({**plain_row(rule.model, world), **changes}, world))


def resolved(fields, world):
    return {name: value(world) if callable(value) else value for name, value in fields.items()}


def insert(instance, *, defer=False):
    """Straight into the table: no `full_clean`, no action, no history. Foreign keys are checked at
    once unless they are deferred."""
    with transaction.atomic():
        type(instance)._default_manager.bulk_create([instance])
        if not defer:
            check_now()


def change(instance, **fields):
    """Straight in the table, as `insert`."""
    with transaction.atomic():
        type(instance)._base_manager.filter(pk=instance.pk).update(**fields)
        check_now()


def check_now():
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@each_rule
def test_a_row_that_keeps_to_it_is_stored(rule, world):
    good = row(rule, world, rule.good)
    good.full_clean()
    insert(good)
    assert rule.model.objects.filter(pk=good.pk).exists()


@each_of([rule for rule in RULES if rule.sentence])
def test_full_clean_refuses_in_words_for_people(rule, world):
    bad = row(rule, world, rule.bad)
    with pytest.raises(ValidationError) as refused:
        bad.full_clean()
    assert refused.value.messages == [rule.sentence]


@each_rule
def test_the_database_refuses_too(rule, world):
    bad = row(rule, world, rule.bad)
    check_now()
    stored = rule.model.objects.count()
    with pytest.raises(IntegrityError) as refused:
        insert(bad)
    assert names_the_constraint(str(refused.value), rule)
    assert rule.model.objects.count() == stored


def names_the_constraint(message, rule):
    # SQLite names the columns of a unique constraint and not the constraint.
    is_unnamed = connection.vendor == "sqlite" and "UNIQUE constraint failed" in message
    return rule.name in message or is_unnamed


@each_of_a_migration
def test_the_database_refuses_a_change_too(rule, world):
    stored = row(rule, world, rule.good)
    insert(stored)
    bad = {**plain_row(rule.model, world), **rule.bad}
    with pytest.raises(IntegrityError, match=rule.name):
        change(stored, **resolved(bad, world))


@each_of_a_migration
def test_nothing_else_refuses_it(rule, world):
    bad = row(rule, world, rule.bad)
    drop_rule(rule.name)
    insert(bad)
    assert rule.model.objects.filter(pk=bad.pk).exists()


def changed_row(stored, rule, world):
    """The stored row, changed and not saved."""
    changed = type(stored).objects.get(pk=stored.pk)
    for name, value in resolved(rule.change, world).items():
        setattr(changed, name, value)
    return changed


@each_change
def test_the_database_refuses_the_change(rule, world):
    stored = build(rule, world, rule.stored)
    insert(stored)
    rule.given(stored)
    check_now()
    with pytest.raises(IntegrityError, match=rule.name):
        change(stored, **resolved(rule.change, world))


@each_change
def test_other_changes_of_the_row_are_stored(rule, world):
    stored = build(rule, world, rule.stored)
    insert(stored)
    rule.given(stored)
    check_now()
    same = {name: getattr(stored, name) for name in rule.change}
    change(stored, **same, name="Another name")


@each_change
def test_without_what_was_given_the_change_is_stored(rule, world):
    stored = build(rule, world, rule.stored)
    insert(stored)
    changed = changed_row(stored, rule, world)
    changed.full_clean()
    change(stored, **resolved(rule.change, world))


@each_of([rule for rule in practice_rules.CHANGES if rule.sentence])
def test_full_clean_refuses_the_change_in_words_for_people(rule, world):
    stored = build(rule, world, rule.stored)
    insert(stored)
    rule.given(stored)
    check_now()
    changed = changed_row(stored, rule, world)
    with pytest.raises(ValidationError) as refused:
        changed.full_clean()
    assert refused.value.messages == [rule.sentence]


@each_change
def test_nothing_else_refuses_the_change(rule, world):
    stored = build(rule, world, rule.stored)
    insert(stored)
    rule.given(stored)
    check_now()
    drop_rule(rule.name)
    change(stored, **resolved(rule.change, world))


@pytest.mark.parametrize("recorded", ["leads", "appointments"])
def test_a_ratio_has_numbers_once_both_of_its_parts_have(recorded, world):
    rule = next(r for r in practice_rules.CHANGES if r.stored == rules.RATIO)
    stored = build(rule, world, rule.stored)
    insert(stored)
    practice_rules.numbers_of(recorded)(stored)
    changed = changed_row(stored, rule, world)
    changed.full_clean()
    change(stored, **resolved(rule.change, world))


@each_pointer
def test_what_a_row_points_to_does_not_move_to_another_practice(rule, name, world):
    pointing = row(rule, world, rule.good)
    target = getattr(pointing, name)
    nothing_else_points(rule, name, target)
    insert(pointing)
    with pytest.raises(IntegrityError, match=rule.name):
        change(target, **practice_rules.moved_next_door(target, world))


@each_pointer
def test_a_row_stored_before_the_one_it_points_to_is_checked_with_that(rule, name, world):
    """Foreign keys are deferred: rows may come in any order."""
    pointing = row(rule, world, rule.good)
    target = getattr(pointing, name)
    nothing_else_points(rule, name, target)
    target.pk = FREE_ID
    setattr(pointing, name, target)
    insert(pointing, defer=True)
    for field, value in practice_rules.moved_next_door(target, world).items():
        setattr(target, field, value)
    with pytest.raises(IntegrityError, match=rule.name):
        insert(target)
    # Nothing points to what is not there when the test ends.
    rule.model.objects.filter(pk=pointing.pk).delete()


def nothing_else_points(rule, name, target):
    """No row and no other rule is in the way of moving the target."""
    if isinstance(target, Staff):
        target.roles.clear()
    Place.objects.all().delete()
    others = {
        other.name
        for other in practice_rules.RULES
        if other.model is rule.model and name in other.points_to
    }
    for other in others - {rule.name}:
        drop_rule(other)


@pytest.mark.django_db
def test_every_rule_is_in_the_table():
    ours = {
        constraint.name
        for model in apps.get_app_config("funnel").get_models()
        for constraint in model._meta.constraints
    }
    of_migrations = {rule.name for rule in practice_rules.RULES + practice_rules.CHANGES}
    assert stored_rules() == of_migrations
    assert ours == {rule.name for rule in RULES} - of_migrations | KEYS_TO_POINT_TO


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


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has a type for a date")
@pytest.mark.parametrize("week", ["2026-11-16 00:00:00", "2026-W47", "", 20261116])
def test_a_week_is_a_date(world, week):
    rule = next(rule for rule in RULES if rule.name == "funnel_entry_monday")
    insert(row(rule, world, rule.good))
    with connection.cursor() as cursor, pytest.raises(IntegrityError, match=rule.name):
        cursor.execute("UPDATE funnel_weeklyentry SET week = %s", [week])
