"""What belongs to a practice and goes where it goes, kind by kind."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model, Q

from funnel.models import (
    KPI,
    AddressChange,
    ApiToken,
    Attendance,
    Baseline,
    CalendarFeed,
    FollowUp,
    Import,
    JobRun,
    KPIGroup,
    Lineup,
    Meeting,
    MeetingNote,
    Message,
    NotBrought,
    Ownership,
    PatientValue,
    Place,
    Practice,
    PracticeVersion,
    Reminder,
    Role,
    Screen,
    ShortWeek,
    Snapshot,
    Staff,
    StandIn,
    Target,
    User,
    Webhook,
    WeeklyEntry,
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of rows: what the archive calls them, where they are, and by which way to their
    practice. `later` are fields that may point to rows of the same kind, `only` which rows go. `of`
    is the model whose history they are, None where they are none."""

    name: str
    model: Any
    way: str
    later: tuple[str, ...] = ()
    of: type[Model] | None = None
    only: Q = field(default_factory=Q)


USERS = "users"
OWN = (
    Kind("practice", Practice, "pk"),
    Kind("roles", Role, "practice"),
    Kind("groups", KPIGroup, "practice"),
    Kind("staff", Staff, "practice"),
    Kind("kpis", KPI, "practice", later=KPI.CALCULATION_FIELDS),
    Kind("lineups", Lineup, "practice"),
    Kind("places", Place, "lineup__practice"),
    Kind("patient-values", PatientValue, "practice"),
    Kind("short-weeks", ShortWeek, "practice"),
    Kind("ownerships", Ownership, "kpi__practice"),
    Kind("stand-ins", StandIn, "kpi__practice"),
    Kind("targets", Target, "kpi__practice"),
    Kind("meetings", Meeting, "practice"),
    Kind("snapshots", Snapshot, "meeting__practice"),
    Kind("notes", MeetingNote, "meeting__practice"),
    Kind("attendance", Attendance, "meeting__practice"),
    Kind("not-brought", NotBrought, "meeting__practice"),
    Kind("entries", WeeklyEntry, "practice"),
    Kind("follow-ups", FollowUp, "practice"),
    Kind("baselines", Baseline, "kpi__practice"),
    # So that the new host asks nobody again for what the old one has asked for.
    Kind("reminders", Reminder, "staff__practice"),
    # A draft is gone in a day, and its file stays where it was read.
    Kind("imports", Import, "practice", only=Q(done_at__isnull=False)),
)
HISTORIES = tuple(
    Kind(
        f"{kind.name}-history",
        kind.model.history.model,
        "id" if kind.model is Practice else kind.way,
        of=kind.model,
    )
    for kind in OWN
    if hasattr(kind.model, "history")
)
# In the order in which the rows can stand: what is pointed to comes first.
KINDS = OWN + HISTORIES
NAMES = (USERS, *(kind.name for kind in KINDS))
# Kinds that came with a version of the format; an earlier archive lacks them.
SINCE = {
    name: 2
    for name in NAMES
    if name.removesuffix("-history") in {"lineups", "places", "patient-values", "short-weeks"}
}

# What stays behind, and why.
LEFT_OUT: dict[type[Model], str] = {
    User: "is exported as an address only: passwords, second factors and sessions are not",
    Screen: "its address is a secret of this host; create a new one",
    ApiToken: "it is a secret of this host; create a new one",
    CalendarFeed: "its address is a secret of this host; create a new one",
    Webhook: "its secret is this host's; two hosts would send the same messages to the same URL",
    PracticeVersion: "it counts the writes of this host",
    AddressChange: "the address of a login belongs to this host",
    Message: "this host sends its own messages",
    JobRun: "jobs are this host's",
}
# How each is called in the rows that point to it: as people call it, because ids change.
CALLED: dict[type[Model], str] = {
    User: "email",
    Role: "name",
    KPIGroup: "name",
    Staff: "user__email",
    KPI: "slug",
    Lineup: "from_week",
    Meeting: "week",
}
