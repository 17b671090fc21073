"""Forget the addresses that logins claimed without anybody having confirmed them."""

from django.db import migrations
from django.db.models import F


def forget(apps, schema_editor):
    """Of each login only its own address stays."""
    claimed = apps.get_model("account", "EmailAddress").objects.exclude(email__iexact=F("user__email"))
    claimed.delete()


class Migration(migrations.Migration):
    dependencies = [
        ("kpi_practice", "0001_cache_table"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("funnel", "0001_initial"),
    ]
    operations = [migrations.RunPython(forget, migrations.RunPython.noop)]
