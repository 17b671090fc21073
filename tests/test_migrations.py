"""The migrations: in step with the models, and reversible."""

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, migrations
from django.db.migrations.loader import MigrationLoader

from funnel.migrations._rules import AddRules, DropRules, SharedPractice
from funnel.models import KPI, Meeting, Practice, Role, StandIn, WeeklyEntry
from tests.factories import TODAY, make_entry, make_practice, make_staff, make_stand_in
from tests.models.catalog import stored_rules

OURS = {"funnel", "kpi_practice"}


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


@pytest.mark.django_db(transaction=True)
def test_numbers_stay_while_all_that_came_later_goes_and_comes_back():
    """In one walk, because Django takes seconds to render its models at each step of it."""
    make_entry(make_practice("lumina").kpis.get(slug="leads"), 120)
    rules = stored_rules()
    before = stored()
    assert rules
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


@pytest.mark.django_db(transaction=True)
def test_a_rule_is_not_added_over_rows_that_break_it():
    """Its triggers look at what is written from now on only."""
    rule = SharedPractice(
        "funnel_standin",
        *("kpi_id", "funnel_kpi"),
        *("staff_id", "funnel_staff"),
        "funnel_standin_of_practice",
    )
    kpi = make_practice("lumina").kpis.get(slug="leads")
    maya = make_staff(kpi.practice, "Maya")
    hal = make_staff(make_practice("harbor"), "Hal")
    make_stand_in(kpi, maya, TODAY, TODAY)
    wrong = make_stand_in(kpi, maya, TODAY, TODAY)
    rules = stored_rules()
    run(DropRules(rule))
    try:
        assert stored_rules() == rules - {rule.name}
        StandIn.objects.filter(pk=wrong.pk).update(staff=hal)
        with pytest.raises(IntegrityError) as refused:
            run(AddRules(rule))
        assert str(refused.value) == (
            "1 row(s) of funnel_standin break funnel_standin_of_practice, the first with the id "
            f"{wrong.pk}. Correct them, then migrate again."
        )
        assert stored_rules() == rules - {rule.name}
    finally:
        StandIn.objects.filter(pk=wrong.pk).update(staff=maya)
        run(AddRules(rule))
    assert stored_rules() == rules


def run(operation):
    with connection.schema_editor() as editor:
        operation.database_forwards("funnel", editor, None, None)


@pytest.mark.django_db(transaction=True)
def test_the_rules_can_be_read_as_sql(capsys):
    rules = stored_rules()
    call_command("sqlmigrate", "funnel", "0007")
    out = capsys.readouterr().out
    assert " TRIGGER funnel_standin_of_practice" in out
    assert "cannot be written as SQL" not in out.lower()
    assert stored_rules() == rules
