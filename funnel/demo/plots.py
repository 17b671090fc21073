"""Data of the practices."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from random import Random

from funnel.demo.story import Funnel
from funnel.models import Practice, Staff

LEADS = "leads"
APPOINTMENTS = "appointments"
PATIENTS = "patients-acquired"
RATING = "google-rating"
SPEND = "marketing-spend"
COST = "cost-per-lead"
GROUP = "group@lumina.example"

MANAGER, ADMIN, VIEWER = Staff.Access.MANAGER, Staff.Access.ADMIN, Staff.Access.VIEWER


@dataclass(frozen=True, slots=True)
class PlannedPerson:
    """`left` is in weeks ago."""

    account: str
    name: str
    title: str
    roles: tuple[str, ...] = ()
    access: str = Staff.Access.MEMBER
    left: int | None = None


# "ago" counts weeks: 1 is the last completed week.
@dataclass(frozen=True, slots=True)
class Holds:
    """In weeks ago; None is unbounded."""

    kpi: str
    account: str
    since: int | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Cover:
    """Both weeks inclusive."""

    kpi: str
    account: str
    since: int
    until: int


@dataclass(frozen=True, slots=True)
class PlannedCorrection:
    """Entered `off` too high; with a `reason`, corrected by a manager."""

    kpi: str
    ago: int
    off: int
    note: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Plot:
    """`targets` were lower until `raised` weeks ago."""

    slug: str
    name: str
    people: tuple[PlannedPerson, ...]
    holds: tuple[Holds, ...]
    funnel: Funnel
    targets: tuple[int, int, int]
    value_per_patient: Decimal
    time_zone: str = "America/New_York"
    currency: str = "USD"
    meeting_weekday: int = Practice.Weekday.TUESDAY
    meeting_time: time = time(9)
    patients_role: str = "Patient coordinator"
    raised: int | None = None
    has_more: bool = False
    covers: tuple[Cover, ...] = ()
    corrections: tuple[PlannedCorrection, ...] = ()
    missing: frozenset[tuple[str, int]] = frozenset()
    notes: tuple[tuple[str, int, str], ...] = ()

    def address(self, account: str) -> str:
        return f"{account}@{self.slug}.example"


LUMINA = Plot(
    slug="lumina",
    name="Lumina Aesthetics",
    value_per_patient=Decimal(3200),
    people=(
        PlannedPerson("admin", "Ada", "Practice administrator", ("Management",), ADMIN),
        PlannedPerson("manager", "Ana", "Practice manager", ("Management", "Marketing"), MANAGER),
        # Titles are not roles: the office manager has the marketing role.
        PlannedPerson("marketing", "Tom", "Office manager", ("Marketing",)),
        PlannedPerson("frontdesk", "Maya", "Receptionist", ("Front desk",)),
        PlannedPerson("coordinator", "Dana", "Patient care lead", ("Patient coordinator",)),
        PlannedPerson("doctor", "Dr. Iris Wood", "Medical director", ("Doctor",)),
        PlannedPerson("viewer", "Vic", "Bookkeeper", (), VIEWER),
    ),
    holds=(
        Holds(LEADS, "manager", until=31),
        Holds(LEADS, "marketing", since=30),
        Holds(APPOINTMENTS, "frontdesk"),
        Holds(PATIENTS, "coordinator"),
        Holds(RATING, "manager"),
        Holds(SPEND, "manager"),
        Holds(COST, "manager"),
    ),
    funnel=Funnel(leads=98, rates=(0.45, 0.48), dip=1),
    targets=(100, 40, 20),
    raised=22,
    has_more=True,
    covers=(Cover(APPOINTMENTS, "coordinator", since=18, until=17),),
    corrections=(
        PlannedCorrection(APPOINTMENTS, 6, 5, "Five had been counted twice."),
        PlannedCorrection(LEADS, 11, 9, "", "Tom was away; nine were patients who came back."),
    ),
    missing=frozenset({(PATIENTS, 1), (PATIENTS, 9), (LEADS, 25)}),
    notes=(
        (APPOINTMENTS, 1, "One of the two phone lines is still down."),
        (APPOINTMENTS, 3, "Phone line down since Tuesday; calls went to voicemail."),
        (LEADS, 7, "Open house on Thursday evening."),
        (PATIENTS, 13, "Two treatment days fell out."),
        (LEADS, 27, "New campaign began."),
    ),
)

HARBOR = Plot(
    slug="harbor",
    name="Harbor Skin & Laser",
    value_per_patient=Decimal(2800),
    time_zone="America/Los_Angeles",
    meeting_weekday=Practice.Weekday.WEDNESDAY,
    meeting_time=time(8, 30),
    patients_role="Doctor",
    people=(
        PlannedPerson("admin", "Otto", "Operations", ("Management",), ADMIN),
        PlannedPerson("manager", "Mona", "Practice manager", ("Management",), MANAGER),
        PlannedPerson("marketing", "Rosa", "Marketing lead", ("Marketing",)),
        PlannedPerson("frontdesk", "Finn", "Front desk", ("Front desk",)),
        PlannedPerson("coordinator", "Cleo", "Patient coordinator", ("Patient coordinator",)),
        PlannedPerson("doctor", "Dr. Kim", "Dermatologist", ("Doctor",)),
        PlannedPerson("viewer", "Vera", "Accountant", (), VIEWER),
        PlannedPerson("nina", "Nina", "Front desk", ("Front desk",), left=7),
    ),
    holds=(
        Holds(LEADS, "marketing"),
        Holds(APPOINTMENTS, "nina", until=8),
        Holds(PATIENTS, "doctor"),
    ),
    funnel=Funnel(leads=64, rates=(0.52, 0.62), dip=2, depth=0.5),
    targets=(65, 36, 22),
    corrections=(PlannedCorrection(PATIENTS, 15, 2, "Two deposits were returned."),),
    missing=frozenset({(LEADS, 20)}),
    notes=(
        (PATIENTS, 2, "The laser is in repair until next month."),
        (LEADS, 5, "Local radio talked about us."),
    ),
)

_PLACES = (
    ("America/Chicago", "USD"),
    ("America/Toronto", "CAD"),
    ("America/Denver", "USD"),
    ("Europe/London", "GBP"),
    ("Europe/Berlin", "EUR"),
)
_FIRST = ("Cedar", "Coral", "Ivory", "Juniper", "Maple", "Opal", "Pearl", "Sage", "Willow")
_SECOND = ("Aesthetics", "Dermatology", "Laser Center", "Med Spa", "Skin Studio")
_NAMES = (
    "Alma",
    "Ben",
    "Carla",
    "Dev",
    "Ella",
    "Femi",
    "Gina",
    "Hugo",
    "Ines",
    "Jon",
    "Kira",
    "Liam",
)
_ACCOUNTS = (
    ("admin", "Administrator", ("Management",), ADMIN),
    ("manager", "Practice manager", ("Management",), MANAGER),
    ("marketing", "Marketing", ("Marketing",), Staff.Access.MEMBER),
    ("frontdesk", "Front desk", ("Front desk",), Staff.Access.MEMBER),
    ("coordinator", "Patient coordinator", ("Patient coordinator",), Staff.Access.MEMBER),
    ("doctor", "Doctor", ("Doctor",), Staff.Access.MEMBER),
    ("viewer", "Bookkeeper", (), VIEWER),
)


def plots(count: int, seed: int) -> Iterator[tuple[Plot, Random]]:
    """Each practice is independent of `count`."""
    for number in range(1, count + 1):
        slug = {1: LUMINA.slug, 2: HARBOR.slug}.get(number, f"practice-{number:02}")
        rng = Random(f"{seed} {slug}")  # noqa: S311 - made-up numbers, not secrets
        yield {1: LUMINA, 2: HARBOR}.get(number) or _further(slug, number, rng), rng


def _further(slug: str, number: int, rng: Random) -> Plot:
    zone, currency = _PLACES[number % len(_PLACES)]
    names = rng.sample(_NAMES, len(_ACCOUNTS))
    leads = rng.randint(40, 150)
    rates = (rng.uniform(0.38, 0.52), rng.uniform(0.45, 0.6))
    dip = rng.choice((None, 0, 1, 2))
    owners = ((LEADS, "marketing"), (APPOINTMENTS, "frontdesk"), (PATIENTS, "coordinator"))
    unowned = rng.choice((None, None, None, LEADS, APPOINTMENTS, PATIENTS))
    waiting = rng.choice((None, None, LEADS, APPOINTMENTS, PATIENTS))
    return Plot(
        slug=slug,
        name=f"{_FIRST[number % len(_FIRST)]} {rng.choice(_SECOND)}",
        time_zone=zone,
        currency=currency,
        value_per_patient=Decimal(rng.randrange(1800, 4200, 100)),
        people=tuple(
            PlannedPerson(account, name, title, roles, access)
            for (account, title, roles, access), name in zip(_ACCOUNTS, names, strict=True)
        ),
        holds=tuple(Holds(kpi, who) for kpi, who in owners if kpi != unowned),
        funnel=Funnel(leads=leads, rates=rates, dip=dip),
        targets=(leads, round(leads * rates[0]), round(leads * rates[0] * rates[1])),
        missing=frozenset({(waiting, 1)} if waiting else ()),
    )
