from django.contrib import admin

from funnel.admin.base import HistoryAdmin, ReadOnlyAdmin
from funnel.admin.filters import PracticeFilter
from funnel.domain.weeks import Week
from funnel.models import FollowUp


@admin.register(FollowUp)
class FollowUpAdmin(HistoryAdmin, ReadOnlyAdmin):
    practice_column = "practice_name"
    list_display = ["text", "who", "due_on", "state", "promised_at"]
    list_filter = [PracticeFilter]
    list_select_related = ["practice", "owner", "kpi", "meeting", "promised_by"]
    search_fields = ["text", "owner__name"]
    fields = [
        "practice_name",
        "week",
        "number",
        "text",
        "who",
        "due_on",
        "state",
        "promised_by_whom",
        "promised_at",
    ]
    ordering = ["-promised_at", "-id"]

    @admin.display(description="practice")
    def practice_name(self, follow_up: FollowUp) -> str:
        return follow_up.practice.name

    @admin.display(description="meeting of")
    def week(self, follow_up: FollowUp) -> str:
        return Week(follow_up.meeting.week).label

    @admin.display(description="KPI")
    def number(self, follow_up: FollowUp) -> str:
        return follow_up.kpi.name if follow_up.kpi else "-"

    @admin.display(description="owner")
    def who(self, follow_up: FollowUp) -> str:
        return follow_up.owner.name

    @admin.display(description="state")
    def state(self, follow_up: FollowUp) -> str:
        if follow_up.done_at:
            return "done"
        return f"dropped: {follow_up.dropped_because}" if follow_up.dropped_at else "open"

    @admin.display(description="promised by")
    def promised_by_whom(self, follow_up: FollowUp) -> str:
        return follow_up.promised_by.email
