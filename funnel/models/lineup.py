from datetime import date

from django.db import models
from django.db.models import OuterRef, Q, Subquery
from simple_history.models import HistoricalRecords

from funnel.models.dated import Dated
from funnel.models.group import KPIGroup
from funnel.models.kpi import KPI
from funnel.models.practice import Practice
from funnel.models.recorded import Recorded
from funnel.models.role import Role


def latest_position(kpi: str = "pk") -> Subquery:
    places = Place.objects.filter(kpi=OuterRef(kpi)).order_by("-lineup__from_week")
    return Subquery(places.values("position")[:1])


def position_then(kpi: str = "kpi", week: str = "week") -> Subquery:
    """Columns of the outer query."""
    places = Place.objects.filter(kpi=OuterRef(kpi), lineup__from_week__lte=OuterRef(week))
    return Subquery(places.order_by("-lineup__from_week").values("position")[:1])


class Lineup(Dated):
    """KPIs reviewed until the next lineup; one per practice and Monday (`funnel_lineup_once`).

    Never changed for earlier weeks.
    """

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="lineups", db_index=False)

    class Meta:
        ordering = ["practice_id", "from_week"]
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "from_week"],
                name="funnel_lineup_once",
                violation_error_message="A lineup already starts in this week.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.practice} from {self.from_week:%G-W%V}"


class PlaceQuerySet(models.QuerySet["Place"]):
    def in_force(self, monday: date) -> "PlaceQuerySet":
        lineups = Lineup.objects.filter(practice=OuterRef("lineup__practice"))
        latest = lineups.filter(from_week__lte=monday).order_by("-from_week")
        rows = self.filter(lineup=Subquery(latest.values("pk")[:1]))
        return rows.order_by("lineup__practice", "position")


class Place(Recorded):
    """A KPI in a lineup.

    KPI (`funnel_place_kpi_once`) and position (`funnel_place_position_once`) once per lineup,
    stages without group (`funnel_place_stage_ungrouped`), entered counts, higher is better; all of
    the practice.
    """

    lineup = models.ForeignKey(Lineup, models.PROTECT, related_name="places", db_index=False)
    kpi = models.ForeignKey(KPI, models.PROTECT, related_name="places")
    position = models.PositiveSmallIntegerField()
    is_stage = models.BooleanField("stage of the funnel", default=False)
    group = models.ForeignKey(
        KPIGroup, models.PROTECT, null=True, blank=True, related_name="places"
    )
    role = models.ForeignKey(Role, models.PROTECT, related_name="places")

    history = HistoricalRecords()
    objects = PlaceQuerySet.as_manager()

    class Meta:
        ordering = ["lineup_id", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["lineup", "kpi"],
                name="funnel_place_kpi_once",
                violation_error_message="This KPI is already in the lineup.",
            ),
            models.UniqueConstraint(
                fields=["lineup", "position"],
                name="funnel_place_position_once",
                violation_error_message="Another KPI already has this position.",
            ),
            models.CheckConstraint(
                condition=Q(is_stage=False) | Q(group=None),
                name="funnel_place_stage_ungrouped",
                violation_error_message="A stage of the funnel has no heading of its own.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.kpi}"
