"""The table of constraints, continued: what holds from a week on."""

from decimal import Decimal

from funnel.models import Baseline, KPIGroup, Lineup, PatientValue, Place, ShortWeek
from tests.factories import WEEK
from tests.models.rules import MONDAY, NEXT_MONDAY, NOW, Rule, leads


def root(world):
    """The user who did it."""
    return world.root


def lineup(world):
    """One of this week, without a place."""
    return Lineup.objects.get_or_create(
        practice=world.practice, from_week=MONDAY, defaults={"set_at": NOW}
    )[0]


def group(world):
    return KPIGroup.objects.create(practice=world.practice, name="Reputation")


ENDED = {"ended_week": NEXT_MONDAY, "ended_at": NOW, "ended_by": root}

RULES = (
    Rule(
        "funnel_lineup_once",
        Lineup,
        "A lineup already starts in this week.",
        beside={},
        good={"from_week": NEXT_MONDAY},
        bad={"set_by": root},
    ),
    Rule(
        "funnel_place_kpi_once",
        Place,
        "This KPI is already in the lineup.",
        beside={},
        good={"kpi": leads, "position": 2},
        bad={"position": 2},
    ),
    Rule(
        "funnel_place_position_once",
        Place,
        "Another KPI already has this position.",
        beside={},
        good={"kpi": leads, "position": 2},
        bad={"kpi": leads},
    ),
    Rule(
        "funnel_place_stage_ungrouped",
        Place,
        "A stage of the funnel has no heading of its own.",
        good={"group": group},
        bad={"group": group, "is_stage": True},
    ),
    Rule(
        "funnel_patientvalue_once",
        PatientValue,
        "A value from this week on is already set.",
        beside={},
        good={"from_week": NEXT_MONDAY},
        bad={"value": None},
    ),
    *(
        Rule(
            "funnel_patientvalue_not_negative",
            PatientValue,
            "The value of one acquired patient cannot be negative.",
            good={"value": good},
            bad={"value": Decimal("-0.01")},
        )
        for good in (Decimal(0), None)
    ),
    Rule(
        "funnel_shortweek_once",
        ShortWeek,
        "This week is already marked as short.",
        beside={},
        good={"week": NEXT_MONDAY},
        bad={"days_open": 4},
    ),
    Rule(
        "funnel_shortweek_days",
        ShortWeek,
        "A short week has 0 to 6 days open.",
        good={"days_open": 6},
        bad={"days_open": 7},
    ),
    Rule(
        "funnel_shortweek_with_reason",
        ShortWeek,
        "Enter the reason why the week is short.",
        bad={"reason": ""},
    ),
    Rule(
        "funnel_baseline_once",
        Baseline,
        "A baseline already starts in this week.",
        beside={},
        good={"from_week": NEXT_MONDAY},
        bad={"reason": "Another reason."},
    ),
    Rule(
        "funnel_baseline_with_reason",
        Baseline,
        "Enter a reason for the new baseline.",
        bad={"reason": ""},
    ),
    *(
        Rule(
            "funnel_baseline_ended_by_someone",
            Baseline,
            "An ended baseline states from when, at what time and by whom, and ends after its "
            "start.",
            good=ENDED,
            bad={**ENDED, **change},
        )
        for change in (
            {"ended_week": None},
            {"ended_at": None},
            {"ended_by": None},
            {"ended_week": MONDAY},
            {"ended_week": WEEK.previous.monday},
        )
    ),
)


def plain_rows(world):
    """By model, the fields of a row that breaks nothing."""
    return {
        Lineup: {"practice": world.practice, "from_week": MONDAY, "set_at": NOW},
        Place: {"lineup": lineup, "kpi": world.kpi, "position": 1, "role": world.kpi.role},
        PatientValue: {
            "practice": world.practice,
            "from_week": MONDAY,
            "value": Decimal(400),
            "set_at": NOW,
        },
        ShortWeek: {
            "practice": world.practice,
            "week": MONDAY,
            "days_open": 3,
            "reason": "Thanksgiving",
            "marked_at": NOW,
            "marked_by": world.root,
        },
        Baseline: {
            "kpi": world.kpi,
            "from_week": MONDAY,
            "reason": "Two more phone lines.",
            "begun_at": NOW,
            "begun_by": world.root,
        },
    }
