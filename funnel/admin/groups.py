from datetime import date
from typing import Any

from django.contrib import admin
from django.db.models import (
    Count,
    DateField,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.http import HttpRequest

from funnel.access import Seat
from funnel.actions import groups
from funnel.admin.base import PracticeRowAdmin
from funnel.admin.filters import PracticeFilter
from funnel.admin.scope import todays
from funnel.forms.admin import OfPracticeForm
from funnel.models import KPIGroup, Lineup


@admin.register(KPIGroup)
class KPIGroupAdmin(PracticeRowAdmin):
    form = OfPracticeForm
    list_display = ["name", "order", "numbers"]
    list_filter = [PracticeFilter]
    list_select_related = ["practice"]
    search_fields = ["name"]
    fields = ["name", "order"]
    ordering = ["practice__name", "practice_id", "order", "name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[KPIGroup]:
        today = todays(request)
        lineups = Lineup.objects.filter(
            practice=OuterRef("practice"), from_week__lte=OuterRef("today")
        ).order_by("-from_week")
        rows: QuerySet[KPIGroup] = super().get_queryset(request)
        return (
            rows.alias(today=Value(today, DateField()) if isinstance(today, date) else today)
            .alias(lineup=Subquery(lineups.values("pk")[:1]))
            .annotate(kpi_count=Count("places", filter=Q(places__lineup=F("lineup"))))
        )

    def act(self, by: Seat, form: Any) -> KPIGroup:
        """The order applies from the running week on."""
        return groups.save(by=by, group=form.instance, today=form.today)

    @admin.display(description="KPIs")
    def numbers(self, group: Any) -> int:
        return int(group.kpi_count)
