"""Rules on PostgreSQL; 0007 adds them to SQLite."""

from django.db import migrations

RULES = (
    ("funnel_reminder", "funnel_reminder_monday", "CHECK (EXTRACT(ISODOW FROM week) = 1)"),
    (
        "funnel_apitoken",
        "funnel_apitoken_staff_of_practice",
        "FOREIGN KEY (practice_id, staff_id) REFERENCES funnel_staff (practice_id, id) "
        "DEFERRABLE INITIALLY DEFERRED",
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
    dependencies = [("funnel", "0005_numbers_in_and_out")]

    operations = [migrations.RunPython(add_rules, drop_rules)]
