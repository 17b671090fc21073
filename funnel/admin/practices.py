from datetime import date
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from funnel.actions import practices
from funnel.admin.base import HistoryAdmin
from funnel.admin.scope import seat_of, today_in
from funnel.domain.weeks import Week
from funnel.forms.admin_practice import SETTINGS, PracticeAddForm, PracticeAdminForm
from funnel.models import PatientValue, Practice

REMINDERS = ("first_reminder_hours", "second_reminder_hours", "reminders_at_most")


@admin.register(Practice)
class PracticeAdmin(HistoryAdmin):
    """Only superusers add practices and set slugs."""

    practice_path = "pk"
    practice_column = None
    list_display = ["name", "slug", "meeting_weekday", "meeting_time", "time_zone", "currency"]
    search_fields = ["name", "slug"]
    fields = list(SETTINGS)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def view_on_site(self, practice: Practice) -> str:
        return reverse("dashboard", args=[practice.slug])

    def get_fields(self, request: HttpRequest, obj: Practice | None = None) -> Any:
        return self.fields if obj else [*self.fields, "patients_role"]

    def get_readonly_fields(self, request: HttpRequest, obj: Practice | None = None) -> Any:
        return [] if request.user.is_superuser else ["slug"]

    def get_form(
        self, request: HttpRequest, obj: Practice | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        kwargs["form"] = PracticeAdminForm if obj else PracticeAddForm
        form: Any = super().get_form(request, obj, change, **kwargs)
        today = today_in(obj) if obj else timezone.now().date()
        if obj:
            value = PatientValue.objects.in_force(obj, Week.running(today).monday)
            form.base_fields["value_per_patient"].initial = value
        form.act = lambda filled: self.act(request, filled, obj, today)
        return form

    def act(
        self, request: HttpRequest, form: PracticeAdminForm, obj: Practice | None, today: date
    ) -> Practice:
        settings = form.settings
        if obj is None:
            later = {name: settings.pop(name) for name in REMINDERS if name in settings}
            founder: Any = request.user
            role = form.cleaned_data["patients_role"]
            obj = practices.found(by=founder, patients_role=role, **settings)
            settings = later
        stored = Practice.objects.get(pk=obj.pk)
        return practices.change(by=seat_of(request, stored), today=today, **settings)

    def save_model(self, request: HttpRequest, obj: Practice, form: Any, change: bool) -> None:
        obj.pk = form.act().pk
