from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, FilteredRelation, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Lower
from simple_history.models import HistoricalRecords

from funnel.domain.variation import FULL
from funnel.domain.weeks import Week
from funnel.models.group import KPIGroup
from funnel.models.practice import Practice
from funnel.models.role import Role
from funnel.models.staff import Staff

if TYPE_CHECKING:
    from funnel.models.ownership import Ownership


class KPIQuerySet(models.QuerySet["KPI"]):
    """Which numbers, and who answers for them."""

    def active(self) -> "KPIQuerySet":
        """Not archived."""
        return self.filter(archived_at=None)

    def in_order(self) -> "KPIQuerySet":
        """Funnel stages from the widest, then the numbers outside the funnel."""
        return self.order_by(models.F("stage").asc(nulls_last=True), "order", "id")

    def with_owner(self, day: date) -> "KPIQuerySet":
        """Each KPI with its role and, as `.holding`, the Ownership of that day with its staff, or
        None. No further query."""
        covers = Q(ownerships__starts_on__lte=day) & (
            Q(ownerships__ends_on=None) | Q(ownerships__ends_on__gte=day)
        )
        held = self.annotate(holding=FilteredRelation("ownerships", condition=covers))
        return held.select_related("role", "holding__staff")  # type: ignore[misc]

    def with_closed(self, week: date) -> "KPIQuerySet":
        """Each KPI with `.week_is_closed`: whether its practice's meeting of the week is closed."""
        from funnel.models.meeting import Meeting

        closed = Meeting.objects.closed().filter(practice=OuterRef("practice"), week=week)
        return self.annotate(week_is_closed=Exists(closed))

    def with_target(self, week: date) -> "KPIQuerySet":
        """Each KPI with `.target_value`: the target in force that week, None without one."""
        from funnel.models.target import Target

        in_force = Target.objects.filter(kpi=OuterRef("pk"), from_week__lte=week).order_by(
            "-from_week"
        )
        return self.annotate(target_value=Subquery(in_force.values("value")[:1]))

    def with_stand_in(self, staff: Staff | None, day: date) -> "KPIQuerySet":
        """Each KPI with `.i_stand_in`: whether that staff member stands in on that day."""
        from funnel.models.stand_in import StandIn

        if staff is None:
            return self.annotate(i_stand_in=Value(False))
        mine = StandIn.objects.on(day).filter(kpi=OuterRef("pk"), staff=staff)
        return self.annotate(i_stand_in=Exists(mine))

    def entered(self) -> "KPIQuerySet":
        """Entered every week by someone: not calculated."""
        return self.filter(calculation=KPI.Calculation.ENTERED)

    def told_by(self, kpi: "KPI") -> "KPIQuerySet":
        """Calculated from that KPI."""
        return self.filter(Q(source=kpi) | Q(divisor=kpi))

    def with_baseline(self) -> "KPIQuerySet":
        """Each KPI with `.baseline_from` and `.frozen_week` of its latest baseline, None each where
        that is the first and where it is provisional, and `.nearly_freezes`: whether it holds all
        but one of the numbers it takes."""
        from funnel.models.baseline import Baseline
        from funnel.models.entry import WeeklyEntry

        latest = Baseline.objects.filter(kpi=OuterRef("pk")).order_by(
            models.F("from_week").desc(nulls_last=True)
        )
        begun = self.annotate(
            baseline_from=Subquery(latest.values("from_week")[:1]),
            frozen_week=Subquery(latest.values("frozen_week")[:1]),
        )
        held = WeeklyEntry.objects.filter(
            kpi=OuterRef("pk"),
            week__gte=Coalesce(OuterRef("baseline_from"), Value(date.min, models.DateField())),
        ).order_by("week")
        return begun.annotate(nearly_freezes=Exists(held[FULL - 2 : FULL - 1]))  # type: ignore[no-redef]

    def with_stage_before(self) -> "KPIQuerySet":
        """Each KPI with `.before_id` and `.before_name` of the stage before it, None for the first
        stage and outside the funnel."""
        before = (
            KPI.objects.active()
            .filter(practice=OuterRef("practice"), stage__lt=OuterRef("stage"))
            .order_by("-stage")
        )
        return self.annotate(
            before_id=Subquery(before.values("pk")[:1]),
            before_name=Subquery(before.values("name")[:1]),
        )

    def with_role_held(self) -> "KPIQuerySet":
        """After `with_owner`: each KPI with `.owner_holds_role`, False without an owner."""
        held = Staff.roles.through.objects.filter(
            staff=OuterRef("holding__staff"), role=OuterRef("role")
        )
        return self.annotate(owner_holds_role=Exists(held))


class KPI(models.Model):
    """A number the team reviews every week, with the role that answers for it.

    A calculated one is told by others and never entered: a ratio, `source` by `divisor`, or the
    moving total of `source` over `window` weeks. What tells it is entered, so that no two can
    calculate each other, is of its practice and in use: `clean` and the actions keep that.

    Guaranteed: its slug and its stage are its own in the practice (`funnel_kpi_slug_once`,
    `funnel_kpi_stage_once`); a stage is an entered count (`funnel_kpi_stage_counts`,
    `funnel_kpi_stage_entered`); a calculated one names just what it is told by
    (`funnel_kpi_calculation_complete`); who archived it is known
    (`funnel_kpi_archived_by_someone`); on PostgreSQL its role, its group and what it is told by are
    of its practice.
    """

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
    slug = models.SlugField("short name", max_length=60, help_text="Stands in addresses.")
    definition = models.TextField(
        max_length=500, help_text="What counts, in a sentence that two people read the same way."
    )
    role = models.ForeignKey(
        Role, models.PROTECT, related_name="kpis", help_text="The responsibility that owns it."
    )
    stage = models.PositiveSmallIntegerField(
        "place in the funnel",
        null=True,
        blank=True,
        help_text="1 is the widest. Empty: a number outside the funnel.",
    )
    order = models.PositiveSmallIntegerField(
        "order outside the funnel", default=0, help_text="Smaller stands first."
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
        error_messages={"invalid_choice": "Say whether higher or lower is better."},
    )
    group = models.ForeignKey(
        KPIGroup,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="kpis",
        help_text="Where it stands on the scorecard, outside the funnel.",
    )
    calculation = models.CharField(
        "how it comes about",
        max_length=10,
        choices=Calculation.choices,
        default=Calculation.ENTERED,
        error_messages={"invalid_choice": "Say whether it is entered or calculated, and how."},
    )
    source = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="calculated from",
        help_text="Of a ratio the upper number, of a moving total the one that is added up.",
    )
    divisor = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="divided by",
        help_text="Of a ratio the lower number.",
    )
    window = models.PositiveSmallIntegerField(
        "weeks added up", null=True, blank=True, help_text="Of a moving total, 2 to 52."
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

    # Set by the QuerySet method that says so; `holding` stays None where nobody owns the KPI.
    holding: "Ownership | None" = None
    week_is_closed: bool
    target_value: Decimal | None
    i_stand_in: bool
    before_id: int | None
    before_name: str | None
    owner_holds_role: bool
    baseline_from: date | None
    frozen_week: date | None
    nearly_freezes: bool

    history = HistoricalRecords()
    objects = KPIQuerySet.as_manager()

    class Meta:
        ordering = [models.F("stage").asc(nulls_last=True), "order", "id"]
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
            models.UniqueConstraint(
                fields=["practice", "stage"],
                condition=Q(archived_at=None, stage__isnull=False),
                name="funnel_kpi_stage_once",
                violation_error_message="Another KPI already has this place in the funnel.",
            ),
            models.CheckConstraint(
                condition=Q(stage=None) | Q(unit="count", direction="higher", stage__gte=1),
                name="funnel_kpi_stage_counts",
                violation_error_message="A stage of the funnel is a count, higher is better, and "
                "its place is 1 or later.",
            ),
            models.CheckConstraint(
                condition=Q(stage=None) | Q(calculation="entered"),
                name="funnel_kpi_stage_entered",
                violation_error_message="A stage of the funnel is entered, not calculated.",
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
                "52 weeks, an entered number none of these.",
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
                violation_error_message="Say whether higher or lower is better.",
            ),
            models.CheckConstraint(
                condition=Q(archived_at=None, archived_by=None)
                | Q(archived_at__isnull=False, archived_by__isnull=False),
                name="funnel_kpi_archived_by_someone",
                violation_error_message="An archived KPI says when and by whom.",
            ),
            # The target of composite foreign keys on PostgreSQL.
            models.UniqueConstraint(fields=["practice", "id"], name="funnel_kpi_of_practice"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuses to be calculated from what cannot tell a number, and to be calculated at all with
        numbers that were entered or while another is calculated from it. Two queries where it is
        stored and calculated."""
        if not self.is_calculated:
            return
        refused: dict[str, str] = {}
        for field, part in (("source", self.source), ("divisor", self.divisor)):
            if part is not None and (sentence := self._cannot_tell(part)):
                refused[field] = sentence
        if self.divisor is not None and self.divisor == self.source:
            refused["divisor"] = "Divide by another KPI: by itself every number is 1."
        if self.pk and self.entries.exists():
            refused["calculation"] = f"{self.name} has numbers that were entered. Add another KPI."
        elif self.pk and (told := KPI.objects.active().told_by(self).first()):
            refused["calculation"] = (
                f"{told} is calculated from {self.name}, which therefore has to be entered."
            )
        if refused:
            raise ValidationError(refused)

    def _cannot_tell(self, part: "KPI") -> str | None:
        if part == self:
            return "A KPI cannot be calculated from itself."
        if part.practice_id != self.practice_id:
            return "Choose a KPI of this practice."
        if part.is_calculated:
            return f"{part.name} is calculated itself: choose KPIs that are entered."
        if part.is_archived and not self.is_archived:
            return f"{part.name} is archived and takes no numbers: bring it back first."
        return None

    @property
    def is_archived(self) -> bool:
        """Out of use: takes no numbers and stands on no board."""
        return self.archived_at is not None

    @property
    def is_stage(self) -> bool:
        """Has a place in the funnel."""
        return self.stage is not None

    @property
    def is_calculated(self) -> bool:
        """Told by other KPIs: nobody enters it and nobody is asked for it."""
        return self.calculation != self.Calculation.ENTERED

    def moves_limits(self, week: Week) -> bool:
        """After `with_baseline`: whether a number of that week, once saved, may change the limits
        that are kept of the KPI."""
        if self.is_calculated:
            return False
        if self.baseline_from is not None and week.monday < self.baseline_from:
            return True
        if self.frozen_week is not None:
            return week.monday <= self.frozen_week
        return self.nearly_freezes

    @property
    def is_whole(self) -> bool:
        """Takes whole numbers only."""
        return self.unit == self.Unit.COUNT

    @property
    def higher_is_better(self) -> bool:
        """Whether reaching the target means being at or above it."""
        return self.direction == self.Direction.HIGHER
