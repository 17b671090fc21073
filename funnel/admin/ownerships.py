from django.contrib import admin

from funnel.admin.base import HistoryAdmin, ReadOnlyAdmin
from funnel.admin.filters import PracticeFilter
from funnel.models import Ownership


@admin.register(Ownership)
class OwnershipAdmin(HistoryAdmin, ReadOnlyAdmin):
    practice_path = "kpi__practice_id"
    list_display = ["number", "owner", "starts_on", "ends_on", "said_by"]
    list_filter = [PracticeFilter]
    list_select_related = ["kpi__practice", "staff", "assigned_by"]
    search_fields = ["kpi__name", "staff__name"]
    fields = ["practice", "number", "owner", "starts_on", "ends_on", "said_by", "assigned_at"]
    ordering = ["-starts_on", "-id"]

    @admin.display(description="practice")
    def practice(self, ownership: Ownership) -> str:
        return ownership.kpi.practice.name

    @admin.display(description="KPI")
    def number(self, ownership: Ownership) -> str:
        return ownership.kpi.name

    @admin.display(description="owner")
    def owner(self, ownership: Ownership) -> str:
        return ownership.staff.name

    @admin.display(description="set by")
    def said_by(self, ownership: Ownership) -> str:
        return ownership.assigned_by.email
