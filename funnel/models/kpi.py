from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, Subquery, Value
from django.db.models.functions import Lower
from django.utils.functional import cached_property
from simple_history.models import HistoricalRecords

from funnel.domain.weeks import Week
from funnel.models.assignment import Assignment
from funnel.models.practice import Practice
from funnel.models.recorded import Recorded
from funnel.models.role import Role
from funnel.models.staff import Staff

PARTS = ("source", "divisor")
CALCULATION = ("calculation", *PARTS, "window")


class KPIQuerySet(models.QuerySet["KPI"]):
    def active(self) -> "KPIQuerySet":
        return self.filter(archived_at=None)

    def in_order(self) -> "KPIQuerySet":
        from funnel.models.lineup import latest_position

        in_order = F("position").asc(nulls_last=True)
        return self.alias(position=latest_position()).order_by(in_order, "id")

    def joined_to_owner(self, day: date) -> "KPIQuerySet":
        """Join that day's Ownership as `holding`."""
        covers = Q(ownerships__starts_on__lte=day) & (
            Q(ownerships__ends_on=None) | Q(ownerships__ends_on__gte=day)
        )
        return self.alias(holding=FilteredRelation("ownerships", condition=covers))

    def assigned(
        self, day: date, *, staff: Staff | None = None, week: date | None = None
    ) -> list[Assignment]:
        """With that day's owner and the week's target. One query."""
        joined: Any = self.joined_to_owner(day).annotate(**_columns(day, staff, week))
        return [
            Assignment(
                kpi,
                # A relation without a row sets no attribute.
                kpi.__dict__.pop("holding", None),
                stands_in=kpi.__dict__.pop("_stands_in"),
                target=kpi.__dict__.pop("_target", None),
                stage=kpi.__dict__.pop("_stage", None),
                is_closed=kpi.__dict__.pop("_is_closed", False),
            )
            for kpi in joined.select_related("role", "holding__staff__user")
        ]

    def entered(self) -> "KPIQuerySet":
        return self.filter(calculation=KPI.Calculation.ENTERED)

    def calculated_from(self, kpi: "KPI") -> "KPIQuerySet":
        return self.filter(Q(source=kpi) | Q(divisor=kpi))

    def with_parts(self) -> "KPIQuerySet":
        return self.select_related(*PARTS)

    def reviewed(self, monday: date) -> "KPIQuerySet":
        from funnel.models.lineup import Lineup

        lineup = Lineup.objects.filter(practice=OuterRef("practice"), from_week__lte=monday)
        in_force = Subquery(lineup.order_by("-from_week").values("pk")[:1])
        return self.filter(places__lineup=in_force).order_by("practice_id", "places__position")

    def begun(self, monday: date) -> "KPIQuerySet":
        """First reviewed by that week, or never."""
        from funnel.models.lineup import Place

        places = Place.objects.order_by().filter(kpi=OuterRef("pk"))
        return self.filter(Exists(places.filter(lineup__from_week__lte=monday)) | ~Exists(places))


def _columns(day: date, staff: Staff | None, week: date | None) -> dict[str, Any]:
    from funnel.models.lineup import Place
    from funnel.models.meeting import Meeting
    from funnel.models.stand_in import StandIn
    from funnel.models.target import Target

    columns: dict[str, Any] = {"_stands_in": Value(False)}
    if staff is not None:
        mine = StandIn.objects.on(day).filter(kpi=OuterRef("pk"), staff=staff)
        columns["_stands_in"] = Exists(mine)
    if week is not None:
        targets = Target.objects.filter(kpi=OuterRef("pk"), from_week__lte=week)
        places = Place.objects.in_force(week).filter(kpi=OuterRef("pk"), is_stage=True)
        closed = Meeting.objects.closed().filter(practice=OuterRef("practice"), week=week)
        columns["_target"] = Subquery(targets.order_by("-from_week").values("value")[:1])
        columns["_stage"] = Subquery(places.values("position")[:1])
        columns["_is_closed"] = Exists(closed)
    return columns


class KPI(Recorded):
    """A number reviewed every week.

    A ratio is `source` by `divisor`, a moving total adds `source` over `window` weeks; actions
    check that parts are entered and in use. Unique slug (`funnel_kpi_slug_once`), unique name while
    in use (`funnel_kpi_name_once`), complete calculation (`funnel_kpi_calculation_complete`), fixed
    after the first number (`funnel_kpi_fixed_once_recorded`); archived by someone
    (`funnel_kpi_archived_by_someone`); role and parts of its practice.
    """

    # Fields of a calculation, those that point to a KPI, and all that define what a number means.
    CALCULATION_FIELDS = CALCULATION
    PART_FIELDS = PARTS
    FIXED_FIELDS = ("unit", "direction", *CALCULATION)

    class Unit(models.TextChoices):
        COUNT = "count", "a count: whole numbers"
        MONEY = "money", "money, in the practice's currency"
        PERCENT = "percent", "percent"
        DECIMAL = "decimal", "a number with decimals"

    class Direction(models.TextChoices):
        HIGHER = "higher", "higher is better"
        LOWER = "lower", "lower is better"

    class Calculation(models.TextChoices):
        ENTERED = "entered", "entered every week by its owner"
        RATIO = "ratio", "a ratio of two KPIs"
        TOTAL = "total", "a moving total of a KPI"

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="kpis")
    name = models.CharField(max_length=80)
    slug = models.SlugField("short name", max_length=60, help_text="Used in URLs.")
    definition = models.TextField(
        max_length=500, help_text="What counts, in one unambiguous sentence."
    )
    role = models.ForeignKey(
        Role, models.PROTECT, related_name="kpis", help_text="The responsibility that owns it."
    )
    unit = models.CharField(
        max_length=10,
        choices=Unit.choices,
        default=Unit.COUNT,
        error_messages={"invalid_choice": "Choose a unit from the list."},
    )
    direction = models.CharField(
        max_length=10,
        choices=Direction.choices,
        default=Direction.HIGHER,
        error_messages={"invalid_choice": "Choose whether higher or lower is better."},
    )
    calculation = models.CharField(
        "calculation",
        max_length=10,
        choices=Calculation.choices,
        default=Calculation.ENTERED,
        error_messages={"invalid_choice": "Choose whether it is entered or calculated, and how."},
    )
    source = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="calculated from",
        help_text="Ratio: the number to divide. Moving total: the number to add up.",
    )
    divisor = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="divided by",
        help_text="Ratio: the number to divide by.",
    )
    window = models.PositiveSmallIntegerField(
        "weeks to add up", null=True, blank=True, help_text="Moving total: 2 to 52 weeks."
    )
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    archived_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )

    history = HistoricalRecords()
    objects = KPIQuerySet.as_manager()

    class Meta:
        ordering = ["practice_id", "id"]
        verbose_name = "KPI"
        verbose_name_plural = "KPIs"
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "slug"],
                name="funnel_kpi_slug_once",
                violation_error_message="The practice already has a KPI of this short name.",
            ),
            models.UniqueConstraint(
                "practice",
                Lower("name"),
                condition=Q(archived_at=None),
                name="funnel_kpi_name_once",
                violation_error_message="The practice already has a KPI of this name.",
            ),
            models.CheckConstraint(
                condition=Q(calculation="entered", source=None, divisor=None, window=None)
                | Q(calculation="ratio", source__isnull=False, divisor__isnull=False, window=None)
                | Q(
                    calculation="total",
                    source__isnull=False,
                    divisor=None,
                    window__isnull=False,
                    window__gte=2,
                    window__lte=52,
                ),
                name="funnel_kpi_calculation_complete",
                violation_error_message="A ratio names two KPIs, a moving total one KPI and 2 to "
                "52 weeks, an entered number neither.",
            ),
            models.CheckConstraint(
                condition=~Q(calculation="ratio", unit="count"),
                name="funnel_kpi_ratio_unit",
                violation_error_message="A ratio is money, percent or a number with decimals.",
            ),
            models.CheckConstraint(
                condition=Q(unit__in=["count", "money", "percent", "decimal"]),
                name="funnel_kpi_unit_known",
                violation_error_message="Choose a unit from the list.",
            ),
            models.CheckConstraint(
                condition=Q(direction__in=["higher", "lower"]),
                name="funnel_kpi_direction_known",
                violation_error_message="Choose whether higher or lower is better.",
            ),
            models.CheckConstraint(
                condition=Q(archived_at=None, archived_by=None)
                | Q(archived_at__isnull=False, archived_by__isnull=False),
                name="funnel_kpi_archived_by_someone",
                violation_error_message="An archived KPI states when and by whom.",
            ),
            # Target of composite foreign keys on PostgreSQL.
            models.UniqueConstraint(fields=["practice", "id"], name="funnel_kpi_of_practice"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Two to four queries."""
        refused: dict[str, str] = {}
        if self.is_calculated:
            parts = self.parts
            for field, part in parts.items():
                if sentence := self._cannot_be_part(part):
                    refused[field] = sentence
            if len(parts) > 1 and len(set(parts.values())) == 1:
                refused[PARTS[-1]] = "Divide by another KPI: by itself every number is 1."
        if self.pk:
            refused |= self._changed_too_late()
        if refused:
            raise ValidationError(refused)

    def _changed_too_late(self) -> dict[str, str]:
        stored = KPI.objects.filter(pk=self.pk).first()
        if stored is None:
            return {}
        columns = {name: f"{name}_id" if name in PARTS else name for name in self.FIXED_FIELDS}
        changed = [
            name
            for name, column in columns.items()
            if getattr(stored, column) != getattr(self, column)
        ]
        if not changed:
            return {}
        if self.is_calculated and (user := KPI.objects.active().calculated_from(self).first()):
            sentence = f"{user} is calculated from {self.name}, which therefore has to be entered."
            return {"calculation": sentence}
        if not stored.has_numbers():
            return {}
        # A form may lack the parts, but has `calculation`.
        fields = ["calculation" if name in CALCULATION else name for name in changed]
        return dict.fromkeys(fields, self.fixed_sentence)

    @property
    def fixed_sentence(self) -> str:
        return (
            f"{self.name} has numbers, which would change their meaning. Archive it and add "
            "another KPI."
        )

    def has_numbers(self) -> bool:
        """Own, or those of all parts. Up to two queries."""
        from funnel.models.entry import WeeklyEntry

        entered = self.part_ids.values() or [self.pk]
        return all(WeeklyEntry.objects.filter(kpi=pk).exists() for pk in entered)

    def _cannot_be_part(self, part: "KPI") -> str | None:
        if part == self:
            return "A KPI cannot be calculated from itself."
        if part.practice_id != self.practice_id:
            return "Choose a KPI of this practice."
        if part.is_calculated:
            return f"{part.name} is calculated itself: choose KPIs that are entered."
        if part.is_archived and not self.is_archived:
            return f"{part.name} is archived: restore it first."
        return None

    def is_reviewed_in(self, week: Week) -> bool:
        """One query for all weeks."""
        begun = [is_in for monday, is_in in self._lineups if monday <= week.monday]
        return bool(begun) and begun[-1]

    @cached_property
    def _lineups(self) -> list[tuple[date, bool]]:
        from funnel.models.lineup import Lineup, Place

        is_in = Exists(Place.objects.filter(lineup=OuterRef("pk"), kpi=self))
        lineups = Lineup.objects.filter(practice=self.practice_id).order_by("from_week")
        return list(lineups.values_list("from_week", is_in))

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None

    @property
    def is_calculated(self) -> bool:
        return self.calculation != self.Calculation.ENTERED

    @property
    def part_ids(self) -> dict[str, int]:
        ids = {name: getattr(self, f"{name}_id") for name in PARTS}
        return {name: pk for name, pk in ids.items() if pk is not None}

    @property
    def parts(self) -> dict[str, "KPI"]:
        """A query each without `with_parts`."""
        return {name: getattr(self, name) for name in self.part_ids}

    @property
    def is_whole(self) -> bool:
        return self.unit == self.Unit.COUNT

    @property
    def higher_is_better(self) -> bool:
        return self.direction == self.Direction.HIGHER
