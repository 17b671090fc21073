from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import OuterRef, Prefetch, QuerySet, Subquery
from django.http import HttpRequest

from funnel.access import Seat
from funnel.actions import invitations
from funnel.actions import staff as people
from funnel.admin.base import HistoryAdmin, PracticeRowAdmin
from funnel.admin.filters import AccessFilter, PracticeFilter, WorksHereFilter
from funnel.admin.scope import own_practices, seat_of
from funnel.forms.admin_staff import StaffAddForm, StaffForm
from funnel.models import Message, Ownership, Staff
from funnel.models.message import MessageQuerySet

NEW = ["name", "email", "title", "roles", "access"]


@admin.register(Staff)
class StaffAdmin(HistoryAdmin, PracticeRowAdmin):
    actions = ["invite"]
    list_display = [
        "name",
        "title",
        "roles_held",
        "owns",
        "access",
        "is_active",
        "has_joined",
        "invitation",
    ]
    list_filter = [WorksHereFilter, AccessFilter, PracticeFilter]
    list_select_related = ["practice"]
    search_fields = ["name", "user__email"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Staff]:
        """Two more queries."""
        open_ones = Ownership.objects.filter(ends_on=None).select_related("kpi")
        rows: QuerySet[Staff] = super().get_queryset(request)
        return (
            rows.select_related("user")
            .annotate(invitation_state=Subquery(_invitations().values("state")[:1]))
            .prefetch_related("roles", Prefetch("ownerships", open_ones, to_attr="open_ownerships"))
        )

    def get_form(
        self, request: HttpRequest, obj: Staff | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        kwargs["form"] = StaffForm if obj else StaffAddForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Staff | None = None) -> Any:
        return [*NEW, "is_active"] if obj else NEW

    def get_readonly_fields(self, request: HttpRequest, obj: Staff | None = None) -> list[str]:
        return ["email"] if obj else []

    def act(self, by: Seat, form: Any) -> Staff:
        """Then end or restore the membership."""
        said = {name: form.cleaned_data[name] for name in ("name", "title", "roles", "access")}
        if not form.instance.pk:
            return people.add(by=by, email=form.cleaned_data["email"], **said)
        staff = people.change(by=by, staff=form.instance, today=form.today, **said)
        if not form.cleaned_data["is_active"]:
            return people.deactivate(by=by, staff=staff, today=form.today)
        return people.reactivate(by=by, staff=staff)

    @admin.display(description="e-mail address")
    def email(self, staff: Staff) -> str:
        return staff.user.email

    @admin.display(description="has joined", boolean=True)
    def has_joined(self, staff: Staff) -> bool:
        """Equal for new and existing users, to not reveal which."""
        return staff.has_accepted and staff.user.has_usable_password()

    @admin.display(description="invitation")
    def invitation(self, staff: Staff) -> str:
        """State of the latest mail, "-" without."""
        state: str | None = staff.invitation_state  # type: ignore[attr-defined]
        return Message.State(state).label if state else "-"

    @admin.display(description="roles")
    def roles_held(self, staff: Staff) -> str:
        return ", ".join(role.name for role in staff.roles.all())

    @admin.display(description="owns")
    def owns(self, staff: Staff) -> str:
        owned: list[Ownership] = staff.open_ownerships  # type: ignore[attr-defined]
        return ", ".join(ownership.kpi.name for ownership in owned)

    @admin.action(description="Send an invitation by mail", permissions=["change"])
    def invite(self, request: HttpRequest, queryset: QuerySet[Staff]) -> None:
        seats = {practice.pk: practice for practice in own_practices(request)}
        invited = []
        for staff in queryset:
            try:
                invitations.invite(by=seat_of(request, seats[staff.practice_id]), staff=staff)
            except ValidationError as refusal:
                self.message_user(request, " ".join(refusal.messages), messages.ERROR)
            else:
                self.log_change(request, staff, "Invited by mail.")
                invited.append(f"{staff.name} ({staff.user.email})")
        if invited:
            self.message_user(
                request, f"An invitation is on its way to {', '.join(invited)}.", messages.SUCCESS
            )


def _invitations() -> MessageQuerySet:
    """Of the outer query's person, latest first."""
    found = Message.objects.filter(staff=OuterRef("pk"), kind=Message.Kind.INVITATION)
    return found.order_by("-pk")
