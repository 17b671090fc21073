from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from funnel.access import May, refuse
from funnel.admin.base import ReadOnlyAdmin
from funnel.admin.filters import ChoiceFilter
from funnel.models import JobRun, Message
from funnel.outbox.queue import retry
from funnel.reports.setup.host import build_host


class HostAdmin(ReadOnlyAdmin):
    """For superusers."""

    practice_path = "pk"
    practice_column = None

    def is_own(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_superuser


@admin.register(JobRun)
class JobRunAdmin(HostAdmin):
    """All jobs on one page."""

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.is_own(request):
            refuse(May.HOST)
        context = {
            **self.admin_site.each_context(request),
            "title": "Jobs and messages",
            "opts": self.opts,
            "host": build_host(timezone.now()),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/host.html", context)


class StateFilter(ChoiceFilter):
    title = "state"
    parameter_name = "state"
    choices_of = Message.State


class KindFilter(ChoiceFilter):
    title = "kind"
    parameter_name = "kind"
    choices_of = Message.Kind


@admin.register(Message)
class MessageAdmin(HostAdmin):
    """The last thirty days without texts."""

    actions = ["send_again"]  # type: ignore[assignment]
    list_display = ["recipient", "kind", "state", "queued_at", "answer"]
    list_filter = [StateFilter, KindFilter]
    list_select_related = ["webhook__practice", "staff__practice", "staff__user"]
    fields = [
        "recipient",
        "practice",
        "kind",
        "event",
        "state",
        "queued_at",
        "attempts",
        "attempted_at",
        "due_at",
        "delivered_at",
        "answer",
    ]
    ordering = ["-id"]

    @admin.display(description="recipient")
    def recipient(self, message: Message) -> str:
        if message.webhook is not None:
            return message.webhook.url
        return message.staff.user.email if message.staff else message.email

    @admin.display(description="practice")
    def practice(self, message: Message) -> str:
        """Return "-" for mails about a user."""
        of = message.webhook or message.staff
        return of.practice.name if of else "-"

    @admin.action(description="Send failed messages again", permissions=["view"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        if retry(Message.objects.filter(pk__in=queryset.values("pk")), timezone.now()):
            self.message_user(request, "They are sent within a minute.", messages.SUCCESS)
        else:
            self.message_user(request, "No failed message is selected.", messages.WARNING)
