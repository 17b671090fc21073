"""The migrations: in step with the models, and reversible."""

import pytest
from django.core.management import call_command
from django.db import connection, migrations
from django.db.migrations.loader import MigrationLoader

OURS = {"funnel", "kpi_practice"}
RULES = {
    "funnel_entry_kpi_of_practice",
    "funnel_entry_monday",
    "funnel_target_monday",
    "funnel_meeting_monday",
    "funnel_kpi_role_of_practice",
    "funnel_ownership_no_overlap",
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


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_the_rules_of_postgresql_go_and_come_back():
    assert stored_rules() == RULES
    call_command("migrate", "funnel", "0001", verbosity=0)
    try:
        assert stored_rules() == set()
    finally:
        call_command("migrate", "funnel", verbosity=0)
    assert stored_rules() == RULES


def stored_rules():
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint WHERE conname = ANY(%s)", [list(RULES)])
        return {name for (name,) in cursor.fetchall()}
