"""Who may see, enter and manage: the only place that decides."""

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
    """One user at the table of one practice.

    `staff` is None only for a superuser without a place there; whoever has a seat may see the
    whole practice. Every action takes a seat as `by=`.

    `version` is the practice's as of the statement that loaded the seat, None where that did not
    ask for it. What is read afterwards is of this version or a later one.
    """

    user: User
    practice: Practice
    staff: Staff | None
    version: int | None = field(default=None, compare=False)

    @property
    def name(self) -> str:
        """What the team calls this person; a superuser without a place is their address."""
        return self.staff.name if self.staff else self.user.email

    @property
    def may_enter_own(self) -> bool:
        """Whether this person can own a number or stand in for one: everyone but viewers."""
        return self.user.is_superuser or (self.staff is not None and self.staff.access in ENTERS)

    @property
    def is_manager(self) -> bool:
        """May enter every number (with a reason), set targets, close and reopen weeks."""
        return self.user.is_superuser or (self.staff is not None and self.staff.access in MANAGES)

    @property
    def is_admin(self) -> bool:
        """May say who owns what and who is staff, in this practice's admin."""
        return self.user.is_superuser or (
            self.staff is not None and self.staff.access == Staff.Access.ADMIN
        )

    @property
    def known_version(self) -> int:
        """`version`; ValueError for a seat that was loaded without it, which would seem never to
        change."""
        if self.version is None:
            raise ValueError("This seat was loaded without its practice's version.")
        return self.version

    @property
    def rights(self) -> str:
        """What this person may do, in one word: two with the same word are shown the same but for
        what is their own."""
        return _rights(self.user, self.staff.access if self.staff else None)

    def is_me(self, staff: Staff | None) -> bool:
        """Whether that staff member is this person."""
        return staff is not None and self.is_staff(staff.pk)

    def is_staff(self, staff_id: int | None) -> bool:
        """Whether this person is the staff member of that id; never for None."""
        return staff_id is not None and self.staff is not None and staff_id == self.staff.pk

    def may_finish(self, owner_id: int) -> bool:
        """Whether this person may say that a follow-up is done: whose it is, and a manager."""
        return self.is_manager or (self.staff is not None and self.staff.pk == owner_id)

    def may_revoke(self, token: ApiToken) -> bool:
        """Whether this person may end that token of the practice: their own, and a manager any."""
        return self.is_manager or (self.staff is not None and self.staff.pk == token.staff_id)

    def may_reopen(self, owner_id: int, done_by_id: int | None) -> bool:
        """Whether this person may open one that is over again: a manager any, its owner what they
        marked as done themselves (`done_by_id` is a login, None where it was dropped)."""
        return self.is_manager or (self.may_finish(owner_id) and done_by_id == self.user.pk)


@dataclass(frozen=True, slots=True)
class Membership:
    """The rows that decide about one user's seat in the practice of a slug, loaded beforehand.

    `practice` is None where no practice has the slug, `staff` where the user is not of its active
    staff.
    """

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
    """What not everyone may do: the least that it takes, and the sentence of the refusal."""

    FOUND = _is_superuser, "Only a superuser starts a practice."
    CHANGE_SLUG = _is_superuser, "Only a superuser changes the address of a practice."
    USE_ADMIN = _is_admin, "Only an admin of the practice."
    CHOOSE_PRACTICE = _is_admin, "Choose a practice first."
    START = _is_admin, "Only an admin of the practice goes through its start."
    ASSIGN = _is_admin, "Only an admin of the practice says who owns a KPI."
    NAME_STAND_IN = _is_admin, "Only an admin of the practice names a stand-in."
    CHANGE_KPIS = _is_admin, "Only an admin of the practice changes its KPIs."
    PLACE_ANOTHERS = _is_admin, "KPI, group and role are of the practice itself."
    CHANGE_GROUPS = _is_admin, "Only an admin of the practice changes its groups."
    CHANGE_STAFF = _is_admin, "Only an admin of the practice changes its staff."
    CHANGE_SETTINGS = _is_admin, "Only an admin of the practice changes its settings."
    SET_PATIENT_VALUE = _is_admin, "Only an admin of the practice sets the value of a patient."
    INVITE = _is_admin, "Only an admin of the practice invites its staff."
    SET_UP_WEBHOOKS = _is_admin, "Only an admin of the practice sets up its webhooks."
    SET_UP_SCREENS = _is_manager, "Only a manager of the practice sets up its screens."
    SET_TARGET = _is_manager, "Only a manager of the practice sets a target."
    SET_BASELINE = _is_manager, "Only a manager of the practice sets or ends a baseline."
    MARK_SHORT = _is_manager, "Only a manager marks a week as short."
    RUN_MEETING = _is_manager, "Only a manager runs the meeting."
    CLOSE_WEEK = _is_manager, "Only a manager closes a week."
    REOPEN_WEEK = _is_manager, "Only a manager reopens a week."
    IMPORT = _is_manager, "Only a manager imports numbers."
    PROMISE = _is_manager, "Only a manager writes down what is promised."
    CHANGE_FOLLOW_UP = _is_manager, "Only a manager of the practice changes a follow-up."
    FINISH_FOLLOW_UP = _is_anyone, "Only its owner or a manager says that it is done."
    REOPEN_FOLLOW_UP = _is_anyone, "Only who marked it as done or a manager opens it again."
    REVOKE_TOKEN = _is_anyone, "Only who made it or a manager revokes a token."
    MAKE_TOKEN = _is_staff, "Only staff of the practice make tokens for themselves."
    MAKE_CALENDAR = _is_staff, "Only staff of the practice have a calendar of it."
    GET_MAILS = _is_staff, "Only staff of the practice get mails of it."
    JOIN = _is_anyone, "This place is not yours."
    ENTER_OWN = _enters_own, "You can see this practice's numbers but not enter any."
    ENTER_NUMBER = _enters, "Only its owner, a stand-in or a manager enters this number."

    def __init__(self, is_met: Callable[[Any], object], sentence: str) -> None:
        self.is_met = is_met
        self.sentence = sentence


def require(may: May, by: Any, *, of: int | None = None, allowed: bool = True) -> None:
    """Refuse a user who may not: raises PermissionDenied with the sentence.

    `by` is a seat, or a user where there is no practice yet, or for a number a standing. `of` is
    the id of the practice of the row that is written to: another practice's is refused alike.
    `allowed` is what else decides about this very row.
    """
    is_own = of is None or of == by.practice.pk
    if not (allowed and is_own and may.is_met(by)):
        refuse(may)


def refuse(may: May) -> NoReturn:
    """Raise PermissionDenied with the sentence: the one place that does."""
    raise PermissionDenied(may.sentence)


class Entrance(NamedTuple):
    """A practice that a user may enter, as far as an overview needs it whose parts are stored:
    version and rights are those of the seat. Not open: they have yet to accept their place."""

    practice_id: int
    slug: str
    name: str
    is_open: bool
    time_zone: str
    version: int
    rights: str


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whoever comes with a token: the seat of the person who made it, in its one practice."""

    token: ApiToken
    seat: Seat

    @property
    def may_write(self) -> bool:
        """Whether the token is for more than reading; what it may write, the seat decides."""
        return self.token.may_write


@dataclass(frozen=True, slots=True)
class Standing:
    """One person before one KPI on one day: whose number it is, and whether they may enter it.

    `owner` is None when no one owns it that day; `is_mine` is true for the owner and for a
    stand-in inside their dates, unless they are a viewer.
    """

    seat: Seat
    kpi: KPI
    day: date
    owner: Staff | None
    is_mine: bool

    @property
    def may_enter(self) -> bool:
        """The owner, a stand-in and a manager may."""
        return self.is_mine or self.seat.is_manager

    @property
    def needs_reason(self) -> bool:
        """A manager who enters a number that is not theirs says why."""
        return self.may_enter and not self.is_mine


def has_nobody() -> bool:
    """Whether no one can sign in yet, so that whoever comes first may make the first admin. One
    query."""
    return not User.objects.exists()


def take_seat(user: User, slug: str, loaded: Membership | None = None) -> Seat | None:
    """The user's seat in the practice of that slug; None for a stranger and for no such practice,
    which nobody can tell apart.

    No query with the `loaded` rows of this user and slug, else one.
    """
    if loaded is None or (loaded.user_id, loaded.slug) != (user.pk, slug):
        practice: Any = _with_version(_practices_with_place(user)).filter(slug=slug).first()
        if practice is None:
            return None
        return _seat(user, practice, practice.place, practice.version_number)
    if loaded.practice is None:
        return None
    return _seat(user, loaded.practice, loaded.staff, loaded.version)


def seat_at(user: User, practice: Practice) -> Seat | None:
    """As `take_seat`, for a practice already loaded. One query."""
    place = Staff.objects.filter(
        practice=practice, user=user, is_active=True, has_accepted=True
    ).first()
    return _seat(user, practice, place)


def all_seats(user: User) -> list[Seat]:
    """The user's seats by practice name; every practice for a superuser. One query."""
    found: Any = _with_version(_practices_with_place(user))
    seats = (_seat(user, it, it.place, it.version_number) for it in found)
    return [seat for seat in seats if seat is not None]


def all_entrances(user: User) -> list[Entrance]:
    """The practices of `all_seats`, in its order, without their rows, and those the user was
    invited to. One query."""
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
    """Ids of the practices whose admin this user is; every practice for a superuser. One query."""
    if not user.is_active:
        return []
    if user.is_superuser:
        return list(Practice.objects.values_list("pk", flat=True))
    places = Staff.objects.seated().admins().filter(user=user)
    return list(places.values_list("practice_id", flat=True))


def take_stand(seat: Seat, slug: str, day: date) -> Standing | None:
    """The person's standing before the practice's KPI of that slug on that day; None for no such
    KPI. One query."""
    found = seat.practice.kpis.filter(slug=slug).assigned(day, staff=seat.staff)
    return standing_of(seat, found[0], day) if found else None


def all_stands(seat: Seat, day: date) -> dict[str, Standing]:
    """The person's standing before each KPI of the practice, archived ones too, by slug. One
    query."""
    found = seat.practice.kpis.assigned(day, staff=seat.staff)
    return {one.kpi.slug: standing_of(seat, one, day) for one in found}


def load_enterers(practice: Practice, day: date) -> dict[int, frozenset[str]]:
    """The slugs of the KPIs that each of the staff owns or stands in for that day, by staff id,
    whatever their access. One query."""
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
    """The slugs of the KPIs that the person owns or stands in for that day and may enter. One
    query, none for a user who may only look; `load` has them stored."""
    if seat.staff is None or not seat.may_enter_own:
        return frozenset()
    return load(seat.practice, day).get(seat.staff.pk, frozenset())


def standing_of(seat: Seat, assignment: Assignment, day: date) -> Standing:
    """The person's standing before a KPI whose assignment of that day was loaded for them. No
    query."""
    is_mine = seat.is_me(assignment.owner) or assignment.stands_in
    return Standing(
        seat, assignment.kpi, day, assignment.owner, is_mine=is_mine and seat.may_enter_own
    )


def authenticate_screen(text: str, now: datetime) -> Screen | None:
    """The active screen of that address, with `version_number`, its practice's version. One
    query."""
    screens = Screen.objects.select_related("practice")
    return _with_version(screens, "practice__").find(text, now)


def authenticate_calendar(text: str, now: datetime) -> CalendarFeed | None:
    """The active calendar of that address. One query."""
    feeds = CalendarFeed.objects.select_related("staff__practice", "staff__user")
    return feeds.find(text, now)


def authenticate_token(text: str, now: datetime) -> Bearer | None:
    """The active token of that text, with the seat of its person. One query."""
    tokens = ApiToken.objects.select_related("practice", "staff__user")
    token: Any = _with_version(tokens, "practice__").find(text, now)
    if token is None:
        return None
    seat = _seat(token.staff.user, token.practice, token.staff, token.version_number)
    return None if seat is None else Bearer(token, seat)


def _practices_with_place(user: User) -> QuerySet[Practice]:
    """The practices the user may enter, by name, each with `.place`."""
    mine = Q(staff__user=user, staff__is_active=True, staff__has_accepted=True)
    practices = Practice.objects.annotate(  # type: ignore[no-redef]
        place=FilteredRelation("staff", condition=mine)
    ).select_related("place")  # type: ignore[misc]
    if not user.is_superuser:
        practices = practices.filter(place__isnull=False)  # type: ignore[misc]
    return practices.order_by("name", "id")


def _rights(user: User, access: str | None) -> str:
    """What `Seat.rights` is with that access, None without a place."""
    return Staff.Access.ADMIN.value if user.is_superuser or access is None else str(access)


def _with_version(rows: Rows, path: str = "") -> Rows:
    """The rows, each with `.version_number`: the version of the practice at that path."""
    return rows.annotate(version_number=Coalesce(F(f"{path}version__number"), 0))


def _seat(
    user: User, practice: Practice, place: Staff | None, version: int | None = None
) -> Seat | None:
    if not user.is_active or (place is None and not user.is_superuser):
        return None
    return Seat(user, practice, place, version)
