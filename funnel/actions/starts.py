"""Guided setup."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils.text import slugify

from funnel.access import May, Seat, require, seat_at
from funnel.actions import kpis, ownership, practices, staff, targets
from funnel.actions.writing import writes
from funnel.domain.weeks import Week, local_today
from funnel.models import KPI, Meeting, Practice, Role, Staff, User

Step = Practice.Step
SLUG_LENGTH = 40
NAMELESS = "practice"


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A person to add unless the address exists."""

    name: str
    email: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A KPI's owner or None; `role` None leaves it."""

    kpi: KPI
    person: Staff | Newcomer | None
    role: str | None = None


@dataclass(frozen=True, slots=True)
class Hired:
    """`answers_for` are KPI slugs."""

    person: Newcomer
    access: str
    answers_for: tuple[str, ...] = ()


class AnswerRefused(Exception):
    """Nothing was saved."""

    def __init__(self, kpi: KPI, why: ValidationError) -> None:
        super().__init__(f"{kpi.slug}: {why}")
        self.kpi = kpi
        self.why = why


def begin(*, by: User, name: str, now: datetime, your_name: str = "", **settings: Any) -> Practice:
    """Create a practice in setup, from the week of its first meeting on.

    Return an existing one of that name in setup, so a double click creates one. `your_name` becomes
    admin.
    """
    name = name.strip()
    try:
        return _begin(by, name, now, your_name, settings)
    except IntegrityError:
        # A concurrent request was first.
        return Practice.objects.get(name__iexact=name, start_step__isnull=False)


@writes
def _begin(
    by: User, name: str, now: datetime, your_name: str, settings: Mapping[str, Any]
) -> Practice:
    require(May.FOUND, by)
    known = Practice.objects.filter(name__iexact=name).first()
    if known is not None and known.is_starting:
        return known
    if known is not None:
        raise ValidationError(
            {
                "name": f"There is already a practice {known.name}. "
                "Choose another name, for example with its town."
            }
        )
    practice = practices.found(
        by=by,
        slug=free_slug(name),
        name=name,
        began_on=practices.first_week(now, **settings).monday,
        **settings,
    )
    seat = _seat(by, practice)
    if your_name.strip():
        staff.add(by=seat, email=by.email, name=your_name, access=Staff.Access.ADMIN)
    return practices.change(by=seat, start_step=Step.WHO)


@writes
def found_whole(
    *,
    by: User,
    settings: Mapping[str, Any],
    people: Iterable[Hired],
    targets: Mapping[str, Decimal],
    now: datetime,
) -> Seat:
    """Create a practice with people, owners and targets, all or none. Raises AnswerRefused.

    `settings` as in `practices.found`, `targets` by slug.
    """
    given = {"began_on": practices.first_week(now, **settings).monday, **settings}
    seat = _seat(by, practices.found(by=by, **given))
    today = local_today(now, seat.practice.time_zone)
    kpis = {kpi.slug: kpi for kpi in seat.practice.kpis.all()}
    answers = []
    for it in people:
        new = it.person
        place = staff.add(
            by=seat, email=new.email, name=new.name, title=new.title, access=it.access
        )
        answers += [Answer(kpis[slug], place) for slug in it.answers_for]
    answer(by=seat, answers=answers, today=today)
    aim(by=seat, values={kpis[slug]: value for slug, value in targets.items()}, today=today)
    return seat


@writes
def answer(*, by: Seat, answers: Iterable[Answer], today: date) -> None:
    """Set owners and roles from today on, all or none. Raises AnswerRefused."""
    require(May.START, by)
    # A concurrent request waits here and then finds the new staff.
    Practice.objects.select_for_update(no_key=True).get(pk=by.practice.pk)
    for it in answers:
        try:
            _answer(by, it, today)
        except ValidationError as refusal:
            raise AnswerRefused(it.kpi, refusal) from refusal
    _reach(by, Step.TARGETS)


def _answer(by: Seat, answer: Answer, today: date) -> None:
    kpi = KPI.objects.select_related("role").get(pk=answer.kpi.pk)
    require(May.ASSIGN, by, of=kpi.practice_id)
    if answer.role is not None and answer.role != kpi.role.name:
        kpi.role, _ = Role.objects.get_or_create(practice=by.practice, name=answer.role)
        kpi = kpis.save(by=by, kpi=kpi, today=today)
    if answer.person is None:
        ownership.withdraw(by=by, kpi=kpi, today=today)
        return
    person = _place(by, answer.person, kpi.role)
    held = list(person.roles.all())
    if kpi.role not in held:
        person = staff.change(
            by=by,
            staff=person,
            name=person.name,
            title=person.title,
            roles=[*held, kpi.role],
            access=person.access,
            today=today,
        )
    ownership.assign(by=by, kpi=kpi, staff=person, starts_on=today)


def _place(by: Seat, person: Staff | Newcomer, role: Role) -> Staff:
    if isinstance(person, Staff):
        return person
    email = person.email.strip().lower()
    place = Staff.objects.filter(practice=by.practice, user__email=email).first()
    if place is not None:
        return place
    is_me = email == by.user.email
    access = Staff.Access.ADMIN if is_me else Staff.Access.MEMBER
    return staff.add(
        by=by,
        email=email,
        name=person.name,
        title=person.title,
        roles=[role],
        access=access,
    )


@writes
def aim(*, by: Seat, values: Mapping[KPI, Decimal | None], today: date) -> None:
    """Set targets, all or none, from the last finished week on or the first open after; None
    removes the latest.
    """
    require(May.START, by)
    # Locked before the weeks, as in every change of a lineup.
    Practice.objects.select_for_update(no_key=True).get(pk=by.practice.pk)
    first = _first_open_week(by.practice, today)
    for kpi, value in values.items():
        latest = kpi.targets.select_related("kpi").order_by("-from_week").first()
        if latest is not None and value is None:
            targets.drop(by=by, target=latest)
        elif value is not None and (latest is None or latest.value != value):
            week = max(first, Week(latest.from_week)) if latest else first
            targets.set_from(by=by, kpi=kpi, from_week=week, value=value)
    _reach(by, Step.SPREADSHEET)


@writes
def go_on(*, by: Seat, to: int) -> None:
    """Skip to a step."""
    require(May.START, by)
    _reach(by, to)


@writes
def bring_numbers(*, by: Seat, began_on: date | None) -> None:
    """Move the first day back."""
    require(May.START, by)
    practice = Practice.objects.select_for_update(no_key=True).get(pk=by.practice.pk)
    if began_on is not None and began_on < practice.began_on:
        practices.change(by=by, began_on=began_on)
    _reach(by, Step.SUMMARY)


@writes
def finish(*, by: Seat) -> Practice:
    """End the setup."""
    require(May.START, by)
    return practices.change(by=by, start_step=None)


def free_slug(name: str) -> str:
    """One query."""
    base = slugify(name)[:SLUG_LENGTH].strip("-_") or NAMELESS
    taken = set(Practice.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    number = 2
    slug = base
    while slug in taken:
        slug, number = f"{base}-{number}", number + 1
    return slug


def _reach(by: Seat, step: int) -> None:
    """Store the furthest step."""
    practice = Practice.objects.select_for_update(no_key=True).get(pk=by.practice.pk)
    if practice.start_step is not None and practice.start_step < step:
        practices.change(by=by, start_step=step)


def _first_open_week(practice: Practice, today: date) -> Week:
    closed = Meeting.objects.closed().filter(practice=practice).order_by("-week").first()
    first = max(Week.reporting(today), practice.first_week)
    return first if closed is None else max(first, Week(closed.week).next)


def _seat(user: User, practice: Practice) -> Seat:
    seat = seat_at(user, practice)
    assert seat is not None  # noqa: S101 - a superuser has one everywhere
    return seat
