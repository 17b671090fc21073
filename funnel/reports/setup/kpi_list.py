from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from funnel.domain.weeks import Week
from funnel.models import Assignment, PatientValue, Practice, Staff


def list_kpis(practice: Practice, *, today: date) -> Sequence[Assignment]:
    """KPIs in funnel order, with today's owners and targets. One query."""
    kpis = practice.kpis.active().in_order().with_parts()
    return kpis.assigned(today, week=Week.running(today).monday)


def list_values(weeks: Mapping[Practice, Week]) -> dict[int, Decimal | None]:
    """Patient values by practice id. One query."""
    mondays = {practice.pk: week.monday for practice, week in weeks.items()}
    rows = PatientValue.objects.filter(practice__in=list(mondays)).order_by("from_week")
    found = rows.values_list("practice_id", "from_week", "value")
    in_force = {pk: value for pk, monday, value in found if monday <= mondays[pk]}
    return {pk: in_force.get(pk) for pk in mondays}


def list_team(practice: Practice) -> Sequence[Staff]:
    """Active staff by name, with roles. Two queries."""
    people = practice.staff.active().order_by("name", "id")
    return list(people.prefetch_related("roles"))
