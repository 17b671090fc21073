"""Add keys and states to messages; queue recaps not mailed yet."""

import json
from datetime import timedelta

from django.db import migrations
from django.db.models import F, Value
from django.db.models.functions import Cast, Concat
from django.db.models import CharField
from django.utils import timezone

AGE = timedelta(days=7)
BATCH = 500


def fill(apps, schema_editor):
    Message = apps.get_model("funnel", "Message")
    Message.objects.update(
        key=Concat(
            Value("webhook:"), Cast("webhook_id", CharField()), Value(":"), F("key"),
            output_field=CharField(),
        )
    )
    Message.objects.update(refusals=F("attempts"))
    Message.objects.filter(delivered_at__isnull=False).update(state="delivered")
    over = Message.objects.filter(delivered_at=None, due_at=None)
    over.filter(webhook__revoked_at=None).update(state="dead")
    over.filter(webhook__revoked_at__isnull=False).update(state="cancelled")
    _queue_recaps(apps)
    _note_unowned_mails(apps)


def _queue_recaps(apps):
    """Of the last seven days."""
    Meeting, Staff = apps.get_model("funnel", "Meeting"), apps.get_model("funnel", "Staff")
    now = timezone.now()
    due = Meeting.objects.filter(recap_is_due=True, closed_at__gt=now - AGE)
    for meeting in due.order_by("closed_at"):
        readers = Staff.objects.filter(
            practice=meeting.practice_id, is_active=True, has_accepted=True, user__is_active=True,
            wants_recap=True,
        )
        _store(
            apps,
            [
                {
                    "kind": "recap", "key": f"recap:{meeting.pk}:{meeting.revision}:{pk}",
                    "staff_id": pk, "body": json.dumps({"meeting": meeting.pk}),
                    "queued_at": now, "due_at": now,
                }
                for pk in readers.values_list("pk", flat=True)
            ],
        )


def _note_unowned_mails(apps):
    """Admins mailed this week are not mailed again."""
    Practice, Staff = apps.get_model("funnel", "Practice"), apps.get_model("funnel", "Staff")
    now = timezone.now()
    for practice in Practice.objects.filter(unowned_mailed_week__gt=now.date() - AGE):
        monday = practice.unowned_mailed_week
        admins = Staff.objects.filter(practice=practice, access="admin", is_active=True)
        _store(
            apps,
            [
                {
                    "kind": "unowned", "key": f"unowned:{monday:%G-W%V}:{pk}", "staff_id": pk,
                    "queued_at": now, "due_at": None, "delivered_at": now, "state": "delivered",
                }
                for pk in admins.values_list("pk", flat=True)
            ],
        )


def _store(apps, rows):
    Message = apps.get_model("funnel", "Message")
    Message.objects.bulk_create([Message(**row) for row in rows], batch_size=BATCH)


def empty(apps, schema_editor):
    """The former release does not send waiting mails."""
    Message = apps.get_model("funnel", "Message")
    Message.objects.exclude(kind="webhook").delete()
    for message in Message.objects.iterator():
        message.key = message.key.removeprefix(f"webhook:{message.webhook_id}:")[:80]
        message.save(update_fields=["key"])


class Migration(migrations.Migration):
    dependencies = [("funnel", "0016_outbox")]

    operations = [migrations.RunPython(fill, empty)]
