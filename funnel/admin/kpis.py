from collections.abc import Sequence
from copy import copy
from datetime import date
from typing import Any

from django.contrib import admin
from django.db.models import DateField, Exists, F, OuterRef, QuerySet, Subquery, Value
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from funnel.access import Seat
from funnel.actions import kpis, ownership, stand_ins, targets
from funnel.admin import kpi_actions
from funnel.admin.base import HistoryAdmin, PracticeRowAdmin, naming, warning
from funnel.admin.filters import ArchivedFilter, NeedsOwnerFilter, PracticeFilter
from funnel.admin.kpi_past import past
from funnel.admin.scope import todays
from funnel.forms.admin_kpi import (
    ITSELF,
    OWNER,
    PLACE,
    STAND_IN,
    TARGET,
    KPIAddForm,
    KPIForm,
)
from funnel.models import KPI, Lineup, Place, Staff, StandIn


@admin.register(KPI)
class KPIAdmin(HistoryAdmin, PracticeRowAdmin):
    actions = [
        kpi_actions.assign_owner,
        kpi_actions.move_earlier,
        kpi_actions.move_later,
        kpi_actions.archive,
        kpi_actions.restore,
    ]
    list_display = ["name", "place", "role", "owner_now", "owner_since", "stand_in_now"]
    list_filter = [NeedsOwnerFilter, ArchivedFilter, PracticeFilter]
    list_select_related = ["practice"]
    search_fields = ["name", "role__name"]
    ordering = [
        "practice__name",
        "practice_id",
        "id",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[KPI]:
        """Annotates today's people, without a further query."""
        today = todays(request)
        as_column = Value(today, DateField()) if isinstance(today, date) else today
        # Only overlapping periods give several; the KPI's page lists them all.
        standing_in = StandIn.objects.filter(kpi=OuterRef("pk")).on(OuterRef("today"))  # type: ignore[arg-type]
        lineups = Lineup.objects.filter(
            practice=OuterRef("practice"), from_week__lte=OuterRef("today")
        ).order_by("-from_week")
        places = Place.objects.filter(kpi=OuterRef("pk"), lineup=OuterRef("lineup"))
        held = Staff.roles.through.objects.filter(
            staff=OuterRef("holding__staff"), role=OuterRef("role")
        )
        rows: Any = super().get_queryset(request)
        joined: QuerySet[KPI] = (
            rows.joined_to_owner(today)
            .select_related("role")
            .alias(today=as_column)
            .alias(lineup=Subquery(lineups.values("pk")[:1]))
            .annotate(
                owner_name=F("holding__staff__name"),
                owner_start=F("holding__starts_on"),
                owner_holds_role=Exists(held),
                standing_in=Subquery(standing_in.values("staff__name")[:1]),
                stage_now=Subquery(places.filter(is_stage=True).values("position")[:1]),
            )
        )
        return joined

    def get_fieldsets(self, request: HttpRequest, obj: KPI | None = None) -> Any:
        is_fixed = obj is not None and obj.has_numbers()
        fields = KPI.CALCULATION_FIELDS[:1] if is_fixed else KPI.CALCULATION_FIELDS
        calculated = ("Calculation", {"fields": fields})
        if obj is None:
            first = ("name", "slug", "place", "definition", "role", "group", "place_from")
            return [(None, {"fields": first}), ("Unit", {"fields": ITSELF[4:]}), calculated]
        if obj.is_archived:
            return [(None, {"fields": ITSELF}), calculated]
        return [
            ("Owner", {"fields": ["owner_now", "owner_since", *OWNER]}),
            ("Stand-in", {"fields": STAND_IN}),
            ("Target", {"fields": TARGET}),
            ("Place", {"fields": PLACE}),
            ("KPI", {"fields": ITSELF}),
            calculated,
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: KPI | None = None) -> list[str]:
        if obj is None:
            return []
        fixed = ["slug", "owner_now", "owner_since"]
        return [*fixed, "unit", "direction", "calculation"] if obj.has_numbers() else fixed

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: KPI | None = None
    ) -> dict[str, Sequence[str]]:
        return {} if obj else {"slug": ["name"]}

    def get_form(
        self, request: HttpRequest, obj: KPI | None = None, change: bool = False, **kwargs: Any
    ) -> "type[ModelForm[Any]]":
        kwargs["form"] = KPIForm if obj else KPIAddForm
        return super().get_form(request, obj, change, **kwargs)

    def act(self, by: Seat, form: Any) -> KPI:
        with naming(
            **{name: name for name in form.fields}, is_stage="place", from_week="place_from"
        ):
            if not form.instance.pk:
                # The form rehearses this, so its instance must stay unsaved.
                new = copy(form.instance)
                return kpis.add(by=by, kpi=new, today=form.today, **form.placing)
            kpi: KPI = form.instance
            if form.changes_row:
                kpis.save(by=by, kpi=kpi, today=form.today)
        said = form.cleaned_data
        if said.get("owner"):
            with naming(staff="owner", starts_on="owner_from", otherwise="owner"):
                ownership.assign(by=by, kpi=kpi, staff=said["owner"], starts_on=said["owner_from"])
        if said.get("owner_until"):
            with naming(otherwise="owner_until"):
                ownership.end(by=by, kpi=kpi, ends_on=said["owner_until"])
        if said.get("stand_in"):
            days = {"starts_on": said["stand_in_from"], "ends_on": said["stand_in_to"]}
            with naming(staff="stand_in", starts_on="stand_in_from", otherwise="stand_in_to"):
                stand_ins.name(by=by, kpi=kpi, staff=said["stand_in"], **days)
        if said.get("target") is not None:
            with naming(from_week="target_from", otherwise="target"):
                targets.set_from(
                    by=by, kpi=kpi, from_week=said["target_from"], value=said["target"]
                )
        if not kpi.is_archived and form.changes_place:
            with naming(is_stage="place", from_week="place_from", otherwise="place"):
                self._place(by, kpi, form)
        return kpi

    def _place(self, by: Seat, kpi: KPI, form: Any) -> None:
        if form.archives:
            week = form.cleaned_data["place_from"]
            kpis.archive(by=by, kpi=kpi, today=form.today, from_week=week)
        else:
            kpis.place(by=by, kpi=kpi, today=form.today, **form.placing)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: KPI | None = None,
    ) -> HttpResponse:
        context["past"] = past(obj) if obj else []
        return super().render_change_form(request, context, add, change, form_url, obj)

    def response_add(
        self, request: HttpRequest, obj: KPI, post_url_continue: str | None = None
    ) -> HttpResponse:
        """To assign an owner."""
        if "_addanother" in request.POST or "_popup" in request.POST:
            return super().response_add(request, obj, post_url_continue)
        self.message_user(request, f"{obj.name} is added. Now assign an owner.")
        return redirect(reverse("admin:funnel_kpi_change", args=[obj.pk]))

    @admin.display(description="stage")
    def place(self, kpi: Any) -> int | None:
        stage: int | None = kpi.stage_now
        return stage

    @admin.display(description="owner now")
    def owner_now(self, kpi: Any) -> str:
        if kpi.is_archived:
            return "archived"
        if kpi.owner_name is None:
            return warning("No owner")
        if not kpi.owner_holds_role:
            return warning(f"{kpi.owner_name}: owner without the role")
        return str(kpi.owner_name)

    @admin.display(description="owner since")
    def owner_since(self, kpi: Any) -> date | None:
        start: date | None = kpi.owner_start
        return start

    @admin.display(description="stand-in now")
    def stand_in_now(self, kpi: Any) -> str | None:
        name: str | None = kpi.standing_in
        return name
