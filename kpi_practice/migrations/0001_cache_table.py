"""Makes the table of the shared cache, so that `migrate` alone prepares a database."""

from django.conf import settings
from django.core.management import call_command
from django.db import migrations


def create(apps, schema_editor):
    """Leaves a table that is already there alone; makes none when CACHE_URL names another cache."""
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


def drop(apps, schema_editor):
    """What is cached may be forgotten at any time."""
    cache = settings.CACHES["default"]
    if cache["BACKEND"].endswith(".DatabaseCache"):
        quoted = schema_editor.connection.ops.quote_name(cache["LOCATION"])
        schema_editor.execute(f"DROP TABLE IF EXISTS {quoted}")


class Migration(migrations.Migration):
    dependencies = []
    operations = [migrations.RunPython(create, drop)]
