"""Two writers who wait for each other: PostgreSQL ends one, whose action is called again."""

import threading

import pytest

from funnel.actions import refusals
from funnel.actions.refusals import Busy
from funnel.actions.writing import writes
from funnel.models import KPI
from tests.cast import make_cast
from tests.races.rendezvous import BOUND, at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


@pytest.fixture(autouse=True)
def _no_second_attempt():
    """There is one here."""


@pytest.fixture
def cast():
    return make_cast()


class Crossing:
    """Two actions that each have a lock before either asks for its second one. Only the first
    attempt of each waits for the other."""

    def __init__(self):
        self.attempts = []
        self._both_there = threading.Barrier(2)

    def pass_by(self, who):
        """Wait for the other one, on the first attempt."""
        self.attempts.append(who)
        if self.attempts.count(who) == 1:
            self._both_there.wait(BOUND)


def lock_in_opposite_orders(cast, crossing):
    """Each renames two KPIs, `one` in the order of their ids and `other` in the opposite one."""

    def renaming(who, *kpis):
        @writes
        def rename_both(*, practice):
            for kpi in kpis:
                row = KPI.objects.select_for_update().get(pk=kpi.pk)
                row.definition += f" {who}"
                row.save()
                if kpi is kpis[0]:
                    crossing.pass_by(who)
            return who

        return lambda: rename_both(practice=cast.practice)

    return at_once(
        renaming("one", cast.leads, cast.appointments),
        renaming("other", cast.appointments, cast.leads),
    )


def words_added(kpi):
    return sorted(KPI.objects.get(pk=kpi.pk).definition.removeprefix(kpi.definition).split())


def test_both_are_saved_once(cast):
    crossing = Crossing()
    assert lock_in_opposite_orders(cast, crossing) == ["one", "other"]
    assert len(crossing.attempts) == 3
    assert words_added(cast.leads) == words_added(cast.appointments) == ["one", "other"]


def test_called_once_alone_one_of_them_is_refused(cast, monkeypatch):
    monkeypatch.setattr(refusals, "is_deadlock", lambda error: False)
    crossing = Crossing()
    outcomes = lock_in_opposite_orders(cast, crossing)
    assert sorted(isinstance(outcome, Busy) for outcome in outcomes) == [False, True]
    assert len(crossing.attempts) == 2
    assert len(words_added(cast.leads)) == len(words_added(cast.appointments)) == 1


def test_a_lock_that_is_waited_for_in_vain_is_not_tried_twice(cast):
    attempts = []

    @writes
    def wait_for_it():
        attempts.append(1)
        KPI.objects.select_for_update(nowait=True).get(pk=cast.leads.pk)

    @writes
    def hold_it():
        KPI.objects.select_for_update().get(pk=cast.leads.pk)
        return at_once(wait_for_it)

    (outcome,) = hold_it()
    assert isinstance(outcome, Busy)
    assert len(attempts) == 1
