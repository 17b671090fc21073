"""Actions on selected KPIs, each for all or none."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.text import get_text_list

from funnel.access import Seat
from funnel.actions import kpis, ownership
from funnel.actions.writing import writes
from funnel.admin.scope import own_practices, seat_of, today_in
from funnel.forms.admin_kpi import AssignOwnerForm
from funnel.models import KPI, Place, Practice, Staff


@admin.action(description="Assign an owner…", permissions=["change"])
def assign_owner(
    model_admin: Any, request: HttpRequest, queryset: QuerySet[KPI]
) -> HttpResponse | None:
    chosen = list(queryset)
    practice = _one_practice(model_admin, request, chosen)
    if practice is None:
        return None
    people = Staff.objects.active().may_enter().filter(practice=practice)
    roles = {kpi.role_id: kpi.role.name for kpi in chosen}
    for role_id in roles:
        people = people.filter(roles=role_id)
    if not people:
        held = "the role" if len(roles) == 1 else "all of the roles"
        sentence = (
            f"Nobody who works at {practice} holds {held} {_listed(roles.values())} and may enter "
            "numbers. Give someone what is missing first."
        )
        model_admin.message_user(request, sentence, messages.ERROR)
        return None
    form = AssignOwnerForm(
        request.POST if "assign" in request.POST else None,
        people=people,
        initial={"starts_on": today_in(practice)},
    )
    if form.is_valid() and _assigned(seat_of(request, practice), chosen, form):
        staff, first_day = form.cleaned_data["staff"], form.cleaned_data["starts_on"]
        sentence = f"{staff.name} owns {_named(chosen)} from {first_day:%b %-d, %Y}."
        for kpi in chosen:
            model_admin.log_change(request, kpi, f"Owner: {staff.name} from {first_day}.")
        model_admin.message_user(request, sentence, messages.SUCCESS)
        return None
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": f"Assign an owner for {_named(chosen)}",
        "form": form,
        "kpis": chosen,
        "select_across": request.POST.get("select_across", "0"),
    }
    return TemplateResponse(request, "admin/funnel/kpi/assign_owner.html", context)


@admin.action(description="Move earlier", permissions=["change"])
def move_earlier(model_admin: Any, request: HttpRequest, queryset: QuerySet[KPI]) -> None:
    _move(model_admin, request, list(queryset), -1)


@admin.action(description="Move later", permissions=["change"])
def move_later(model_admin: Any, request: HttpRequest, queryset: QuerySet[KPI]) -> None:
    _move(model_admin, request, list(queryset), 1)


@admin.action(description="Archive", permissions=["change"])
def archive(model_admin: Any, request: HttpRequest, queryset: QuerySet[KPI]) -> None:
    chosen = list(queryset)

    @writes
    def archive_all() -> None:
        for practice, of_it in _by_practice(request, chosen):
            seat, today = seat_of(request, practice), today_in(practice)
            # Calculated KPIs are archived before their parts, and restored after them.
            for kpi in sorted(of_it, key=lambda kpi: not kpi.is_calculated):
                kpis.archive(by=seat, kpi=kpi, today=today)
                model_admin.log_change(request, kpi, "Archived.")

    try:
        archive_all()
    except ValidationError as refusal:
        model_admin.message_user(request, " ".join(refusal.messages), messages.ERROR)
        return
    model_admin.message_user(
        request, f"Archived (all numbers are retained): {_named(chosen)}.", messages.SUCCESS
    )


@admin.action(description="Restore from the archive", permissions=["change"])
def restore(model_admin: Any, request: HttpRequest, queryset: QuerySet[KPI]) -> None:
    chosen = [kpi for kpi in queryset if kpi.is_archived]
    if not chosen:
        model_admin.message_user(request, "No selected KPI is archived.", messages.WARNING)
        return

    @writes
    def restore_all() -> None:
        for practice, of_it in _by_practice(request, chosen):
            seat, today = seat_of(request, practice), today_in(practice)
            for kpi in sorted(of_it, key=lambda kpi: kpi.is_calculated):
                kpis.restore(by=seat, kpi=kpi, today=today)
                model_admin.log_change(request, kpi, "Restored.")

    try:
        restore_all()
    except ValidationError as refusal:
        model_admin.message_user(request, " ".join(refusal.messages), messages.ERROR)
        return
    model_admin.message_user(
        request, f"Restored: {_named(chosen)}. Now assign an owner.", messages.SUCCESS
    )


def moved(stages: Sequence[KPI], chosen: Sequence[KPI], step: int) -> list[KPI]:
    """Move chosen stages by `step`, within the ends."""
    order = list(stages)[::-step]
    ids = {kpi.pk for kpi in chosen}
    for place in range(1, len(order)):
        if order[place].pk in ids and order[place - 1].pk not in ids:
            order[place - 1], order[place] = order[place], order[place - 1]
    return order[::-step]


def _move(model_admin: Any, request: HttpRequest, chosen: list[KPI], step: int) -> None:
    if archived := [kpi for kpi in chosen if kpi.is_archived]:
        sentence = f"Archived: {_named(archived)}. Restore them first."
        model_admin.message_user(request, sentence, messages.ERROR)
        return

    @writes
    def move_all() -> None:
        for practice, of_it in _by_practice(request, chosen):
            _move_in(practice, of_it, step, request)

    try:
        move_all()
    except ValidationError as refusal:
        model_admin.message_user(request, " ".join(refusal.messages), messages.ERROR)
        return
    for kpi in chosen:
        model_admin.log_change(request, kpi, "Moved.")
    model_admin.message_user(
        request, f"Moved from this week on: {_named(chosen)}.", messages.SUCCESS
    )


def _move_in(practice: Practice, chosen: list[KPI], step: int, request: HttpRequest) -> None:
    today = today_in(practice)
    week = practice.current_week(today)
    places = Place.objects.in_force(week.monday).filter(lineup__practice=practice)
    found = list(places.select_related("kpi"))
    for is_stage in (True, False):
        kind = [place for place in found if place.is_stage == is_stage]
        groups = dict.fromkeys(place.group_id for place in kind)
        order = [
            kpi
            for group in groups
            for kpi in moved([it.kpi for it in kind if it.group_id == group], chosen, step)
        ]
        if order != [place.kpi for place in kind]:
            kpis.reorder(by=seat_of(request, practice), kpis=order, today=today)


def _one_practice(model_admin: Any, request: HttpRequest, chosen: list[KPI]) -> Practice | None:
    """None, with a message, for several or an archived KPI."""
    found = _by_practice(request, chosen)
    sentence = None
    if len(found) != 1:
        sentence = "Choose KPIs of one practice: its own staff own them."
    elif archived := [kpi for kpi in chosen if kpi.is_archived]:
        sentence = f"Archived numbers have no owner: {_named(archived)}. Restore them first."
    if sentence:
        model_admin.message_user(request, sentence, messages.ERROR)
        return None
    return found[0][0]


def _by_practice(request: HttpRequest, chosen: list[KPI]) -> list[tuple[Practice, list[KPI]]]:
    pairs = [
        (practice, [kpi for kpi in chosen if kpi.practice_id == practice.pk])
        for practice in own_practices(request)
    ]
    return [(practice, of_it) for practice, of_it in pairs if of_it]


def _assigned(by: Seat, chosen: list[KPI], form: AssignOwnerForm) -> bool:
    @writes
    def assign_all() -> None:
        for kpi in chosen:
            ownership.assign(by=by, kpi=kpi, **form.cleaned_data)

    try:
        assign_all()
    except ValidationError as refusal:
        for field, errors in refusal.update_error_dict({}).items():
            form.add_error(field if field in form.fields else None, errors)
        return False
    return True


def _named(chosen: Sequence[KPI]) -> str:
    return _listed(kpi.name for kpi in chosen)


def _listed(names: Iterable[str]) -> str:
    return get_text_list(list(names), "and")
