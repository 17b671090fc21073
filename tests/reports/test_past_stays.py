"""What a week shows depends only on what held in that week (rule 9).

Structural changes are made today, at random; then every earlier week is read again, by each way in
which it leaves the practice, and compared byte by byte.
"""

import json
from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest
import time_machine
from django.core.exceptions import ValidationError

from funnel.access import seat_at
from funnel.actions import (
    groups,
    kpis,
    ownership,
    patient_values,
    short_weeks,
    stand_ins,
    targets,
)
from funnel.api.board import as_numbers as board_as_numbers
from funnel.api.history import as_numbers as history_as_numbers
from funnel.domain.weeks import Week
from funnel.models import KPI, KPIGroup, Lineup, Practice, Role
from funnel.reports.board.board import build_board, build_boards
from funnel.reports.board.snapshot import freeze
from funnel.reports.exports.exports import EXPORTS, ExportRequest
from funnel.reports.scorecard.scorecard import build_scorecard
from funnel.reports.series.over_time import build_over_time
from funnel.reports.setup.screens import build_wall
from tests.cast import make_cast
from tests.factories import TODAY, WEEK, close_week, make_kpi, make_numbers, make_target, root_seat
from tests.kept import kept

pytestmark = pytest.mark.django_db

CHANGES = 50
WEEKS = 24
COMPARED = 9


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@kept
def cast():
    """A practice with two groups, a ratio, a target for some and its last week closed."""
    cast = make_cast()
    seat = root_seat(cast.practice)
    rng = Random(7)  # noqa: S311
    for kpi, usual in ((cast.leads, 90), (cast.appointments, 40), (cast.patients, 18)):
        make_numbers(kpi, [usual + rng.randrange(-5, 6) for _ in range(WEEKS)])
    make_target(cast.leads, 100)
    money, praise = (
        KPIGroup.objects.create(practice=cast.practice, name=name, order=order)
        for order, name in enumerate(("Money", "Praise"), start=1)
    )
    spend = make_kpi(cast.practice, "Spend", unit=KPI.Unit.MONEY)
    rating = make_kpi(cast.practice, "Rating", unit=KPI.Unit.DECIMAL)
    cost = make_kpi(
        cast.practice,
        "Cost",
        unit=KPI.Unit.MONEY,
        calculation=KPI.Calculation.RATIO,
        source=spend,
        divisor=cast.leads,
    )
    make_numbers(spend, [900 + rng.randrange(0, 99) for _ in range(WEEKS)])
    make_numbers(rating, [4 for _ in range(WEEKS)])
    for kpi, group in ((spend, money), (rating, praise), (cost, money)):
        kpis.place(by=seat, kpi=kpi, group=group, from_week=WEEK.plus(-20), today=TODAY)
    # Recorded from long before its first week, the running one.
    late = make_kpi(cast.practice, "Late", from_week=WEEK.next)
    make_numbers(late, [7 for _ in range(WEEKS)])
    ownership.assign(by=seat, kpi=spend, staff=cast.manager, starts_on=WEEK.plus(-30).monday)
    yesterday = TODAY - timedelta(days=1)
    with time_machine.travel(f"{yesterday}T15:00Z", tick=False):
        close_week(cast.manager, today=yesterday)
    return cast


def earlier_weeks():
    return WEEK.next.back(COMPARED)


def text(thing):
    return json.dumps(thing, sort_keys=True, default=str)


def seen(practice, viewer, week):
    """Everything that leaves the practice about that week, as text, by the way it leaves."""
    seat = seat_at(viewer.user, practice)
    board = build_board(practice, week, today=TODAY)
    asked = ExportRequest(last=week)
    found = {
        "board": text(freeze(board)),
        "wall": repr(build_wall(board, time_zone="UTC", shows_names=True)),
        "group": text(freeze(build_boards([(practice, week, TODAY)])[0])),
        "API board": text(board_as_numbers(board, seat)),
        "scorecard": repr(build_scorecard(seat, today=TODAY, until=week, with_running=False)),
    }
    for name, offer in EXPORTS.items():
        if offer.has_weeks and name != "follow-ups":
            table = offer.build(seat, asked, today=TODAY)
            found[f"{name} export"] = repr((table.columns, list(table.rows)))
    return found


def history_of(practice, week):
    """The API's history of every KPI there is today, up to that week."""
    found = {}
    for kpi in KPI.objects.filter(practice=practice).order_by("slug"):
        over = build_over_time(practice, kpi.slug, today=TODAY, first=week.plus(-12), last=week)
        found[kpi.slug] = text(history_as_numbers(over)["weeks"])
    return found


class Changes:
    """Structural changes that an admin may make today; each returns False where it cannot."""

    def __init__(self, cast, seed):
        self.practice = cast.practice
        self.cast = cast
        self.seat = root_seat(cast.practice)
        self.rng = Random(seed)  # noqa: S311
        self.count = 0

    def _kpis(self, **fields):
        return list(KPI.objects.filter(practice=self.practice, archived_at=None, **fields))

    def add_stage(self):
        self.count += 1
        stages = [None, *self._stages()]
        self._add(f"Stage {self.count}", is_stage=True, after=self.rng.choice(stages))

    def add_beside(self):
        self.count += 1
        groups = [None, *KPIGroup.objects.filter(practice=self.practice)]
        self._add(f"Number {self.count}", group=self.rng.choice(groups))

    def _add(self, name, **where):
        role = self.rng.choice(list(Role.objects.filter(practice=self.practice)))
        slug = name.lower().replace(" ", "-")
        kpi = KPI(practice=self.practice, name=name, slug=slug, definition=name, role=role)
        kpis.add(by=self.seat, kpi=kpi, today=TODAY, **where)

    def _stages(self):
        lineup = Lineup.objects.filter(practice=self.practice).order_by("-from_week").first()
        return [place.kpi for place in lineup.places.filter(is_stage=True).order_by("position")]

    def move(self):
        kpi, after = (self.rng.choice(self._stages()) for _ in range(2))
        kpis.place(by=self.seat, kpi=kpi, is_stage=True, after=after, today=TODAY)

    def take_out(self):
        kpis.place(by=self.seat, kpi=self.rng.choice(self._stages()), today=TODAY)

    def archive(self):
        kpis.archive(by=self.seat, kpi=self.rng.choice(self._kpis()), today=TODAY)

    def restore(self):
        gone = list(KPI.objects.filter(practice=self.practice, archived_at__isnull=False))
        if gone:
            kpis.restore(by=self.seat, kpi=self.rng.choice(gone), today=TODAY)

    def regroup(self):
        stages = {kpi.pk for kpi in self._stages()}
        kpi = self.rng.choice([kpi for kpi in self._kpis() if kpi.pk not in stages])
        groups = [None, *KPIGroup.objects.filter(practice=self.practice)]
        kpis.place(by=self.seat, kpi=kpi, group=self.rng.choice(groups), today=TODAY)

    def reorder(self):
        stages = self._stages()
        self.rng.shuffle(stages)
        kpis.reorder(by=self.seat, kpis=stages, today=TODAY)

    def new_role(self):
        kpi = self.rng.choice(self._kpis())
        kpi.role = self.rng.choice(list(Role.objects.filter(practice=self.practice)))
        kpis.save(by=self.seat, kpi=kpi, today=TODAY)

    def target(self):
        kpi = self.rng.choice(self._kpis())
        value = Decimal(self.rng.randrange(1, 99))
        targets.set_from(by=self.seat, kpi=kpi, from_week=WEEK.next, value=value)

    def owner(self):
        kpi = self.rng.choice(self._kpis())
        people = list(self.practice.staff.filter(roles=kpi.role))
        if people:
            person = self.rng.choice(people)
            ownership.assign(by=self.seat, kpi=kpi, staff=person, starts_on=TODAY)

    def no_owner(self):
        ownership.withdraw(by=self.seat, kpi=self.rng.choice(self._kpis()), today=TODAY)

    def patient_value(self):
        value = self.rng.choice([None, Decimal(self.rng.randrange(1, 9999))])
        patient_values.set_from(by=self.seat, from_week=WEEK.next, value=value, today=TODAY)

    def stand_in(self):
        days = {"starts_on": TODAY, "ends_on": TODAY + timedelta(days=9)}
        kpi = self.rng.choice(self._kpis())
        stand_ins.name(by=self.seat, kpi=kpi, staff=self.cast.member, **days)

    def short_week(self):
        week = WEEK.next
        short_weeks.mark(by=self.seat, week=week, days_open=3, reason="Holiday", today=TODAY)

    def full_week(self):
        short_weeks.unmark(by=self.seat, week=WEEK.next, today=TODAY)

    def group_order(self):
        group = self.rng.choice(list(KPIGroup.objects.filter(practice=self.practice)))
        group.order = self.rng.randrange(9)
        groups.save(by=self.seat, group=group, today=TODAY)


KINDS = sorted(name for name in vars(Changes) if not name.startswith("_"))


@pytest.mark.parametrize("seed", range(4))
def test_fifty_changes_today_change_no_earlier_week_by_a_byte(cast, seed):
    practice = cast.practice
    before = {week: seen(practice, cast.viewer, week) for week in earlier_weeks()}
    told = {week: history_of(practice, week) for week in earlier_weeks()[-2:]}
    changes = Changes(cast, seed)
    made = 0
    for _ in range(CHANGES):
        try:
            getattr(changes, changes.rng.choice(KINDS))()
            made += 1
        except (ValidationError, IndexError):
            continue  # Refused, as archiving what another is calculated from, or nothing to choose.
    assert made > CHANGES / 2
    practice = Practice.objects.get(pk=practice.pk)
    for week in earlier_weeks():
        now = seen(practice, cast.viewer, week)
        for way, was in before[week].items():
            assert now[way] == was, f"{way} of {week}"
    for week, was in told.items():
        now = history_of(practice, week)
        assert {slug: now[slug] for slug in was} == was


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_change_leaves_the_week_under_review_as_it_was(cast, kind):
    before = seen(cast.practice, cast.viewer, WEEK)
    changes = Changes(cast, 1)
    if kind == "restore":
        changes.archive()
    if kind == "full_week":
        changes.short_week()
    getattr(changes, kind)()
    practice = Practice.objects.get(pk=cast.practice.pk)
    assert seen(practice, cast.viewer, WEEK) == before


def test_the_running_week_does_change(cast):
    """The comparison above would see a change."""
    before = seen(cast.practice, cast.viewer, Week.running(TODAY))
    Changes(cast, 1).add_stage()
    now = seen(cast.practice, cast.viewer, Week.running(TODAY))
    assert {way for way, was in before.items() if now[way] != was} >= {
        "board",
        "wall",
        "group",
        "API board",
        "entries-wide export",
    }
