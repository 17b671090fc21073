"""Date structure and patient value from each practice's first week.

Delete baselines that no manager set.
"""

from datetime import timedelta

from django.db import migrations
from django.db.models import F
from django.db.models.functions import Now


def monday_of(day):
    return day - timedelta(days=day.weekday())


def date_the_structure(apps, schema_editor):
    models = {name: apps.get_model("funnel", name) for name in ("Practice", "KPI", "Lineup", "Place", "PatientValue", "Baseline")}
    now = Now()
    models["Baseline"].objects.filter(from_week=None).delete()
    for practice in models["Practice"].objects.order_by("pk"):
        first = monday_of(practice.began_on)
        lineup = models["Lineup"].objects.create(practice=practice, from_week=first, set_at=now)
        kpis = models["KPI"].objects.filter(practice=practice, archived_at=None)
        stages = kpis.filter(stage__isnull=False).order_by("stage", "id")
        others = kpis.filter(stage=None).select_related("group").order_by(
            F("group__order").asc(nulls_last=True), "group__name", "group_id", "order", "id"
        )
        models["Place"].objects.bulk_create(
            models["Place"](
                lineup=lineup,
                kpi=kpi,
                position=position,
                is_stage=kpi.stage is not None,
                group_id=None if kpi.stage is not None else kpi.group_id,
                role_id=kpi.role_id,
            )
            for position, kpi in enumerate((*stages, *others), start=1)
        )
        if practice.value_per_patient is not None:
            models["PatientValue"].objects.create(
                practice=practice, from_week=first, value=practice.value_per_patient, set_at=now
            )


def undate_the_structure(apps, schema_editor):
    """Restore the latest values; earlier ones are lost."""
    models = {name: apps.get_model("funnel", name) for name in ("Practice", "KPI", "Lineup", "Place", "PatientValue")}
    for practice in models["Practice"].objects.order_by("pk"):
        latest = models["Lineup"].objects.filter(practice_id=practice.pk).order_by("-from_week").first()
        latest_id = latest.pk if latest else 0
        places = models["Place"].objects.filter(lineup_id=latest_id).order_by("position")
        stage = 0
        for place in places:
            if place.is_stage:
                stage += 1
            models["KPI"].objects.filter(pk=place.kpi_id).update(
                stage=stage if place.is_stage else None,
                order=place.position,
                group=place.group_id,
            )
        value = models["PatientValue"].objects.filter(practice_id=practice.pk).order_by("-from_week").first()
        models["Practice"].objects.filter(pk=practice.pk).update(
            value_per_patient=value.value if value else None
        )
    for table in ("funnel_place", "funnel_lineup", "funnel_patientvalue"):
        schema_editor.execute(f"DELETE FROM {table}")


class Migration(migrations.Migration):
    dependencies = [("funnel", "0008_dated_structure")]

    operations = [migrations.RunPython(date_the_structure, undate_the_structure)]
