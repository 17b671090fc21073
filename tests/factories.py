"""Plain makers of rows for tests; each saves and returns one, through the actions where one is."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from itertools import count
from typing import Any

import time_machine
from django.db.models import Model
from django.urls import reverse

from funnel.access import Seat, Standing, seat_at, take_stand
from funnel.access_links import sign_link
from funnel.actions import (
    calendars,
    entries,
    follow_ups,
    imports,
    kpis,
    meetings,
    ownership,
    practices,
    screens,
    short_weeks,
    staff,
    stand_ins,
    starts,
    targets,
    tokens,
    webhooks,
)
from funnel.domain.weeks import Week
from funnel.models import (
    KPI,
    ApiToken,
    FollowUp,
    Import,
    KPIGroup,
    Meeting,
    Message,
    Ownership,
    Place,
    Practice,
    Role,
    Screen,
    ShortWeek,
    Staff,
    StandIn,
    Target,
    User,
    Webhook,
    WeeklyEntry,
)
from funnel.reports.board.board import build_board
from funnel.reports.board.snapshot import freeze
from tests.kept import Kept


@contextmanager
def trusted() -> Iterator[None]:
    """Leave the constraints of what is made to the database, which refuses the same rows: asking it
    about each beforehand takes a quarter of the time of all tests."""
    before = _trust.depth
    _trust.depth += 1
    try:
        yield
    finally:
        _trust.depth = before


class _Trust(threading.local):
    depth = 0


_trust = _Trust()
_validate = Model.validate_constraints


def _validate_unless_trusted(self: Model, exclude: Any = None) -> None:
    if not _trust.depth:
        _validate(self, exclude)


Model.validate_constraints = _validate_unless_trusted  # type: ignore[method-assign]

TODAY = date(2026, 11, 24)
# A Tuesday, ten o'clock in New York.
NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
WEEK = Week.reporting(TODAY)
BEGAN = date(2024, 1, 1)
_forms = count(1)


@trusted()
def make_superuser(email: str = "root@example.com") -> User:
    """A login that reaches every practice; the same one for the same address."""
    return User.objects.filter(email=email).first() or User.objects.create_superuser(email, "pw")


def make_practice(slug: str = "lumina", **fields: Any) -> Practice:
    """A practice with its five roles and three stages, and nobody in it."""
    return _found(slug, **fields) if fields else _founded(slug)()


@trusted()
def _found(slug: str, **fields: Any) -> Practice:
    given = {"name": slug.title(), "began_on": BEGAN, "value_per_patient": Decimal(3200), **fields}
    return practices.found(by=make_superuser(), slug=slug, **given)


@cache
def _founded(slug: str) -> Kept:
    return Kept(time_machine.travel(BEGAN, tick=False)(lambda: _found(slug)))


def make_start(name: str = "Newton Skin", your_name: str = "Nora", **settings: Any) -> Practice:
    """A practice in guided setup since `NOW`, and its founder's membership as admin."""
    if not settings and (name, your_name) == ("Newton Skin", "Nora"):
        return _begun()
    return _begin(name, your_name, **settings)


@trusted()
def _begin(name: str = "Newton Skin", your_name: str = "Nora", **settings: Any) -> Practice:
    given = {"value_per_patient": Decimal(3200), "now": NOW, **settings}
    return starts.begin(by=make_superuser(), name=name, your_name=your_name, **given)


_begun = Kept(time_machine.travel(NOW, tick=False)(_begin))


@trusted()
def answer_start(practice: Practice) -> None:
    """Nora answers for its leads, Maya, who is new, for its appointments, and no one yet for its
    patients acquired."""
    by_slug = {kpi.slug: kpi for kpi in practice.kpis.all()}
    answers = (
        starts.Answer(by_slug["leads"], practice.staff.get(name="Nora")),
        starts.Answer(
            by_slug["appointments"], starts.Newcomer("Maya", "maya@newton.example", "Receptionist")
        ),
        starts.Answer(by_slug["patients-acquired"], None, "Doctor"),
    )
    starts.answer(by=root_seat(practice), answers=answers, today=TODAY)


def root_seat(practice: Practice) -> Seat:
    """The superuser's seat in that practice."""
    seat = seat_at(make_superuser(), practice)
    assert seat is not None
    return seat


@trusted()
def make_staff(
    practice: Practice, name: str, *roles: str, access: str = Staff.Access.MEMBER
) -> Staff:
    """Someone who works there, signing in as <name>@<slug>.example with the password "pw"."""
    email = f"{name.lower()}@{practice.slug}.example"
    held = Role.objects.filter(practice=practice, name__in=roles)
    person = staff.add(by=root_seat(practice), email=email, name=name, roles=held, access=access)
    person.user.set_password("pw")
    person.user.save()
    return person


def seat_for(person: Staff) -> Seat:
    """That person's seat in their practice."""
    seat = seat_at(person.user, person.practice)
    assert seat is not None
    return seat


def stand_for(person: Staff, slug: str, day: date = TODAY) -> Standing:
    """That person's standing before a KPI of their practice."""
    standing = take_stand(seat_for(person), slug, day)
    assert standing is not None
    return standing


@trusted()
def make_ownership(kpi: KPI, person: Staff, starts_on: date = BEGAN) -> Ownership:
    """Makes that person the KPI's owner from that day on."""
    return ownership.assign(by=root_seat(kpi.practice), kpi=kpi, staff=person, starts_on=starts_on)


@trusted()
def make_stand_in(kpi: KPI, person: Staff, starts_on: date, ends_on: date) -> StandIn:
    """Lets that person enter for the KPI's owner between two days."""
    seat = root_seat(kpi.practice)
    return stand_ins.name(by=seat, kpi=kpi, staff=person, starts_on=starts_on, ends_on=ends_on)


@trusted()
def make_target(kpi: KPI, value: int | Decimal, from_week: Week | None = None) -> Target:
    """Sets the KPI's target from that week on, by default from the practice's beginning."""
    return targets.set_from(
        by=root_seat(kpi.practice),
        kpi=kpi,
        from_week=from_week or Week.of(BEGAN),
        value=Decimal(value),
    )


@trusted()
def make_kpi(
    practice: Practice,
    name: str,
    role: str = "Management",
    *,
    stage: int | None = None,
    group: KPIGroup | None = None,
    from_week: Week | None = None,
    **fields: Any,
) -> KPI:
    """A further KPI, reviewed from the practice's first week on unless another is given; outside
    the funnel unless `stage`, its place there, is given."""
    kpi = KPI(
        practice=practice,
        name=name,
        slug=name.lower().replace(" ", "-"),
        definition=f"What counts as {name.lower()}.",
        role=Role.objects.get(practice=practice, name=role),
        **fields,
    )
    week = from_week or Week.of(practice.began_on)
    before = practice.kpis.filter(places__lineup__from_week__lte=week.monday)
    before = before.filter(places__is_stage=True, places__position__lt=stage or 0)
    return kpis.add(
        by=root_seat(practice),
        kpi=kpi,
        today=TODAY,
        from_week=week,
        is_stage=stage is not None,
        after=before.order_by("places__lineup__from_week", "places__position").last(),
        group=group,
    )


@trusted()
def remove_kpis(practice: Practice) -> None:
    """Leave a practice without KPIs, as rows: no action does."""
    Place.objects.filter(lineup__practice=practice).delete()
    practice.lineups.all().delete()
    StandIn.objects.filter(kpi__practice=practice).delete()
    Ownership.objects.filter(kpi__practice=practice).delete()
    practice.kpis.all().delete()


@trusted()
def make_short_week(practice: Practice, week: Week = WEEK, reason: str = "Holiday") -> ShortWeek:
    """The week marked as short by the superuser, with three days open."""
    return short_weeks.mark(
        by=root_seat(practice), week=week, days_open=3, reason=reason, today=TODAY
    )


@trusted()
def make_entry(kpi: KPI, value: int | Decimal, week: Week = WEEK, **how: Any) -> WeeklyEntry:
    """The KPI's number of that week, by default entered by the superuser on `TODAY`."""
    standing = take_stand(root_seat(kpi.practice), kpi.slug, TODAY)
    assert standing is not None
    given = {"reason": "set up", "confirmed": True, **how}
    return entries.record(by=standing, week=week, value=Decimal(value), **given)


@trusted()
def make_numbers(kpi: KPI, values: Sequence[int | Decimal | None], last: Week = WEEK) -> None:
    """The KPI's numbers of the weeks up to the last, one a week, None where missing; as rows, for
    tests of many weeks: no history, and nothing that an entry would bring about."""
    by = make_superuser()
    WeeklyEntry.objects.bulk_create(
        WeeklyEntry(
            practice=kpi.practice,
            kpi=kpi,
            week=week.monday,
            value=value,
            entered_at=datetime.combine(week.next.monday, time(13), UTC),
            entered_by=by,
        )
        for week, value in zip(last.next.back(len(values)), values, strict=True)
        if value is not None
    )


@trusted()
def make_screen(
    practice: Practice, name: str = "Meeting room", **fields: Any
) -> tuple[Screen, str]:
    """A screen on that practice's wall, and its token; for a month by default."""
    given = {"expires_on": TODAY + timedelta(days=30), "shows_names": False, "once": name, **fields}
    return screens.make(by=root_seat(practice), name=name, **given)


def make_webhook(
    person: Staff, url: str = "https://example.com/kpi", once: str = "once", **wishes: bool
) -> Webhook:
    """A webhook made by that admin, for all events by default."""
    given = {"wants_entries": True, "wants_closings": True, "wants_unowned": True, **wishes}
    return webhooks.make(by=seat_for(person), url=url, once=once, **given)


@trusted()
def make_told_webhook(person: Staff) -> Webhook:
    """A webhook with one message of each fate: it arrived, it waits, it was given up."""
    hook = make_webhook(person)
    now = datetime.combine(TODAY, time(15), UTC)
    for number, fields in enumerate(
        (
            {"state": "delivered", "delivered_at": now, "answer": "It answered 200."},
            {"state": "dead", "answer": "No answer in time.", "attempts": 8},
            {"state": "waiting", "answer": "It answered 503.", "attempts": 2},
        )
    ):
        webhooks.test(by=seat_for(person), webhook=hook, once=str(number))
        due_at = now if fields["state"] == "waiting" else None
        Message.objects.filter(pk=hook.messages.latest("pk").pk).update(
            queued_at=now, due_at=due_at, **fields
        )
    return hook


@trusted()
def make_calendar(person: Staff) -> str:
    """The token of that person's calendar."""
    return calendars.make(by=seat_for(person), once="k")


def link_for(person: Staff, kpi: KPI, week: Week = WEEK, day: date = TODAY) -> str:
    """The path of that person's one-number link, as mailed on that day."""
    held = kpi.ownerships.on(day).first()
    token = sign_link(
        kpi_id=kpi.pk,
        week=week,
        staff_id=person.pk,
        holding=(held.pk, held.staff_id) if held else None,
    )
    return reverse("one-number", args=[token])


@trusted()
def make_token(person: Staff, name: str = "Monday's report", **fields: Any) -> tuple[ApiToken, str]:
    """A token of that person that reads and writes, and its text; for a month by default. Different
    each time, so that rate counts of one do not apply to the next."""
    given = {"expires_on": TODAY + timedelta(days=30), "may_write": True, **fields}
    once = f"{name}, {next(_forms)}"
    return tokens.make(by=seat_for(person), name=name, **{"once": once, **given})


@trusted()
def close_week(person: Staff, week: Week = WEEK, today: date = TODAY) -> Meeting:
    """The week closed by that manager, with its board as they saw it."""
    practice = person.practice
    return meetings.close(
        by=seat_for(person),
        week=week,
        today=today,
        seen=lambda: freeze(build_board(practice, week, today=today)),
    )


@trusted()
def make_follow_up(
    owner: Staff,
    text: str = "Call back every lead within an hour",
    due_on: date = TODAY,
    kpi: KPI | None = None,
    week: Week = WEEK,
) -> FollowUp:
    """That person's follow-up of the week's meeting, due on `TODAY` by default."""
    seat = root_seat(owner.practice)
    return follow_ups.promise(by=seat, week=week, text=text, owner=owner, due_on=due_on, kpi=kpi)


def make_import(
    person: Staff, *rows: Sequence[Any], name: str = "numbers.csv", today: date = TODAY
) -> Import:
    """The draft of a file with those rows, chosen by that person."""
    sheets = {"the file": [list(row) for row in rows]}
    return imports.upload(by=seat_for(person), file_name=name, sheets=sheets, today=today)
