"""What is measured: each page, what it is measured against, and the targets it should keep."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bench.databases import running_week

MOST_STATEMENTS = {
    "dashboard": 6,
    "enter": 6,
    "post": 12,
    "group": 8,
    "tv": 5,
    "scorecard": 8,
    "history": 8,
    "meeting": 12,
    "state": 4,
    "api-board": 3,
    "api-history": 3,
}
MOST_HTML_KB = 20.0
MOST_FIRST_VISIT_KB = 120.0
MOST_FIRST_VISIT_REQUESTS = 10
GROWTH = {"latency": 1.10, "cpu": 1.10}
OF_FIVE = {"latency": 2.0, "cpu": 2.0, "rate_1": 0.40, "rate_8": 0.40}
OF_FIFTEEN = {"latency": 2.5, "cpu": 2.5}
OF_JSON = {"latency": 1.5, "cpu": 1.5}


@dataclass(frozen=True, slots=True)
class Spot:
    """Someone's visit to a page of a dataset; without an `email` nobody's, who is signed out, or a
    program's with its `token`."""

    dataset: str
    path: str
    email: str
    token: str = ""

    @property
    def floor(self) -> "Spot":
        """The floor for the same person."""
        return self._floor("floor")

    @property
    def old_floor(self) -> "Spot":
        """The floor as Django loads its rows, for the same person."""
        return self._floor("old-floor")

    def _floor(self, name: str) -> "Spot":
        slug = "practice-1" if self.path == "/" else self.path.split("/")[2]
        return Spot(self.dataset, f"/bench/{name}/{slug}/", self.email)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A page and its base, the floor unless told otherwise.

    `limits` are ratios: times the base at most for latency and CPU, at least for the rates.
    `statements` is the most a request may send, None where they are not counted; an entry's POST
    `saves`, each time another value.
    """

    title: str
    page: Spot
    base: Spot
    limits: Mapping[str, float] = field(default_factory=dict)
    statements: int | None = None
    saves: bool = False


def _against_floor(title: str, page: Spot, **targets) -> Scenario:
    return Scenario(title, page, page.floor, **targets)


def _dashboard(slug: str, *, dataset: str = "thousand", query: str = "") -> Spot:
    return Spot(dataset, f"/practices/{slug}/{query}", f"frontdesk@{slug}.example")


def _api(title: str, path: str, slug: str, *, dataset: str = "thousand", **targets) -> Scenario:
    """A program's question, beside the floor of someone signed in at the same practice."""
    page = Spot(dataset, f"/api/v1/practices/{slug}/{path}", "", token=slug)
    return Scenario(title, page, _dashboard(slug, dataset=dataset).floor, **targets)


def _meeting(slug: str, page: str = "") -> Spot:
    path = f"/practices/{slug}/meeting/{running_week().previous}/{page}"
    return Spot("thousand", path, f"manager@{slug}.example")


FLOOR = _dashboard("practice-500").floor
OLD_FLOOR = _dashboard("practice-500").old_floor
SCENARIOS = {
    "floor": Scenario(
        "The floor against itself: how much this machine wavers", FLOOR, FLOOR, statements=1
    ),
    "floor-old": Scenario(
        "The floor ÷ the old floor of three querysets", FLOOR, OLD_FLOOR, statements=1
    ),
    "dashboard-5": _against_floor(
        "Dashboard, 5 KPIs",
        _dashboard("practice-500"),
        limits=OF_FIVE,
        statements=MOST_STATEMENTS["dashboard"],
    ),
    "dashboard-15": _against_floor(
        "Dashboard, 15 KPIs, 52 weeks",
        _dashboard("fifteen", query="?weeks=52"),
        limits=OF_FIFTEEN,
        statements=MOST_STATEMENTS["dashboard"],
    ),
    "dashboard-3": _against_floor(
        "Dashboard, 3 KPIs, alone with 520 weeks",
        _dashboard("practice", dataset="one"),
        statements=MOST_STATEMENTS["dashboard"],
    ),
    "enter": _against_floor(
        "Entry page, an owner's cards",
        Spot("thousand", "/practices/practice-500/enter/", "frontdesk@practice-500.example"),
        statements=MOST_STATEMENTS["enter"],
    ),
    "enter-15": _against_floor(
        "Entry page, a manager's 15 cards",
        Spot("thousand", "/practices/fifteen/enter/", "manager@fifteen.example"),
        statements=MOST_STATEMENTS["enter"],
    ),
    "post": _against_floor(
        "Entry POST, a correction",
        Spot(
            "thousand",
            f"/practices/practice-500/enter/{running_week()}/leads/",
            "marketing@practice-500.example",
        ),
        statements=MOST_STATEMENTS["post"],
        saves=True,
    ),
    "meeting": _against_floor(
        "Meeting page, a manager's, 5 KPIs",
        _meeting("practice-500"),
        statements=MOST_STATEMENTS["meeting"],
    ),
    "meeting-state": _against_floor(
        "Meeting's state, as other screens ask for it",
        _meeting("practice-500", "state/"),
        statements=MOST_STATEMENTS["state"],
    ),
    "group": _against_floor(
        "Group overview, 50 practices",
        Spot("thousand", "/", "group@bench.example"),
        statements=MOST_STATEMENTS["group"],
    ),
    "tv": Scenario(
        "Screen on the wall, 5 KPIs",
        Spot("thousand", "/tv/practice-500/", ""),
        FLOOR,
        statements=MOST_STATEMENTS["tv"],
    ),
    "scorecard-15": _against_floor(
        "Scorecard, 15 KPIs, 13 of 520 weeks",
        Spot("thousand", "/practices/fifteen/scorecard/", "frontdesk@fifteen.example"),
        statements=MOST_STATEMENTS["scorecard"],
    ),
    "scorecard-months": _against_floor(
        "Scorecard by months, 15 KPIs beside last year",
        Spot("thousand", "/practices/fifteen/scorecard/?by=month", "frontdesk@fifteen.example"),
        statements=MOST_STATEMENTS["scorecard"],
    ),
    "history-520": _against_floor(
        "One number over time, 520 weeks",
        _dashboard("practice", dataset="one", query="kpis/leads/?weeks=all"),
        statements=MOST_STATEMENTS["history"],
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
        "Growth: dashboard among 1,000 practices ÷ among 10",
        _dashboard("practice-5"),
        _dashboard("practice-5", dataset="ten"),
        limits=GROWTH,
    ),
    "growth-weeks": Scenario(
        "Growth: dashboard with 520 weeks ÷ with 52",
        _dashboard("decade"),
        _dashboard("year"),
        limits=GROWTH,
        statements=MOST_STATEMENTS["dashboard"],
    ),
}


@dataclass(frozen=True, slots=True)
class Import:
    """A workbook with so many KPIs and weeks, one number a row, and what its import may take from
    its bytes to the last row written."""

    title: str
    kpis: int
    weeks: int
    seconds: float
    megabytes: float = 300


IMPORTS = {
    "import-520": Import("Import of 520 weeks × 15 KPIs", 15, 520, seconds=3),
    "import-50000": Import("Import of 50,000 rows", 50, 1000, seconds=30),
}
# Measured once, on the dashboard with 5 KPIs: bytes do not waver.
FIRST_VISIT = "first-visit"
NAMES = (*SCENARIOS, *IMPORTS, FIRST_VISIT)
