from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from funnel.access import Seat
from funnel.api.answers import reading
from funnel.api.auth import caller_of, seat_of, today_of
from funnel.api.schemas import KPIsOut, PracticeFullOut, PracticesOut
from funnel.api.values import Slug, answer, number
from funnel.domain.weeks import Week
from funnel.models import Assignment, Practice, Staff
from funnel.reports.setup.kpi_list import list_kpis, list_team, list_values

router = Router(tags=["Practices"])


@router.get(
    "/practices/",
    response=reading(PracticesOut),
    operation_id="list_practices",
    summary="List practices",
    url_name="practices",
)
def practices(request: HttpRequest) -> HttpResponse:
    """Your practices by name; with a token only its own."""
    seats = list(caller_of(request).seats())
    days = {seat.practice: today_of(request, seat.practice) for seat in seats}
    values = list_values({practice: Week.running(day) for practice, day in days.items()})
    found = [_practice(seat, days[seat.practice], values[seat.practice.pk]) for seat in seats]
    return answer({"practices": found})


@router.get(
    "/practices/{slug:slug}/",
    response=reading(PracticeFullOut),
    operation_id="get_practice",
    summary="One practice and its team",
    url_name="practice",
)
def practice(request: HttpRequest, slug: Slug) -> HttpResponse:
    """Meeting time, current week, team and your own access."""
    seat = seat_of(request)
    today = today_of(request, seat.practice)
    value = list_values({seat.practice: Week.running(today)})[seat.practice.pk]
    team = [_person(person) for person in list_team(seat.practice)]
    return answer({**_practice(seat, today, value), "team": team})


@router.get(
    "/practices/{slug:slug}/kpis/",
    response=reading(KPIsOut),
    operation_id="list_kpis",
    summary="List the KPIs",
    url_name="kpis",
)
def kpis(request: HttpRequest, slug: Slug) -> HttpResponse:
    """Active KPIs with role, owner (null: nobody), unit, current place and current target."""
    seat = seat_of(request)
    listed = list_kpis(seat.practice, today=today_of(request, seat.practice))
    return answer({"kpis": _kpis(seat, listed)})


def _practice(seat: Seat, today: date, value: Decimal | None) -> dict[str, Any]:
    practice = seat.practice
    return {
        "slug": practice.slug,
        "name": practice.name,
        "time_zone": practice.time_zone,
        "currency": practice.currency,
        "value_per_patient": number(value),
        "meeting": {
            "weekday": Practice.Weekday(practice.meeting_weekday).label,
            "time": practice.meeting_time.isoformat("minutes"),
        },
        "began_on": practice.began_on.isoformat(),
        "today": today.isoformat(),
        "reporting_week": str(Week.reporting(today)),
        "running_week": str(Week.running(today)),
        "me": {
            "number": seat.staff.pk if seat.staff else None,
            "name": seat.name,
            "access": seat.staff.access if seat.staff else None,
            "may_enter": seat.may_enter_own,
            "is_manager": seat.is_manager,
        },
    }


def _person(person: Staff) -> dict[str, Any]:
    return {
        "number": person.pk,
        "name": person.name,
        "title": person.title,
        "access": person.access,
        "roles": sorted(role.name for role in person.roles.all()),
    }


def _kpis(seat: Seat, listed: Sequence[Assignment]) -> list[dict[str, Any]]:
    return [
        {
            "slug": one.kpi.slug,
            "name": one.kpi.name,
            "definition": one.kpi.definition,
            "role": one.kpi.role.name,
            "owner": one.owner.name if one.owner else None,
            "is_mine": seat.is_me(one.owner),
            "unit": one.kpi.unit,
            "direction": one.kpi.direction,
            "stage": one.stage,
            "target": number(one.target),
            "calculation": one.kpi.calculation,
            "source": one.kpi.source.slug if one.kpi.source else None,
            "divisor": one.kpi.divisor.slug if one.kpi.divisor else None,
            "window": one.kpi.window,
        }
        for one in listed
    ]
