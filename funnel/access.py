"""Permissions."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from operator import attrgetter
from typing import Any, NamedTuple, NoReturn, TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import F, FilteredRelation, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from funnel.models import (
    KPI,
    ApiToken,
    Assignment,
    CalendarFeed,
    Ownership,
    Practice,
    Screen,
    Staff,
    StandIn,
    User,
)

ENTERS = frozenset({Staff.Access.MEMBER, Staff.Access.MANAGER, Staff.Access.ADMIN})
MANAGES = frozenset({Staff.Access.MANAGER, Staff.Access.ADMIN})
Rows = TypeVar("Rows", bound=QuerySet[Any])
LoadEnterers = Callable[[Practice, date], Mapping[int, frozenset[str]]]


@dataclass(frozen=True, slots=True)
class Seat:
    """A user in a practice, passed to actions as `by`.

    `staff` is None only for superusers without membership; data read later is of this `version` or
    newer.
    """

    user: User
    practice: Practice
    staff: Staff | None
    version: int | None = field(default=None, compare=False)

    @property
    def name(self) -> str:
        return self.staff.name if self.staff else self.user.email

    @property
    def may_enter_own(self) -> bool:
        """All but viewers."""
        return self.user.is_superuser or (self.staff is not None and self.staff.access in ENTERS)

    @property
    def is_manager(self) -> bool:
        return self.user.is_superuser or (self.staff is not None and self.staff.access in MANAGES)

    @property
    def is_admin(self) -> bool:
        return self.user.is_superuser or (
            self.staff is not None and self.staff.access == Staff.Access.ADMIN
        )

    @property
    def known_version(self) -> int:
        """Raises ValueError if not loaded: None would never change."""
        if self.version is None:
            raise ValueError("This seat was loaded without its practice's version.")
        return self.version

    @property
    def rights(self) -> str:
        """Equal rights show equal pages, except own rows."""
        return _rights(self.user, self.staff.access if self.staff else None)

    def is_me(self, staff: Staff | None) -> bool:
        return staff is not None and self.is_staff(staff.pk)

    def is_staff(self, staff_id: int | None) -> bool:
        return staff_id is not None and self.staff is not None and staff_id == self.staff.pk

    def may_finish(self, owner_id: int) -> bool:
        return self.is_manager or (self.staff is not None and self.staff.pk == owner_id)

    def may_revoke(self, token: ApiToken) -> bool:
        return self.is_manager or (self.staff is not None and self.staff.pk == token.staff_id)

    def may_reopen(self, owner_id: int, done_by_id: int | None) -> bool:
        """Managers, and the owner who finished it."""
        return self.is_manager or (self.may_finish(owner_id) and done_by_id == self.user.pk)


@dataclass(frozen=True, slots=True)
class Membership:
    """None without practice or active staff."""

    user_id: int
    slug: str
    practice: Practice | None
    staff: Staff | None
    version: int


def _is_superuser(by: Seat | User) -> bool:
    return (by.user if isinstance(by, Seat) else by).is_superuser


def _is_anyone(by: object) -> bool:
    return True


_is_admin, _is_manager, _is_staff = map(attrgetter, ("is_admin", "is_manager", "staff"))
_enters_own, _enters = map(attrgetter, ("may_enter_own", "may_enter"))


class May(Enum):
    """Condition and refusal of each right."""

    FOUND = _is_superuser, "Only a superuser can start a practice."
    CHANGE_SLUG = _is_superuser, "Only a superuser can change the address of a practice."
    HOST = _is_superuser, "Only a superuser can see the jobs and messages of the installation."
    USE_ADMIN = _is_admin, "Only an admin of the practice."
    CHOOSE_PRACTICE = _is_admin, "Choose a practice first."
    START = _is_admin, "Only an admin of the practice can do its guided start."
    ASSIGN = _is_admin, "Only an admin of the practice can assign the owner of a KPI."
    NAME_STAND_IN = _is_admin, "Only an admin of the practice can name a stand-in."
    CHANGE_KPIS = _is_admin, "Only an admin of the practice can change its KPIs."
    PLACE_ANOTHERS = _is_admin, "KPI, group and role must belong to the practice."
    CHANGE_GROUPS = _is_admin, "Only an admin of the practice can change its groups."
    CHANGE_STAFF = _is_admin, "Only an admin of the practice can change its staff."
    CHANGE_SETTINGS = _is_admin, "Only an admin of the practice can change its settings."
    SET_PATIENT_VALUE = _is_admin, "Only an admin of the practice can set the value of a patient."
    INVITE = _is_admin, "Only an admin of the practice can invite its staff."
    SET_UP_WEBHOOKS = _is_admin, "Only an admin of the practice can manage webhooks."
    SET_UP_SCREENS = _is_manager, "Only a manager of the practice can manage screens."
    SET_TARGET = _is_manager, "Only a manager of the practice can set a target."
    SET_BASELINE = _is_manager, "Only a manager of the practice can set or end a baseline."
    MARK_SHORT = _is_manager, "Only a manager can mark a week as short."
    RUN_MEETING = _is_manager, "Only a manager can run the meeting."
    CLOSE_WEEK = _is_manager, "Only a manager can close a week."
    REOPEN_WEEK = _is_manager, "Only a manager can reopen a week."
    IMPORT = _is_manager, "Only a manager can import numbers."
    PROMISE = _is_manager, "Only a manager can add a follow-up."
    CHANGE_FOLLOW_UP = _is_manager, "Only a manager of the practice can change a follow-up."
    FINISH_FOLLOW_UP = _is_anyone, "Only its owner or a manager can mark it as done."
    REOPEN_FOLLOW_UP = (
        _is_anyone,
        "Only the person who marked it as done or a manager can reopen it.",
    )
    REVOKE_TOKEN = _is_anyone, "Only the person who created it or a manager can revoke a token."
    MAKE_TOKEN = _is_staff, "Only staff of the practice can create tokens."
    MAKE_CALENDAR = _is_staff, "Only staff of the practice can have its calendar."
    GET_MAILS = _is_staff, "Only staff of the practice can get its mails."
    JOIN = _is_anyone, "This invitation is not for you."
    ENTER_OWN = _enters_own, "You can see this practice's numbers but not enter any."
    ENTER_NUMBER = _enters, "Only its owner, a stand-in or a manager can enter this number."

    def __init__(self, is_met: Callable[[Any], object], sentence: str) -> None:
        self.is_met = is_met
        self.sentence = sentence


def require(may: May, by: Any, *, of: int | None = None, allowed: bool = True) -> None:
    """Raise PermissionDenied unless `by` may.

    `of` is the row's practice id, `allowed` its own condition.
    """
    is_own = of is None or of == by.practice.pk
    if not (allowed and is_own and may.is_met(by)):
        refuse(may)


def refuse(may: May) -> NoReturn:
    """Raise PermissionDenied; nothing else does."""
    raise PermissionDenied(may.sentence)


class Entrance(NamedTuple):
    """Cached; not `is_open` until accepted."""

    practice_id: int
    slug: str
    name: str
    is_open: bool
    time_zone: str
    version: int
    rights: str


@dataclass(frozen=True, slots=True)
class Bearer:
    token: ApiToken
    seat: Seat

    @property
    def may_write(self) -> bool:
        return self.token.may_write


@dataclass(frozen=True, slots=True)
class Standing:
    """A person's access to a KPI on a day.

    `is_mine` for owner and stand-in, unless a viewer.
    """

    seat: Seat
    kpi: KPI
    day: date
    owner: Staff | None
    is_mine: bool

    @property
    def may_enter(self) -> bool:
        return self.is_mine or self.seat.is_manager

    @property
    def needs_reason(self) -> bool:
        """A manager who is neither."""
        return self.may_enter and not self.is_mine


def has_nobody() -> bool:
    """Whether the first admin may be created. One query."""
    return not User.objects.exists()


def take_seat(user: User, slug: str, loaded: Membership | None = None) -> Seat | None:
    """None without access or practice, alike. At most one query."""
    if loaded is None or (loaded.user_id, loaded.slug) != (user.pk, slug):
        practice: Any = _with_version(_practices_with_place(user)).filter(slug=slug).first()
        if practice is None:
            return None
        return _seat(user, practice, practice.place, practice.version_number)
    if loaded.practice is None:
        return None
    return _seat(user, loaded.practice, loaded.staff, loaded.version)


def seat_at(user: User, practice: Practice) -> Seat | None:
    """As `take_seat`. One query."""
    place = Staff.objects.filter(
        practice=practice, user=user, is_active=True, has_accepted=True
    ).first()
    return _seat(user, practice, place)


def all_seats(user: User) -> list[Seat]:
    """By practice name; all practices for superusers. One query."""
    found: Any = _with_version(_practices_with_place(user))
    seats = (_seat(user, it, it.place, it.version_number) for it in found)
    return [seat for seat in seats if seat is not None]


def all_entrances(user: User) -> list[Entrance]:
    """As `all_seats` without rows, with invitations. One query."""
    if not user.is_active:
        return []
    rows: Any
    if user.is_superuser:
        rows = Practice.objects.order_by("name", "id").values_list(
            "pk", "slug", "name", Value(True), "time_zone", "version__number", Value("")
        )
    else:
        places = Staff.objects.filter(user=user, is_active=True)
        rows = places.order_by("practice__name", "practice").values_list(
            "practice",
            "practice__slug",
            "practice__name",
            "has_accepted",
            "practice__time_zone",
            "practice__version__number",
            "access",
        )
    return [
        Entrance(pk, slug, name, is_open, zone, version or 0, _rights(user, access))
        for pk, slug, name, is_open, zone, version, access in rows
    ]


def administered(user: User) -> list[int]:
    """Practice ids with admin rights. One query."""
    if not user.is_active:
        return []
    if user.is_superuser:
        return list(Practice.objects.values_list("pk", flat=True))
    places = Staff.objects.seated().admins().filter(user=user)
    return list(places.values_list("practice_id", flat=True))


def take_stand(seat: Seat, slug: str, day: date) -> Standing | None:
    """None for an unknown KPI. One query."""
    found = seat.practice.kpis.filter(slug=slug).assigned(day, staff=seat.staff)
    return standing_of(seat, found[0], day) if found else None


def all_stands(seat: Seat, day: date) -> dict[str, Standing]:
    """By slug, with archived KPIs. One query."""
    found = seat.practice.kpis.assigned(day, staff=seat.staff)
    return {one.kpi.slug: standing_of(seat, one, day) for one in found}


def load_enterers(practice: Practice, day: date) -> dict[int, frozenset[str]]:
    """Slugs owned or stood in for, by staff id. One query."""
    held = Ownership.objects.on(day).filter(kpi__practice=practice)
    stood_in = StandIn.objects.on(day).filter(kpi__practice=practice)
    rows = [found.order_by().values_list("staff_id", "kpi__slug") for found in (held, stood_in)]
    slugs: dict[int, set[str]] = defaultdict(set)
    for staff_id, slug in rows[0].union(rows[1], all=True):
        slugs[staff_id].add(slug)
    return {staff_id: frozenset(found) for staff_id, found in slugs.items()}


def load_own(
    seat: Seat,
    day: date,
    load: Callable[[Practice, date], Mapping[int, frozenset[str]]] = load_enterers,
) -> frozenset[str]:
    """One's own slugs, empty for viewers. One query; `load` may be cached."""
    if seat.staff is None or not seat.may_enter_own:
        return frozenset()
    return load(seat.practice, day).get(seat.staff.pk, frozenset())


def standing_of(seat: Seat, assignment: Assignment, day: date) -> Standing:
    """From a loaded assignment. No query."""
    is_mine = seat.is_me(assignment.owner) or assignment.stands_in
    return Standing(
        seat, assignment.kpi, day, assignment.owner, is_mine=is_mine and seat.may_enter_own
    )


def authenticate_screen(text: str, now: datetime) -> Screen | None:
    """The active screen with its practice's `version_number`. One query."""
    screens = Screen.objects.select_related("practice")
    return _with_version(screens, "practice__").find(text, now)


def authenticate_calendar(text: str, now: datetime) -> CalendarFeed | None:
    """The active calendar. One query."""
    feeds = CalendarFeed.objects.select_related("staff__practice", "staff__user")
    return feeds.find(text, now)


def authenticate_token(text: str, now: datetime) -> Bearer | None:
    """The active token's user and seat. One query."""
    tokens = ApiToken.objects.select_related("practice", "staff__user")
    token: Any = _with_version(tokens, "practice__").find(text, now)
    if token is None:
        return None
    seat = _seat(token.staff.user, token.practice, token.staff, token.version_number)
    return None if seat is None else Bearer(token, seat)


def _practices_with_place(user: User) -> QuerySet[Practice]:
    mine = Q(staff__user=user, staff__is_active=True, staff__has_accepted=True)
    practices = Practice.objects.annotate(  # type: ignore[no-redef]
        place=FilteredRelation("staff", condition=mine)
    ).select_related("place")  # type: ignore[misc]
    if not user.is_superuser:
        practices = practices.filter(place__isnull=False)  # type: ignore[misc]
    return practices.order_by("name", "id")


def _rights(user: User, access: str | None) -> str:
    return Staff.Access.ADMIN.value if user.is_superuser or access is None else str(access)


def _with_version(rows: Rows, path: str = "") -> Rows:
    """With `.version_number` of the practice."""
    versioned: Rows = rows.annotate(version_number=Coalesce(F(f"{path}version__number"), 0))
    return versioned


def _seat(
    user: User, practice: Practice, place: Staff | None, version: int | None = None
) -> Seat | None:
    if not user.is_active or (place is None and not user.is_superuser):
        return None
    return Seat(user, practice, place, version)
