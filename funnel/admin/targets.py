from django.contrib import admin

from funnel.admin.base import HistoryAdmin, ReadOnlyAdmin
from funnel.admin.filters import PracticeFilter
from funnel.domain import numbers
from funnel.models import Target


@admin.register(Target)
class TargetAdmin(HistoryAdmin, ReadOnlyAdmin):
    practice_path = "kpi__practice_id"
    list_display = ["number", "aim", "from_week", "said_by"]
    list_filter = [PracticeFilter]
    list_select_related = ["kpi__practice", "set_by"]
    search_fields = ["kpi__name"]
    fields = ["practice", "number", "aim", "from_week", "said_by", "set_at"]
    ordering = ["-from_week", "-id"]

    @admin.display(description="practice")
    def practice(self, target: Target) -> str:
        return target.kpi.practice.name

    @admin.display(description="KPI")
    def number(self, target: Target) -> str:
        return target.kpi.name

    @admin.display(description="target")
    def aim(self, target: Target) -> str:
        return numbers.value(target.value, target.kpi.unit, target.kpi.practice.currency)

    @admin.display(description="set by")
    def said_by(self, target: Target) -> str:
        return target.set_by.email
