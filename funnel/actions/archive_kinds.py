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
class ArchiveKind:
    """A model's rows in an archive.

    `way` is the lookup of the practice, `later` are self-references.
    """

    name: str
    model: Any
    way: str
    later: tuple[str, ...] = ()
    of: type[Model] | None = None
    only: Q = field(default_factory=Q)


USERS = "users"
OWN = (
    ArchiveKind("practice", Practice, "pk"),
    ArchiveKind("roles", Role, "practice"),
    ArchiveKind("groups", KPIGroup, "practice"),
    ArchiveKind("staff", Staff, "practice"),
    ArchiveKind("kpis", KPI, "practice", later=KPI.CALCULATION_FIELDS),
    ArchiveKind("lineups", Lineup, "practice"),
    ArchiveKind("places", Place, "lineup__practice"),
    ArchiveKind("patient-values", PatientValue, "practice"),
    ArchiveKind("short-weeks", ShortWeek, "practice"),
    ArchiveKind("ownerships", Ownership, "kpi__practice"),
    ArchiveKind("stand-ins", StandIn, "kpi__practice"),
    ArchiveKind("targets", Target, "kpi__practice"),
    ArchiveKind("meetings", Meeting, "practice"),
    ArchiveKind("snapshots", Snapshot, "meeting__practice"),
    ArchiveKind("notes", MeetingNote, "meeting__practice"),
    ArchiveKind("attendance", Attendance, "meeting__practice"),
    ArchiveKind("not-brought", NotBrought, "meeting__practice"),
    ArchiveKind("entries", WeeklyEntry, "practice"),
    ArchiveKind("follow-ups", FollowUp, "practice"),
    ArchiveKind("baselines", Baseline, "kpi__practice"),
    # So that the new installation does not remind people twice.
    ArchiveKind("reminders", Reminder, "staff__practice"),
    # Drafts expire within a day and are left out.
    ArchiveKind("imports", Import, "practice", only=Q(done_at__isnull=False)),
)
HISTORIES = tuple(
    ArchiveKind(
        f"{kind.name}-history",
        kind.model.history.model,
        "id" if kind.model is Practice else kind.way,
        of=kind.model,
    )
    for kind in OWN
    if hasattr(kind.model, "history")
)
# Referenced kinds come first.
KINDS = OWN + HISTORIES
NAMES = (USERS, *(kind.name for kind in KINDS))
# Kinds that older versions of the format lack.
SINCE = {
    name: 2
    for name in NAMES
    if name.removesuffix("-history") in {"lineups", "places", "patient-values", "short-weeks"}
}

# Models that are not exported, with the reason.
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
# The column that references use, because ids change.
CALLED: dict[type[Model], str] = {
    User: "email",
    Role: "name",
    KPIGroup: "name",
    Staff: "user__email",
    KPI: "slug",
    Lineup: "from_week",
    Meeting: "week",
}
