"""Pages to measure, their bases and targets."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bench.databases import running_week

# Statements with all parts cached, and with none.
HIT_STATEMENTS = {"group": 2, "tv": 1}
# Group: session and user, memberships, practices, and two pairs of board queries. Only practices
# with the first stage as biggest leak load three years; doing so for all costs more CPU time.
MISS_STATEMENTS = {
    "dashboard": 4,
    "group": 7,
    "tv": 3,
    "scorecard": 4,
    "history": 4,
    "meeting": 10,
}
MOST_STATEMENTS = {"enter": 7, "post": 12, "state": 1, "api-board": 3, "api-history": 3}
MOST_HTML_KB = 20.0
MOST_FIRST_VISIT_KB = 120.0
MOST_FIRST_VISIT_REQUESTS = 10
GROWTH = {"latency": 1.10, "cpu": 1.10}
OF_JSON = {"latency": 1.5, "cpu": 1.5}
OLD_FLOOR, FLOOR = "the old floor", "the floor"


@dataclass(frozen=True, slots=True)
class Spot:
    """Visited by a user, a program (`token`) or anonymously."""

    dataset: str
    path: str
    email: str
    token: str = ""

    @property
    def floor(self) -> "Spot":
        return self._floor("floor")

    @property
    def old_floor(self) -> "Spot":
        return self._floor("old-floor")

    def _floor(self, name: str) -> "Spot":
        slug = "practice-1" if self.path == "/" else self.path.split("/")[2]
        return Spot(self.dataset, f"/bench/{name}/{slug}/", self.email)


@dataclass(frozen=True, slots=True)
class Scenario:
    """`limits` are ratios to the first base: maximum latency and CPU, minimum rates. `misses`
    disables the parts cache; `saves` marks a POST with changing values."""

    title: str
    page: Spot
    bases: Mapping[str, Spot]
    limits: Mapping[str, float] = field(default_factory=dict)
    statements: int | None = None
    misses: bool = False
    saves: bool = False


def _against_floors(title: str, page: Spot, most: float | None = None, **how) -> Scenario:
    bases = {OLD_FLOOR: page.old_floor, FLOOR: page.floor}
    return Scenario(title, page, bases, _at_most(most), **how)


def _hit_and_miss(
    name: str, title: str, page: Spot, miss: float, *, bases: Mapping[str, Spot] | None = None
) -> Iterator[tuple[str, Scenario]]:
    """The old floor limits the page with cached parts; `miss` times that, without."""
    bases = bases or {OLD_FLOOR: page.old_floor, FLOOR: page.floor}
    kind = name.split("-")[0]
    hits = HIT_STATEMENTS.get(kind, 1)
    yield name, Scenario(f"{title}, a hit", page, bases, _at_most(1.0), hits)
    misses = Scenario(
        f"{title}, a miss", page, bases, _at_most(miss), MISS_STATEMENTS[kind], misses=True
    )
    yield f"{name}-miss", misses


def _at_most(times: float | None) -> dict[str, float]:
    return {} if times is None else {"latency": times, "cpu": times}


def _dashboard(slug: str, *, dataset: str = "thousand", query: str = "") -> Spot:
    return Spot(dataset, f"/practices/{slug}/{query}", f"frontdesk@{slug}.example")


def _api(title: str, path: str, slug: str, *, dataset: str = "thousand", **targets) -> Scenario:
    page = Spot(dataset, f"/api/v1/practices/{slug}/{path}", "", token=slug)
    person = _dashboard(slug, dataset=dataset)
    bases = {OLD_FLOOR: person.old_floor, FLOOR: person.floor}
    return Scenario(title, page, bases, **targets)


def _meeting(slug: str, page: str = "") -> Spot:
    path = f"/practices/{slug}/meeting/{running_week().previous}/{page}"
    return Spot("thousand", path, f"manager@{slug}.example")


BARE = _dashboard("practice-500").floor
OLD_BARE = _dashboard("practice-500").old_floor
SCENARIOS = {
    "floor": Scenario(
        "The floor against itself: how much this machine wavers", BARE, {FLOOR: BARE}, statements=1
    ),
    "floor-old": Scenario(
        "The floor ÷ the old floor of three querysets", BARE, {OLD_FLOOR: OLD_BARE}, statements=1
    ),
    **dict(_hit_and_miss("dashboard-5", "Dashboard, 5 KPIs", _dashboard("practice-500"), 2.3)),
    **dict(
        _hit_and_miss(
            "dashboard-15",
            "Dashboard, 15 KPIs, 52 weeks",
            _dashboard("fifteen", query="?weeks=52"),
            3.5,
        )
    ),
    **dict(
        _hit_and_miss(
            "dashboard-3",
            "Dashboard, 3 KPIs, alone with 520 weeks",
            _dashboard("practice", dataset="one"),
            2.3,
        )
    ),
    "enter": _against_floors(
        "Entry page, an owner's card",
        Spot("thousand", "/practices/practice-500/enter/", "marketing@practice-500.example"),
        3.0,
        statements=MOST_STATEMENTS["enter"],
    ),
    "enter-15": _against_floors(
        "Entry page, a manager's 15 cards",
        Spot("thousand", "/practices/fifteen/enter/", "manager@fifteen.example"),
        6.0,
        statements=MOST_STATEMENTS["enter"],
    ),
    "post": _against_floors(
        "Entry POST, a correction",
        Spot(
            "thousand",
            f"/practices/practice-500/enter/{running_week()}/leads/",
            "marketing@practice-500.example",
        ),
        statements=MOST_STATEMENTS["post"],
        saves=True,
    ),
    **dict(
        _hit_and_miss(
            "meeting", "Meeting page, a manager's, 5 KPIs", _meeting("practice-500"), 5.44
        )
    ),
    "meeting-state": _against_floors(
        "Meeting's state, as other screens ask for it",
        _meeting("practice-500", "state/"),
        0.7,
        statements=MOST_STATEMENTS["state"],
    ),
    **dict(
        _hit_and_miss(
            "group",
            "Group overview, 50 practices",
            Spot("thousand", "/", "group@bench.example"),
            8.4,
        )
    ),
    **dict(
        _hit_and_miss(
            "tv",
            "Screen on the wall, 5 KPIs",
            Spot("thousand", "/tv/practice-500/", ""),
            2.3,
            bases={OLD_FLOOR: OLD_BARE, FLOOR: BARE},
        )
    ),
    **dict(
        _hit_and_miss(
            "scorecard-15",
            "Scorecard, 15 KPIs, 13 of 520 weeks",
            Spot("thousand", "/practices/fifteen/scorecard/", "frontdesk@fifteen.example"),
            4.64,
        )
    ),
    **dict(
        _hit_and_miss(
            "scorecard-months",
            "Scorecard by months, 15 KPIs beside last year",
            Spot("thousand", "/practices/fifteen/scorecard/?by=month", "frontdesk@fifteen.example"),
            4.64,
        )
    ),
    **dict(
        _hit_and_miss(
            "history-104",
            "One number over time, 104 of 520 weeks",
            _dashboard("practice", dataset="one", query="kpis/leads/"),
            8.0,
        )
    ),
    **dict(
        _hit_and_miss(
            "history-520",
            "One number over time, 520 weeks",
            _dashboard("practice", dataset="one", query="kpis/leads/?weeks=all"),
            8.0,
        )
    ),
    "api-board-5": _api(
        "API: the board, 5 KPIs",
        f"board/{running_week().previous}/",
        "practice-500",
        limits=OF_JSON,
        statements=MOST_STATEMENTS["api-board"],
    ),
    "api-board-15": _api(
        "API: the board, 15 KPIs",
        f"board/{running_week().previous}/",
        "fifteen",
        limits=OF_JSON,
        statements=MOST_STATEMENTS["api-board"],
    ),
    "api-history-26": _api(
        "API: one number over time, 26 of 260 weeks",
        "kpis/leads/history/",
        "practice-500",
        limits=OF_JSON,
        statements=MOST_STATEMENTS["api-history"],
    ),
    "api-history-520": _api(
        "API: one number over time, 520 weeks",
        f"kpis/leads/history/?from={running_week().plus(-519)}",
        "practice",
        dataset="one",
        limits=OF_JSON,
        statements=MOST_STATEMENTS["api-history"],
    ),
    "growth-practices": Scenario(
        "Growth: dashboard among 1,000 practices, a miss",
        _dashboard("practice-5"),
        {"among 10": _dashboard("practice-5", dataset="ten")},
        limits=GROWTH,
        misses=True,
    ),
    "growth-weeks": Scenario(
        "Growth: dashboard with 520 weeks, a miss",
        _dashboard("decade"),
        {"with 52 weeks": _dashboard("year")},
        limits=GROWTH,
        statements=MISS_STATEMENTS["dashboard"],
        misses=True,
    ),
}


@dataclass(frozen=True, slots=True)
class Import:
    """One number per row; limits apply from upload to the last row written."""

    title: str
    kpis: int
    weeks: int
    seconds: float
    megabytes: float = 300


IMPORTS = {
    "import-520": Import("Import of 520 weeks × 15 KPIs", 15, 520, seconds=3),
    "import-50000": Import("Import of 50,000 rows", 50, 1000, seconds=30),
}
# Measured once, on the dashboard with 5 KPIs: sizes do not vary.
FIRST_VISIT = "first-visit"
NAMES = (*SCENARIOS, *IMPORTS, FIRST_VISIT)
