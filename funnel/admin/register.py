"""Imports register every admin."""

from funnel.admin import (  # noqa: F401
    entries,
    follow_ups,
    groups,
    host,
    kpis,
    meetings,
    ownerships,
    practices,
    roles,
    staff,
    stand_ins,
    targets,
    users,
)
