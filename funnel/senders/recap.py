from collections.abc import Mapping
from datetime import datetime
from typing import Any

from funnel.domain.weeks import Week
from funnel.models import Meeting, Message
from funnel.outbox.mail import Letter
from funnel.reports.meeting.recap import build_recap
from funnel.senders.letters import render
from funnel.senders.links import link


def write(message: Message, body: Mapping[str, Any], now: datetime) -> Letter | None:
    """None if reopened, or unwanted. Five queries."""
    reader = message.staff
    meeting = Meeting.objects.closed().filter(pk=body["meeting"]).first()
    if meeting is None or reader is None or not (reader.is_seated and reader.wants_recap):
        return None
    practice, week = reader.practice, Week(meeting.week)
    return render(
        "recap",
        practice,
        recap=build_recap(practice, week),
        link=link("recap", practice.slug, week),
        follow_ups=link("follow-ups", practice.slug),
        mails=link("mails", practice.slug),
    )
