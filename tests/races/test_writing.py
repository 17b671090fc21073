"""Two writers of one practice take their locks in opposite orders: the version is the last lock of
each, so that neither waits for the other's."""

from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from django.db import OperationalError, transaction

from funnel.actions import attendance, kpis, meetings, staff, writing
from funnel.actions.refusals import Busy
from funnel.models import KPI, PracticeVersion, Staff
from tests.cast import make_cast
from tests.factories import TODAY, WEEK, seat_for
from tests.races.rendezvous import at_once, meet_before

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


@pytest.fixture
def cast():
    return make_cast()


def number(cast):
    return PracticeVersion.objects.get(practice=cast.practice).number


def errors(outcomes):
    return [type(outcome) for outcome in outcomes if isinstance(outcome, Exception)]


def week_then_kpi_and_kpi_alone(cast, monkeypatch):
    """One writes to the week and then to the KPI, in one block; the other has the KPI already when
    the first comes to it."""
    ana, ada = seat_for(cast.admin), seat_for(cast.admin)
    crossing = SimpleNamespace(point=lambda: None)
    meet_before(monkeypatch, (crossing, "point"), (KPI, "full_clean"))

    def week_then_kpi():
        with writing.writing():
            meetings.start(by=ana, week=WEEK, today=TODAY)
            crossing.point()
            kpis.save(by=ana, kpi=KPI.objects.get(pk=cast.leads.pk), today=TODAY)

    def kpi_alone():
        kpis.save(by=ada, kpi=KPI.objects.get(pk=cast.leads.pk), today=TODAY)

    return at_once(week_then_kpi, kpi_alone)


def test_of_two_in_opposite_orders_both_are_saved(cast, monkeypatch):
    before = number(cast)
    assert errors(week_then_kpi_and_kpi_alone(cast, monkeypatch)) == []
    assert number(cast) == before + 2


@contextmanager
def at_the_start(*practice_ids):
    """The naive variant: each action raises the version before it locks anything else."""
    with transaction.atomic():
        writing._raise_versions(set(practice_ids))
        yield


@contextmanager
def at_its_own_end(*practice_ids):
    """The naive variant: each action raises the version at its end, also inside of another."""
    with transaction.atomic():
        yield
        writing._raise_versions(set(practice_ids))


def kpi_then_week_and_week_alone(cast, monkeypatch):
    """One has locked the KPI when it comes to its first action; the other is in an action, and
    comes to the KPI."""
    by = seat_for(cast.admin)
    crossing = SimpleNamespace(one=lambda: None, other=lambda: None)
    meet_before(monkeypatch, (crossing, "one"), (crossing, "other"))

    def kpi_then_week():
        with writing.writing():
            KPI.objects.select_for_update().get(pk=cast.leads.pk)
            crossing.one()
            meetings.start(by=by, week=WEEK, today=TODAY)

    def week_then_kpi():
        with writing.writing(cast.practice.pk):
            crossing.other()
            KPI.objects.select_for_update().get(pk=cast.leads.pk)

    return at_once(kpi_then_week, week_then_kpi)


def test_of_two_that_come_to_a_kpi_inside_of_their_blocks_both_are_saved(cast, monkeypatch):
    before = number(cast)
    assert errors(kpi_then_week_and_week_alone(cast, monkeypatch)) == []
    assert number(cast) == before + 2


@pytest.mark.parametrize(
    ("naive", "race"),
    [
        (at_its_own_end, week_then_kpi_and_kpi_alone),
        (at_the_start, kpi_then_week_and_week_alone),
    ],
)
def test_a_version_raised_earlier_ends_in_a_deadlock(cast, monkeypatch, naive, race):
    monkeypatch.setattr(writing, "writing", naive)
    (error,) = errors(race(cast, monkeypatch))
    assert error in (OperationalError, Busy)


def presence_and_a_new_name(cast, monkeypatch):
    """One notes that someone is at the meeting, a row that points to them; the other changes them,
    and has their row locked when the first has raised the version."""
    ana, ada = seat_for(cast.manager), seat_for(cast.admin)
    crossing = SimpleNamespace(point=lambda: None)
    meet_before(monkeypatch, (crossing, "point"), (Staff, "full_clean"))
    real = writing._raise_versions

    def raise_and_meet(practice_ids):
        real(practice_ids)
        crossing.point()

    monkeypatch.setattr(writing, "_raise_versions", raise_and_meet)
    given = {"name": "Leo", "title": "", "roles": [], "access": Staff.Access.MEMBER}
    return at_once(
        lambda: attendance.mark(by=ana, week=WEEK, staff=cast.member, is_present=True, today=TODAY),
        lambda: staff.change(by=ada, staff=cast.member, today=TODAY, **given),
    )


def test_foreign_keys_are_checked_before_the_version_is_locked(cast, monkeypatch):
    before = number(cast)
    assert errors(presence_and_a_new_name(cast, monkeypatch)) == []
    assert number(cast) == before + 2


def test_left_to_the_commit_their_check_ends_in_a_deadlock(cast, monkeypatch):
    monkeypatch.setattr(writing, "CHECK_KEYS", "")
    (error,) = errors(presence_and_a_new_name(cast, monkeypatch))
    assert error in (OperationalError, Busy)
