from django.contrib import admin

from funnel.admin.base import HistoryAdmin, ReadOnlyAdmin
from funnel.admin.filters import PracticeFilter
from funnel.models import StandIn


@admin.register(StandIn)
class StandInAdmin(HistoryAdmin, ReadOnlyAdmin):
    practice_path = "kpi__practice_id"
    list_display = ["number", "who", "starts_on", "ends_on", "said_by"]
    list_filter = [PracticeFilter]
    list_select_related = ["kpi__practice", "staff", "named_by"]
    search_fields = ["kpi__name", "staff__name"]
    fields = ["practice", "number", "who", "starts_on", "ends_on", "said_by", "named_at"]
    ordering = ["-starts_on", "-id"]

    @admin.display(description="practice")
    def practice(self, stand_in: StandIn) -> str:
        return stand_in.kpi.practice.name

    @admin.display(description="KPI")
    def number(self, stand_in: StandIn) -> str:
        return stand_in.kpi.name

    @admin.display(description="stand-in")
    def who(self, stand_in: StandIn) -> str:
        return stand_in.staff.name

    @admin.display(description="set by")
    def said_by(self, stand_in: StandIn) -> str:
        return stand_in.named_by.email
