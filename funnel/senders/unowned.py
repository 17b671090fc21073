from collections.abc import Mapping
from datetime import datetime
from typing import Any

from funnel.domain.weeks import local_today
from funnel.models import Message
from funnel.outbox.mail import Letter
from funnel.senders.letters import render_text
from funnel.senders.links import link


def write(message: Message, body: Mapping[str, Any], now: datetime) -> Letter | None:
    """As of now; None without such KPIs or for former admins. One query."""
    reader = message.staff
    if reader is None or not reader.is_seated or reader.access != reader.Access.ADMIN:
        return None
    practice = reader.practice
    today = local_today(now, practice.time_zone)
    assigned = practice.current_kpis(today).in_order().assigned(today)
    names = [(one.kpi.name, one.kpi.role.name) for one in assigned if one.owner is None]
    if not names:
        return None
    return render_text(
        "unowned",
        practice=practice.name,
        kpis=names,
        link=link("responsibilities", practice.slug),
    )
