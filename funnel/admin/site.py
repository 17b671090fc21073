from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver
from django.utils import timezone

from funnel.admin.filters import NeedsOwnerFilter
from funnel.admin.scope import own_ids
from funnel.models import KPI
from funnel.reports.setup.host import build_host

# By frequency of use.
ORDER = (
    "KPI",
    "Staff",
    "Role",
    "KPIGroup",
    "Practice",
    "Ownership",
    "StandIn",
    "Target",
    "WeeklyEntry",
    "Meeting",
    "FollowUp",
    "User",
    "JobRun",
    "Message",
)


class MeetingAdminSite(admin.AdminSite):
    site_header = "Weekly KPI meeting"
    site_title = "Weekly KPI meeting"
    index_title = "Responsibilities"

    def has_permission(self, request: HttpRequest) -> bool:
        """As `User.is_staff`, one query per request."""
        user = request.user
        return user.is_active and (user.is_superuser or bool(own_ids(request)))

    def get_urls(self) -> list[URLResolver | URLPattern]:
        # "View on site" redirects to any row's URL for all users.
        return [url for url in super().get_urls() if getattr(url, "name", "") != "view_on_site"]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        apps = super().get_app_list(request, app_label)
        for app in apps:
            app["models"].sort(key=lambda model: ORDER.index(model["object_name"]))
        return apps

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """With KPIs without owner and, for superusers, late jobs."""
        kpis = self.get_model_admin(KPI).get_queryset(request)
        to_mend = NeedsOwnerFilter.unmet(kpis.filter(archived_at=None)).count()
        context = {"to_mend": to_mend, "host": None, **(extra_context or {})}
        if request.user.is_superuser:
            context["host"] = build_host(timezone.now())
        return super().index(request, context)

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A single page for all, with reauthentication."""
        return redirect("account_change_password")
