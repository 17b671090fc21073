from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest

from funnel.admin.base import PracticeRowAdmin
from funnel.admin.filters import PracticeFilter
from funnel.forms.admin import OfPracticeForm
from funnel.models import Role


@admin.register(Role)
class RoleAdmin(PracticeRowAdmin):
    """A role in use cannot be deleted."""

    form = OfPracticeForm
    list_display = ["name", "order", "holders", "numbers"]
    list_filter = [PracticeFilter]
    list_select_related = ["practice"]
    search_fields = ["name"]
    fields = ["name", "order"]
    ordering = ["practice__name", "practice_id", "order", "name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Role]:
        holders = Count("staff", filter=Q(staff__is_active=True), distinct=True)
        kpis = Count("kpis", filter=Q(kpis__archived_at=None), distinct=True)
        rows: QuerySet[Role] = super().get_queryset(request)
        return rows.annotate(held_by=holders, kpi_count=kpis)

    @admin.display(description="held by")
    def holders(self, role: Any) -> str:
        return f"{role.held_by} of the staff" if role.held_by else "nobody"

    @admin.display(description="KPIs")
    def numbers(self, role: Any) -> int:
        return int(role.kpi_count)
