"""The practices: what decides how their week runs."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse

from funnel.actions import practices
from funnel.actions.writing import touch
from funnel.admin.base import HistoryAdmin
from funnel.forms.admin_practice import PracticeAddForm
from funnel.models import Practice


@admin.register(Practice)
class PracticeAdmin(HistoryAdmin):
    """A practice's admin changes its settings; a superuser founds one and names its address."""

    practice_path = "pk"
    practice_column = None
    list_display = ["name", "slug", "meeting_weekday", "meeting_time", "time_zone", "currency"]
    search_fields = ["name", "slug"]
    fields = [
        "name",
        "slug",
        "time_zone",
        "currency",
        "meeting_weekday",
        "meeting_time",
        "began_on",
        "first_reminder_hours",
        "second_reminder_hours",
        "reminders_at_most",
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def view_on_site(self, practice: Practice) -> str:
        """Its dashboard."""
        return reverse("dashboard", args=[practice.slug])

    def get_fields(self, request: HttpRequest, obj: Practice | None = None) -> Any:
        return self.fields if obj else [*self.fields, "patients_role"]

    def get_readonly_fields(self, request: HttpRequest, obj: Practice | None = None) -> Any:
        return [] if request.user.is_superuser else ["slug"]

    def get_form(
        self, request: HttpRequest, obj: Practice | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is None:
            kwargs["form"] = PracticeAddForm
        return super().get_form(request, obj, change, **kwargs)

    def save_model(self, request: HttpRequest, obj: Practice, form: Any, change: bool) -> None:
        """Saves it; a new one gets the roles and the numbers every practice starts with."""
        super().save_model(request, obj, form, change)
        touch(obj.pk)
        if not change:
            practices.equip(
                by=request.user,  # type: ignore[arg-type]
                practice=obj,
                patients_role=form.cleaned_data["patients_role"],
            )
