"""There may be millions: nothing counts or sorts them all."""

from datetime import timedelta
from functools import cached_property
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from funnel.admin.base import HistoryAdmin, ReadOnlyAdmin
from funnel.admin.filters import PracticeFilter
from funnel.admin.scope import own_practices
from funnel.domain import numbers
from funnel.domain.weeks import Week
from funnel.models import KPI, User, WeeklyEntry

PAGES_AHEAD = 3
LAST_PAGE = 100


class LookAheadPaginator(Paginator):
    def __init__(self, rows: QuerySet[Any], per_page: int, *, page: int) -> None:
        super().__init__(rows, per_page)
        self.rows = rows
        self.page_read = max(1, min(page, LAST_PAGE))

    @cached_property
    def count(self) -> int:
        """One query, by an index."""
        seen = (self.page_read + PAGES_AHEAD) * self.per_page
        return len(self.rows.values_list("week")[:seen])


class KPIFilter(admin.SimpleListFilter):
    title = "KPI"
    parameter_name = "kpi"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        practices = own_practices(request)
        if chosen := request.GET.get("practice"):
            practices = [practice for practice in practices if practice.slug == chosen]
        if len(practices) != 1:
            return []
        kpis = list(KPI.objects.filter(practice=practices[0]).in_order())
        self.ids = {kpi.slug: kpi.pk for kpi in kpis}
        return [(kpi.slug, kpi.name) for kpi in kpis]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        return queryset.filter(kpi=self.ids.get(str(self.value())))


class WeeksFilter(admin.SimpleListFilter):
    title = "weeks"
    parameter_name = "weeks"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", "The last one"), ("13", "The last 13"), ("52", "The last 52")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in {"1", "13", "52"}:
            return queryset
        running = Week.of(timezone.now().date()).monday
        return queryset.filter(week__gte=running - timedelta(weeks=int(str(self.value()))))


@admin.register(WeeklyEntry)
class WeeklyEntryAdmin(HistoryAdmin, ReadOnlyAdmin):
    practice_column = "practice_name"
    # No field names as columns, so that no URL can sort by one.
    list_display = ["number", "label", "amount", "remark", "entered_by_whom", "entered_when"]
    list_filter = [PracticeFilter, KPIFilter, WeeksFilter]
    list_select_related = ["practice", "kpi", "entered_by"]
    # The index of the board, backwards.
    ordering = ["-practice_id", "-week", "-kpi_id"]
    fields = [
        "practice_name",
        "number",
        "label",
        "amount",
        "remark",
        "entered_when",
        "entered_by_whom",
        "entered_for_whom",
        "why",
        "version",
    ]

    def get_paginator(
        self,
        request: HttpRequest,
        queryset: QuerySet[Any],
        per_page: int,
        *args: Any,
        **kwargs: Any,
    ) -> "Paginator[Any]":
        asked = request.GET.get("p", "")
        page = int(asked) if asked.isdecimal() and len(asked) < 5 else 1
        return LookAheadPaginator(queryset, per_page, page=page)

    @admin.display(description="practice")
    def practice_name(self, entry: WeeklyEntry) -> str:
        return entry.practice.name

    @admin.display(description="KPI")
    def number(self, entry: WeeklyEntry) -> str:
        return entry.kpi.name

    @admin.display(description="week")
    def label(self, entry: WeeklyEntry) -> str:
        return Week(entry.week).label

    @admin.display(description="value")
    def amount(self, entry: WeeklyEntry) -> str:
        return numbers.value(entry.value, entry.kpi.unit, entry.practice.currency)

    @admin.display(description="note")
    def remark(self, entry: WeeklyEntry) -> str:
        return entry.note

    @admin.display(description="entered at")
    def entered_when(self, entry: WeeklyEntry) -> Any:
        return entry.entered_at

    @admin.display(description="entered by")
    def entered_by_whom(self, entry: WeeklyEntry) -> User:
        return entry.entered_by

    @admin.display(description="entered for")
    def entered_for_whom(self, entry: WeeklyEntry) -> str | None:
        return entry.entered_for.name if entry.entered_for else None

    @admin.display(description="reason")
    def why(self, entry: WeeklyEntry) -> str:
        return entry.reason
