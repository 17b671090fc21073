"""A token's person is of its practice: PostgreSQL keeps it, on SQLite the action alone."""

from django.db import migrations

TABLE = "funnel_apitoken"
NAME = "funnel_apitoken_staff_of_practice"
RULE = (
    "FOREIGN KEY (practice_id, staff_id) REFERENCES funnel_staff (practice_id, id) "
    "DEFERRABLE INITIALLY DEFERRED"
)


def add_rule(apps, schema_editor):
    """Nothing on SQLite."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"ALTER TABLE {TABLE} ADD CONSTRAINT {NAME} {RULE}")


def drop_rule(apps, schema_editor):
    """Nothing on SQLite."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"ALTER TABLE {TABLE} DROP CONSTRAINT {NAME}")


class Migration(migrations.Migration):
    dependencies = [("funnel", "0005_tokens")]

    operations = [migrations.RunPython(add_rule, drop_rule)]
