"""The headings of a practice's scorecard."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest

from funnel.admin.base import PracticeRowAdmin
from funnel.admin.filters import PracticeFilter
from funnel.forms.admin import OfPracticeForm
from funnel.models import KPIGroup


@admin.register(KPIGroup)
class KPIGroupAdmin(PracticeRowAdmin):
    """Added, renamed and put in order; which KPIs stand in one is said on the KPI's own page."""

    form = OfPracticeForm
    list_display = ["name", "order", "numbers"]
    list_filter = [PracticeFilter]
    list_select_related = ["practice"]
    search_fields = ["name"]
    fields = ["name", "order"]
    ordering = ["practice__name", "practice_id", "order", "name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[KPIGroup]:
        """With how many KPIs in use stand in it."""
        kpis = Count("kpis", filter=Q(kpis__archived_at=None))
        return super().get_queryset(request).annotate(kpi_count=kpis)

    @admin.display(description="KPIs")
    def numbers(self, group: Any) -> int:
        """How many KPIs in use stand in it."""
        return group.kpi_count
