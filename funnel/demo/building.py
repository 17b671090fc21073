from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import partial
from random import Random
from typing import Any

from funnel.access import Seat, seat_at
from funnel.actions import (
    groups,
    kpis,
    ownership,
    practices,
    short_weeks,
    staff,
    stand_ins,
    targets,
)
from funnel.actions.writing import writes
from funnel.demo import minutes, past, story
from funnel.demo.plots import (
    APPOINTMENTS,
    COST,
    GROUP,
    LEADS,
    MANAGER,
    PATIENTS,
    RATING,
    SPEND,
    PlannedPerson,
    Plot,
)
from funnel.domain.weeks import Week
from funnel.models import KPI, KPIGroup, Practice, Role, Staff, User

STAGES = (LEADS, APPOINTMENTS, PATIENTS)
EARLIER_TARGET = Decimal("0.9")
DIRECTOR = PlannedPerson("group", "Gwen", "Regional director", ("Management",), MANAGER)


@writes
def build(
    *,
    root: User,
    password_hash: str,
    plot: Plot,
    weeks: int,
    today: date,
    rng: Random,
    seen: minutes.Seen,
) -> int:
    """Return the number of entries."""
    told = Week.reporting(today).next.back(weeks)
    practice = practices.found(
        by=root,
        slug=plot.slug,
        name=plot.name,
        began_on=told[0].monday,
        time_zone=plot.time_zone,
        currency=plot.currency,
        value_per_patient=plot.value_per_patient,
        meeting_weekday=plot.meeting_weekday,
        meeting_time=plot.meeting_time,
        patients_role=plot.patients_role,
    )
    people = _hire(root, practice, plot, password_hash)
    admin, manager = _seat(people["admin"]), _seat(people["manager"])
    if plot.has_more:
        _add_more(admin, told[0], today)
    by_slug = {kpi.slug: kpi for kpi in practice.kpis.select_related("role")}
    _give_duties(admin, plot, people, by_slug, told)
    _aim(manager, plot, by_slug, told)
    _mark_short(manager, told, today)
    left = {p.account: _monday(told, p.left) for p in plot.people if p.left}
    for account in left:
        staff.deactivate(by=admin, staff=people[account], today=today)
    duties = past.Duties.of(practice, people["manager"])
    figures = _figures(plot, by_slug, told, rng)
    count = past.enter(practice, plot, duties, figures, today=today, rng=rng)
    past.backdate(practice, people, left)
    minutes.keep(practice=practice, people=people, kpis=by_slug, told=told, seen=seen)
    return count


def _hire(root: User, practice: Practice, plot: Plot, password_hash: str) -> dict[str, Staff]:
    roles = {role.name: role for role in Role.objects.filter(practice=practice)}
    seat = seat_at(root, practice)
    assert seat is not None  # noqa: S101 - a superuser has a seat everywhere
    people: dict[str, Staff] = {}
    for person in (*plot.people, DIRECTOR):
        email = GROUP if person is DIRECTOR else plot.address(person.account)
        added = staff.add(
            by=seat,
            email=email,
            name=person.name,
            title=person.title,
            roles=[roles[name] for name in person.roles],
            access=person.access,
        )
        people[person.account] = staff.accept(by=added.user, staff=added)
        if person.account == "admin":
            seat = _seat(people["admin"])
    stays = [people[p.account].user_id for p in (*plot.people, DIRECTOR) if p.left is None]
    # Only where no password was ever set ("!"): existing passwords are never overwritten.
    never_set = User.objects.filter(pk__in=stays, password__startswith="!")  # noqa: S106
    never_set.update(password=password_hash)
    return people


def _seat(person: Staff) -> Seat:
    return Seat(person.user, person.practice, person)


def _add_more(by: Seat, first: Week, today: date) -> None:
    money, reputation = (
        groups.save(
            by=by, group=KPIGroup(practice=by.practice, name=name, order=order), today=today
        )
        for order, name in enumerate(("Money", "Reputation"), start=1)
    )
    add = partial(_add, by, first, today)
    spend = add(
        SPEND,
        "Marketing",
        name="Marketing spend",
        definition="What advertising of the week cost, agencies included, in whole units.",
        unit=KPI.Unit.MONEY,
        direction=KPI.Direction.LOWER,
        group=money,
    )
    add(
        COST,
        "Marketing",
        name="Cost per lead",
        definition="Marketing spend divided by leads of the same week.",
        unit=KPI.Unit.MONEY,
        direction=KPI.Direction.LOWER,
        group=money,
        calculation=KPI.Calculation.RATIO,
        source=spend,
        divisor=KPI.objects.get(practice=by.practice, slug=LEADS),
    )
    add(
        RATING,
        "Management",
        name="Google rating",
        definition="The average of all our Google reviews as of Sunday evening, to one decimal.",
        unit=KPI.Unit.DECIMAL,
        group=reputation,
    )


def _add(
    by: Seat, first: Week, today: date, slug: str, role: str, group: KPIGroup, **fields: Any
) -> KPI:
    held = Role.objects.get(practice=by.practice, name=role)
    kpi = KPI(practice=by.practice, slug=slug, role=held, **fields)
    return kpis.add(by=by, kpi=kpi, today=today, from_week=first, group=group)


def _give_duties(
    by: Seat,
    plot: Plot,
    people: Mapping[str, Staff],
    kpis: Mapping[str, KPI],
    told: tuple[Week, ...],
) -> None:
    for held in plot.holds:
        starts_on = _monday(told, held.since)
        if held.until is not None and held.until > len(told):
            continue  # Ended before the first week shown.
        kpi = kpis[held.kpi]
        ownership.assign(by=by, kpi=kpi, staff=people[held.account], starts_on=starts_on)
        if held.until is not None:
            ownership.end(by=by, kpi=kpi, ends_on=told[-held.until].sunday)
    for cover in plot.covers:
        if cover.since <= len(told):
            stand_ins.name(
                by=by,
                kpi=kpis[cover.kpi],
                staff=people[cover.account],
                starts_on=told[-cover.since].monday,
                ends_on=told[-cover.until].sunday,
            )


def _aim(by: Seat, plot: Plot, kpis: Mapping[str, KPI], told: tuple[Week, ...]) -> None:
    raised = min(plot.raised or len(told), len(told))
    for slug, target in zip(STAGES, plot.targets, strict=True):
        value = Decimal(target)
        if raised < len(told):
            earlier = round(value * EARLIER_TARGET)
            targets.set_from(by=by, kpi=kpis[slug], from_week=told[0], value=Decimal(earlier))
        targets.set_from(by=by, kpi=kpis[slug], from_week=told[-raised], value=value)
    if plot.has_more:
        for slug, aim in ((RATING, "4.7"), (SPEND, "7500"), (COST, "80")):
            targets.set_from(by=by, kpi=kpis[slug], from_week=told[0], value=Decimal(aim))


def _mark_short(by: Seat, told: tuple[Week, ...], today: date) -> None:
    for week in told[: -story.DIP_WEEKS]:
        if holiday := story.holiday_in(week):
            short_weeks.mark(by=by, week=week, days_open=3, reason=holiday, today=today)


def _figures(
    plot: Plot, kpis: Mapping[str, KPI], told: tuple[Week, ...], rng: Random
) -> list[past.Figure]:
    columns = [*zip(*story.numbers(plot.funnel, told, rng), strict=True)]
    by_kpi = dict(zip(STAGES, columns, strict=True))
    if plot.has_more:
        by_kpi[RATING] = tuple(story.ratings(told, rng))
        by_kpi[SPEND] = tuple(story.spending(columns[0], rng))
    return [
        past.Figure(kpis[slug], week, ago, Decimal(value))
        for slug, values in by_kpi.items()
        for ago, week, value in zip(range(len(told), 0, -1), told, values, strict=True)
        if (slug, ago) not in plot.missing
    ]


def _monday(told: tuple[Week, ...], ago: int | None) -> date:
    return told[-min(ago or len(told), len(told))].monday
