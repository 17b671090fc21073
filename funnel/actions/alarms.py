"""Telling a practice's admins by mail of the KPIs that no one answers for."""

from collections.abc import Sequence
from datetime import date

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from funnel.domain.weeks import Week
from funnel.models import Practice


@transaction.atomic
def mail_unowned(*, practice: Practice, today: date, dry_run: bool = False) -> int:
    """Mails the practice's admins, once a week, which KPIs no one owns on that day there; returns
    how many admins are told.

    0 when every KPI has its owner, when this week's mail has gone, when another host is sending
    it, and when the practice has no admin. `dry_run` tells the same number and sends nothing.
    Raises OSError when the mail server refuses; the mail then counts as not sent. Four statements
    and the transaction's own two.
    """
    week = Week.running(today).monday
    # Locked while the mail is on its way, so that two hosts do not both send it. Entries, which
    # point to the practice, are not held up by a lock that leaves its key alone.
    locked = Practice.objects.select_for_update(no_key=True, skip_locked=True)
    fresh = locked.filter(pk=practice.pk).first()
    if fresh is None or fresh.unowned_mailed_week == week:
        return 0
    assigned = fresh.current_kpis(today).in_order().assigned(today)
    names = [(one.kpi.name, one.kpi.role.name) for one in assigned if one.owner is None]
    admins = fresh.staff.seated().admins().values_list("user__email", flat=True)
    addresses = sorted(admins) if names else []
    if addresses and not dry_run:
        _mail(fresh, names, addresses).send()
        # Not saved: that the mail went is no change of the practice, and leaves no history.
        Practice.objects.filter(pk=fresh.pk).update(unowned_mailed_week=week)
    return len(addresses)


def _mail(
    practice: Practice, names: Sequence[tuple[str, str]], addresses: Sequence[str]
) -> EmailMessage:
    said = {
        "practice": practice.name,
        "kpis": names,
        "link": settings.SITE_URL + reverse("responsibilities", args=[practice.slug]),
    }
    subject = render_to_string("mail/unowned.subject.txt", said)
    return EmailMessage(
        # A line break in a name would begin another header.
        subject=" ".join(subject.split()),
        body=render_to_string("mail/unowned.txt", said),
        to=addresses,
    )
