from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from funnel.domain.import_plan import PlannedNumber
from funnel.domain.packing import unpack
from funnel.domain.sheet_dates import Cell, Signed
from funnel.domain.sheet_layout import Grid
from funnel.models.practice import Practice


class ImportQuerySet(models.QuerySet["Import"]):
    def drafts(self) -> "ImportQuerySet":
        return self.filter(done_at=None)

    def done(self) -> "ImportQuerySet":
        return self.filter(done_at__isnull=False)

    def in_force(self, since: datetime) -> "ImportQuerySet":
        """Written, or drafts since then."""
        return self.filter(Q(done_at__isnull=False) | Q(made_at__gte=since))


class Import(models.Model):
    """A spreadsheet; a draft until written.

    `cells` and `lines` are packed. Written (`funnel_import_done_by_someone`) and undone
    (`funnel_import_undone_by_someone`) by someone, undone only if written
    (`funnel_import_undone_after_done`).
    """

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="imports")
    file_name = models.CharField(max_length=120)
    cells = models.BinaryField(blank=True)
    answers = models.JSONField(default=dict, blank=True)
    questions = models.JSONField(default=dict, blank=True)
    told = models.JSONField(
        default=dict, blank=True, help_text="How the sheet is laid out, and what is left out of it."
    )
    lines = models.BinaryField(blank=True)
    reason = models.CharField(
        max_length=200, blank=True, help_text="Shown beside the numbers of other people."
    )
    correcting = models.CharField(
        max_length=200, blank=True, help_text="Why numbers of closed weeks are corrected."
    )
    new = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    conflicting = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = ImportQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at=None, done_by=None)
                | Q(done_at__isnull=False, done_by__isnull=False),
                name="funnel_import_done_by_someone",
                violation_error_message="A completed import states when and by whom.",
            ),
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None)
                | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="funnel_import_undone_by_someone",
                violation_error_message="An undone import states when and by whom.",
            ),
            models.CheckConstraint(
                condition=Q(undone_at=None) | Q(done_at__isnull=False),
                name="funnel_import_undone_after_done",
                violation_error_message="Only a completed import can be undone.",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_draft(self) -> bool:
        return self.done_at is None

    @property
    def is_undone(self) -> bool:
        return self.undone_at is not None

    @property
    def written(self) -> int:
        return self.new + self.changed

    @property
    def stopped(self) -> int:
        return self.conflicting + self.refused

    def planned(self) -> tuple[PlannedNumber, ...]:
        """Empty while there are questions. No query."""
        return tuple(PlannedNumber.of_json(line) for line in unpack(self.lines) or ())

    def grids(self) -> dict[str, Grid]:
        """A draft's cells. No query."""
        sheets = unpack(self.cells) or {}
        return {name: [_cells(row) for row in rows] for name, rows in sheets.items()}


def _cells(row: Iterable[Any]) -> list[Cell]:
    """Signed numbers are lists in JSON."""
    return [Signed(*cell) if isinstance(cell, list) else cell for cell in row]
