"""Delete unconfirmed addresses."""

from django.db import migrations
from django.db.models import F
from django.db.models.functions import Lower


def forget(apps, schema_editor):
    rows = apps.get_model("account", "EmailAddress").objects.annotate(small=Lower("email"))
    rows.exclude(small=F("user__email")).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("kpi_practice", "0001_cache_table"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("funnel", "0001_initial"),
    ]
    operations = [migrations.RunPython(forget, migrations.RunPython.noop)]
