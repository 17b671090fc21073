from django.contrib import admin

from funnel.admin.base import ReadOnlyAdmin
from funnel.admin.filters import PracticeFilter
from funnel.domain.weeks import Week
from funnel.models import Meeting, User


@admin.register(Meeting)
class MeetingAdmin(ReadOnlyAdmin):
    practice_column = "practice_name"
    list_display = ["label", "state", "reopened_at", "reopened_because"]
    list_filter = [PracticeFilter]
    list_select_related = ["practice", "closed_by", "reopened_by"]
    fields = [
        "practice_name",
        "label",
        "state",
        "closed_at",
        "closed_by_whom",
        "reopened_at",
        "reopened_by_whom",
        "reopened_because",
    ]
    ordering = ["-week", "practice_id"]

    @admin.display(description="practice")
    def practice_name(self, meeting: Meeting) -> str:
        return meeting.practice.name

    @admin.display(description="week")
    def label(self, meeting: Meeting) -> str:
        return Week(meeting.week).label

    @admin.display(description="state")
    def state(self, meeting: Meeting) -> str:
        return "closed" if meeting.is_closed else "open"

    @admin.display(description="closed by")
    def closed_by_whom(self, meeting: Meeting) -> User | None:
        return meeting.closed_by

    @admin.display(description="reopened by")
    def reopened_by_whom(self, meeting: Meeting) -> User | None:
        return meeting.reopened_by
