"""Rules on PostgreSQL; 0007 adds them to SQLite."""

from django.db import migrations

OF_PRACTICE = (
    "FOREIGN KEY (practice_id, {column}) REFERENCES {table} (practice_id, id) "
    "DEFERRABLE INITIALLY DEFERRED"
)
RULES = (
    (
        "funnel_followup",
        "funnel_followup_meeting_of_practice",
        OF_PRACTICE.format(column="meeting_id", table="funnel_meeting"),
    ),
    (
        "funnel_followup",
        "funnel_followup_kpi_of_practice",
        OF_PRACTICE.format(column="kpi_id", table="funnel_kpi"),
    ),
    (
        "funnel_followup",
        "funnel_followup_owner_of_practice",
        OF_PRACTICE.format(column="owner_id", table="funnel_staff"),
    ),
    (
        "funnel_weeklyentry",
        "funnel_entry_entered_for_of_practice",
        OF_PRACTICE.format(column="entered_for_id", table="funnel_staff"),
    ),
    (
        "funnel_kpi",
        "funnel_kpi_group_of_practice",
        OF_PRACTICE.format(column="group_id", table="funnel_kpigroup"),
    ),
    (
        "funnel_kpi",
        "funnel_kpi_source_of_practice",
        OF_PRACTICE.format(column="source_id", table="funnel_kpi"),
    ),
    (
        "funnel_kpi",
        "funnel_kpi_divisor_of_practice",
        OF_PRACTICE.format(column="divisor_id", table="funnel_kpi"),
    ),
    ("funnel_baseline", "funnel_baseline_monday", "CHECK (EXTRACT(ISODOW FROM from_week) = 1)"),
    (
        "funnel_baseline",
        "funnel_baseline_frozen_monday",
        "CHECK (EXTRACT(ISODOW FROM frozen_week) = 1)",
    ),
)


def add_rules(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for table, name, rule in RULES:
            schema_editor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {rule}")


def drop_rules(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for table, name, _ in reversed(RULES):
            schema_editor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")


class Migration(migrations.Migration):
    dependencies = [("funnel", "0003_weekly_meeting")]

    operations = [migrations.RunPython(add_rules, drop_rules)]
