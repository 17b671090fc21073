"""A practice's KPIs and its people, as a program asks for them."""

from collections.abc import Sequence
from datetime import date

from funnel.domain.weeks import Week
from funnel.models import KPI, Practice, Staff


def list_kpis(practice: Practice, *, today: date) -> Sequence[KPI]:
    """The KPIs in use in the order of the funnel, each with its role, its owner today (`holding`),
    the target in force in the running week (`target_value`), and what it is told by. One query."""
    kpis = practice.kpis.active().in_order().with_owner(today)
    with_target = kpis.with_target(Week.running(today).monday)
    return list(with_target.select_related("source", "divisor"))


def list_team(practice: Practice) -> Sequence[Staff]:
    """Who works there and may sign in, by name, each with its roles. Two queries."""
    people = practice.staff.active().order_by("name", "id")
    return list(people.prefetch_related("roles"))
