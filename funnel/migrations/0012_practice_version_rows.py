"""Add versions: inserting them later would lock the practice after the version."""

from django.db import migrations


def add_rows(apps, schema_editor):
    Practice = apps.get_model("funnel", "Practice")
    PracticeVersion = apps.get_model("funnel", "PracticeVersion")
    without = Practice.objects.filter(version=None).values_list("pk", flat=True)
    PracticeVersion.objects.bulk_create(PracticeVersion(practice_id=pk) for pk in without)


def keep_rows(apps, schema_editor):
    """Dropped with the table."""


class Migration(migrations.Migration):
    dependencies = [("funnel", "0011_practice_version")]

    operations = [migrations.RunPython(add_rows, keep_rows)]
