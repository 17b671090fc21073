from django.conf import settings
from django.core.management import call_command
from django.db import migrations


def create(apps, schema_editor):
    """Not with an existing table or another CACHE_URL."""
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


def drop(apps, schema_editor):
    cache = settings.CACHES["default"]
    if cache["BACKEND"].endswith(".DatabaseCache"):
        quoted = schema_editor.connection.ops.quote_name(cache["LOCATION"])
        schema_editor.execute(f"DROP TABLE IF EXISTS {quoted}")


class Migration(migrations.Migration):
    dependencies = []
    operations = [migrations.RunPython(create, drop)]
