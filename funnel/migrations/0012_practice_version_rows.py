"""A version for every practice there is, so that no write has to insert one: the insert checks the
practice's row at the commit, after the version is locked."""

from django.db import migrations


def add_rows(apps, schema_editor):
    """Version 0 for each practice without one."""
    Practice = apps.get_model("funnel", "Practice")
    PracticeVersion = apps.get_model("funnel", "PracticeVersion")
    without = Practice.objects.filter(version=None).values_list("pk", flat=True)
    PracticeVersion.objects.bulk_create(PracticeVersion(practice_id=pk) for pk in without)


def keep_rows(apps, schema_editor):
    """Nothing: the rows go with their table."""


class Migration(migrations.Migration):
    dependencies = [("funnel", "0011_practice_version")]

    operations = [migrations.RunPython(add_rows, keep_rows)]
