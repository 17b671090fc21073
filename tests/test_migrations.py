"""The migrations: in step with the models, and reversible."""

from importlib import import_module

import pytest
from django.core.management import call_command
from django.db import connection, migrations
from django.db.migrations.loader import MigrationLoader

from funnel.models import KPI, Meeting, Practice, Role, WeeklyEntry
from tests.factories import make_entry, make_practice

OURS = {"funnel", "kpi_practice"}
RULES = {
    "funnel_entry_kpi_of_practice",
    "funnel_entry_monday",
    "funnel_target_monday",
    "funnel_meeting_monday",
    "funnel_kpi_role_of_practice",
    "funnel_ownership_no_overlap",
    "funnel_followup_meeting_of_practice",
    "funnel_followup_kpi_of_practice",
    "funnel_followup_owner_of_practice",
    "funnel_entry_entered_for_of_practice",
    "funnel_kpi_group_of_practice",
    "funnel_kpi_source_of_practice",
    "funnel_kpi_divisor_of_practice",
    "funnel_baseline_monday",
    "funnel_baseline_frozen_monday",
    "funnel_reminder_monday",
    "funnel_apitoken_staff_of_practice",
}


@pytest.mark.django_db
def test_the_models_need_no_further_migration():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_step_written_by_hand_reverses():
    steps = [
        operation
        for (app, _), migration in MigrationLoader(None).disk_migrations.items()
        if app in OURS
        for operation in migration.operations
        if isinstance(operation, migrations.RunPython | migrations.RunSQL)
    ]
    assert steps
    assert all(step.reversible for step in steps)


def test_every_rule_of_postgresql_stands_here():
    """So that one whose migration loses it is missed."""
    written = {
        name
        for migration in (
            "0002_postgresql_rules",
            "0004_more_postgresql_rules",
            "0006_yet_more_postgresql_rules",
        )
        for _, name, _ in import_module(f"funnel.migrations.{migration}").RULES
    }
    assert written == RULES


@pytest.mark.django_db(transaction=True)
def test_numbers_stay_while_all_that_came_later_goes_and_comes_back():
    """In one walk, because Django takes seconds to render its models at each step of it."""
    make_entry(make_practice("lumina").kpis.get(slug="leads"), 120)
    rules = RULES if connection.vendor == "postgresql" else set()
    before = stored()
    assert stored_rules() == rules
    call_command("migrate", "funnel", "0001", verbosity=0)
    try:
        assert stored_rules() == set()
        assert "funnel_followup" not in connection.introspection.table_names()
    finally:
        call_command("migrate", "funnel", verbosity=0)
    assert stored_rules() == rules
    assert stored() == before


def stored():
    """What a practice had before it held meetings, as rows."""
    models = (Practice, Role, KPI, Meeting, WeeklyEntry)
    return [list(model.objects.order_by("pk").values()) for model in models]


def stored_rules():
    if connection.vendor != "postgresql":
        return set()
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint WHERE conname = ANY(%s)", [list(RULES)])
        return {name for (name,) in cursor.fetchall()}
