"""Rules on PostgreSQL; 0007 adds them to SQLite."""

from django.db import migrations

RULES = (
    (
        "funnel_weeklyentry",
        "funnel_entry_kpi_of_practice",
        "FOREIGN KEY (practice_id, kpi_id) REFERENCES funnel_kpi (practice_id, id) "
        "DEFERRABLE INITIALLY DEFERRED",
    ),
    ("funnel_weeklyentry", "funnel_entry_monday", "CHECK (EXTRACT(ISODOW FROM week) = 1)"),
    ("funnel_target", "funnel_target_monday", "CHECK (EXTRACT(ISODOW FROM from_week) = 1)"),
    ("funnel_meeting", "funnel_meeting_monday", "CHECK (EXTRACT(ISODOW FROM week) = 1)"),
    (
        "funnel_kpi",
        "funnel_kpi_role_of_practice",
        "FOREIGN KEY (practice_id, role_id) REFERENCES funnel_role (practice_id, id) "
        "DEFERRABLE INITIALLY DEFERRED",
    ),
    (
        "funnel_ownership",
        "funnel_ownership_no_overlap",
        # GiST cannot index an integer without an extension, but it can index a range of one.
        "EXCLUDE USING gist (int8range(kpi_id, kpi_id, '[]') WITH &&, "
        "daterange(starts_on, ends_on, '[]') WITH &&)",
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
    dependencies = [("funnel", "0001_initial")]

    operations = [migrations.RunPython(add_rules, drop_rules)]
