"""Two people at the same week in the same moment.

Each race is forced: a rendezvous is at the place where the harm would happen. With the week's lock
the second person is blocked, and the first goes on alone; the naive variant removes the lock, and
then the harm must be seen.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from decimal import Decimal

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client

from funnel.actions import entries, meetings
from funnel.actions.refusals import Busy, VersionConflict
from funnel.models import Meeting, WeeklyEntry
from tests.api.asking import program_of
from tests.cast import make_cast
from tests.factories import TODAY, WEEK, seat_for, stand_for
from tests.races.rendezvous import BOUND, PATIENCE, at_once

pytestmark = pytest.mark.django_db(transaction=True)


def close_week(by):
    return meetings.close(by=by, week=WEEK, today=TODAY, seen=dict)


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def open_week(cast):
    """The same, with the week's meeting row already there."""
    Meeting.objects.create(practice=cast.practice, week=WEEK.monday)
    return cast


@pytest.fixture
def without_lock(monkeypatch):
    """The naive variant: the week is read without blocking others."""

    def look(practice, week):
        meeting = Meeting.objects.filter(practice=practice, week=week.monday).first()
        return meeting or Meeting.objects.create(practice=practice, week=week.monday)

    monkeypatch.setattr(meetings, "lock", look)


def meet_after(monkeypatch, module, name, parties=2):
    """Makes everyone who has called `module.name` wait for the others, and go on without them
    when they do not come."""
    real, meeting_point = getattr(module, name), threading.Barrier(parties)

    def call(*args, **kwargs):
        result = real(*args, **kwargs)
        with suppress(threading.BrokenBarrierError):
            meeting_point.wait(PATIENCE)
        return result

    monkeypatch.setattr(module, name, call)


def save(person, value, **how):
    standing = stand_for(person, "appointments")
    return lambda: entries.record(by=standing, week=WEEK, value=Decimal(value), **how)


def versions():
    """Every version ever saved of the one entry, as (version, value)."""
    rows = WeeklyEntry.history.order_by("history_id")
    return list(rows.values_list("version", "value"))


# A double click


def double_click(cast, monkeypatch):
    meet_after(monkeypatch, entries, "_entries_near")
    return at_once(save(cast.owner, 27), save(cast.owner, 27))


@pytest.mark.postgresql
def test_a_double_click_saves_once(open_week, monkeypatch):
    first, second = double_click(open_week, monkeypatch)
    assert first == second == WeeklyEntry.objects.get()
    assert versions() == [(1, 27)]


@pytest.mark.postgresql
def test_a_double_click_without_the_lock_breaks(open_week, monkeypatch, without_lock):
    outcomes = double_click(open_week, monkeypatch)
    assert any(isinstance(outcome, IntegrityError) for outcome in outcomes)


# Two people correct the same number


def two_corrections(cast, monkeypatch):
    save(cast.owner, 27)()
    meet_after(monkeypatch, entries, "_entries_near")
    return at_once(save(cast.owner, 30, version=1), save(cast.stand_in, 31, version=1))


@pytest.mark.postgresql
def test_of_two_people_the_second_is_asked(open_week, monkeypatch):
    outcomes = two_corrections(open_week, monkeypatch)
    (saved,) = [outcome for outcome in outcomes if isinstance(outcome, WeeklyEntry)]
    (refused,) = [outcome for outcome in outcomes if isinstance(outcome, VersionConflict)]
    assert refused.stored == saved == WeeklyEntry.objects.get()
    assert refused.stored.value == saved.value
    assert versions() == [(1, 27), (2, saved.value)]


@pytest.mark.postgresql
def test_of_two_people_without_the_lock_one_is_overwritten(open_week, monkeypatch, without_lock):
    outcomes = two_corrections(open_week, monkeypatch)
    assert all(isinstance(outcome, WeeklyEntry) for outcome in outcomes)
    assert sorted(versions()) == [(1, 27), (2, 30), (2, 31)]


# The meeting closes while someone saves


def save_while_closing(cast, monkeypatch):
    """The outcome of saving when the meeting closes right after the save saw it open."""
    saw_it_open, closed = threading.Event(), threading.Event()
    real = entries._entries_near

    def read(*args):
        near = real(*args)
        saw_it_open.set()
        closed.wait(PATIENCE)
        return near

    monkeypatch.setattr(entries, "_entries_near", read)
    manager = seat_for(cast.manager)

    def close():
        assert saw_it_open.wait(BOUND)
        close_week(manager)
        closed.set()

    saved, _ = at_once(save(cast.owner, 27), close)
    assert Meeting.objects.get().is_closed
    return saved


@pytest.mark.postgresql
def test_closing_waits_for_who_is_saving(open_week, monkeypatch):
    saved = save_while_closing(open_week, monkeypatch)
    assert saved.entered_at <= Meeting.objects.get().closed_at
    assert versions() == [(1, 27)]


@pytest.mark.postgresql
def test_without_the_lock_a_number_gets_into_a_closed_week(open_week, monkeypatch, without_lock):
    saved = save_while_closing(open_week, monkeypatch)
    assert saved.entered_at > Meeting.objects.get().closed_at


@pytest.mark.postgresql
def test_saving_waits_for_who_is_closing_and_is_refused(open_week, monkeypatch):
    is_closing = threading.Event()
    real = Meeting.full_clean

    def check(meeting, **how):
        real(meeting, **how)
        is_closing.set()
        # The other is now blocked by the lock, or would have passed without it.
        saved_meanwhile.wait(PATIENCE)

    monkeypatch.setattr(Meeting, "full_clean", check)
    saved_meanwhile = threading.Event()
    manager, record = seat_for(open_week.manager), save(open_week.owner, 27)

    def save_then_tell():
        assert is_closing.wait(BOUND)
        try:
            return record()
        finally:
            saved_meanwhile.set()

    _, refused = at_once(lambda: close_week(manager), save_then_tell)
    assert isinstance(refused, ValidationError)
    assert not WeeklyEntry.objects.exists()


# The first numbers of a week


def first_two_numbers(cast):
    leads = stand_for(cast.marketer, "leads")
    return at_once(
        save(cast.owner, 27),
        lambda: entries.record(by=leads, week=WEEK, value=Decimal(90)),
    )


def meet_after_the_first_look(monkeypatch):
    """Both look for the week's meeting row before either makes it."""
    real, meeting_point = type(Meeting.objects.all()).first, threading.Barrier(2)

    def first(rows):
        found = real(rows)
        if rows.model is Meeting and found is None:
            meeting_point.wait(BOUND)
        return found

    monkeypatch.setattr(type(Meeting.objects.all()), "first", first)


@pytest.mark.postgresql
def test_the_first_two_numbers_of_a_week_share_one_meeting(cast, monkeypatch):
    meet_after_the_first_look(monkeypatch)
    outcomes = first_two_numbers(cast)
    assert all(isinstance(outcome, WeeklyEntry) for outcome in outcomes)
    assert Meeting.objects.count() == 1
    assert WeeklyEntry.objects.count() == 2


@pytest.mark.postgresql
def test_the_first_two_numbers_without_care_break(cast, monkeypatch, without_lock):
    meet_after_the_first_look(monkeypatch)
    outcomes = first_two_numbers(cast)
    assert any(isinstance(outcome, IntegrityError) for outcome in outcomes)


# A double click into an empty week: no meeting's row, no number


def on_the_page(cast, version=""):
    """Presses Save on the entry page, as the status of the answer."""

    def press(value):
        client = Client()
        client.force_login(cast.owner.user)
        url = f"/practices/lumina/enter/{WEEK}/appointments/"
        return client.post(url, {"value": value, "version": version}).status_code

    return press


def by_a_program(cast):
    program = program_of(cast.owner)
    url = f"entries/appointments/{WEEK}/"
    return lambda value: program.ask("PUT", url, {"value": value}).status_code


def by_a_program_in_a_batch(cast):
    program = program_of(cast.owner)

    def post(value):
        line = {"kpi": "appointments", "week": str(WEEK), "value": value}
        return program.ask("POST", "entries/batch/", {"entries": [line]}).status_code

    return post


WAYS = {
    on_the_page: {302},
    by_a_program: {201, 200},
    by_a_program_in_a_batch: {200},
}


@pytest.fixture
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=True):
        yield


def click_twice(way, cast, monkeypatch, first="27", second="27"):
    """Both clicks have looked for the week's meeting before either makes it."""
    if way is not by_a_program_in_a_batch:
        meet_after_the_first_look(monkeypatch)
    send = way(cast)
    return at_once(lambda: send(first), lambda: send(second))


@pytest.mark.postgresql
@pytest.mark.usefixtures("_tuesday")
@pytest.mark.parametrize("way", WAYS)
def test_a_double_click_into_an_empty_week_saves_once_and_refuses_neither(cast, monkeypatch, way):
    assert set(click_twice(way, cast, monkeypatch)) == WAYS[way]
    assert versions() == [(1, 27)]
    assert Meeting.objects.count() == 1


@pytest.mark.postgresql
@pytest.mark.usefixtures("_tuesday")
@pytest.mark.parametrize("way", [on_the_page, by_a_program])
def test_where_the_same_again_counted_as_news_the_second_click_is_refused(cast, monkeypatch, way):
    real = entries.is_news

    def is_news(*, stored, value, note, **how):
        # A value that no stored one equals.
        return real(stored=stored, value=value + Decimal("0.001"), note=note, **how)

    monkeypatch.setattr(entries, "is_news", is_news)
    statuses = click_twice(way, cast, monkeypatch)
    assert statuses.count(409) == 1


@pytest.mark.usefixtures("_tuesday")
def test_both_clicks_of_a_form_that_is_older_than_the_number_are_asked(cast):
    """The week was empty when the form was shown, and is not now: neither click may replace it."""
    save(cast.owner, 26)()
    send = on_the_page(cast)
    assert at_once(lambda: send("27"), lambda: send("27")) == [409, 409]
    assert versions() == [(1, 26)]
    assert on_the_page(cast, "1")("27") == 302


# A lock that is not let go


@contextmanager
def held_by_someone_else(practice):
    """The week locked in another connection."""
    held, let_go = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            meetings.lock(practice, WEEK)
            held.set()
            assert let_go.wait(BOUND)

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(at_once, hold)
        assert held.wait(BOUND)
        try:
            yield
        finally:
            let_go.set()
            assert holding.result(timeout=BOUND) == [None]


@contextmanager
def little_patience():
    """This connection waits 50 ms for a lock."""
    is_postgresql = connection.vendor == "postgresql"
    short, usual = (
        ("SET lock_timeout = '50ms'", "RESET lock_timeout")
        if is_postgresql
        else ("PRAGMA busy_timeout = 50", "PRAGMA busy_timeout = 15000")
    )
    with connection.cursor() as cursor:
        cursor.execute(short)
        try:
            yield
        finally:
            cursor.execute(usual)


def test_a_lock_that_is_not_let_go_is_busy_and_saves_nothing(open_week):
    record = save(open_week.owner, 27)
    with held_by_someone_else(open_week.practice), little_patience(), pytest.raises(Busy):
        record()
    assert not WeeklyEntry.objects.exists()
    assert record().value == 27


def test_a_busy_week_keeps_what_was_typed_on_the_page(open_week, client):
    client.force_login(open_week.owner.user)
    url = f"/practices/lumina/enter/{WEEK}/appointments/"
    with held_by_someone_else(open_week.practice), little_patience():
        response = client.post(url, {"value": "27", "note": "short week"})
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "2"
    text = response.content.decode()
    assert '<input type="hidden" name="value" value="27">' in text
    assert '<input type="hidden" name="note" value="short week">' in text
    assert not WeeklyEntry.objects.exists()


# Many at once, on either database

WRITERS, ROUNDS = 4, 5


def count_up(cast, record):
    """How often some writers together added one to the number, with retries."""
    save(cast.owner, 0)()
    standing = stand_for(cast.owner, "appointments")

    def add_some():
        added = 0
        # Each refusal is another's success, so no more rounds than these are ever needed.
        for _ in range(WRITERS * ROUNDS):
            shown = WeeklyEntry.objects.get()
            try:
                record(
                    by=standing,
                    week=WEEK,
                    value=shown.value + 1,
                    note=threading.current_thread().name,
                    version=shown.version,
                )
            except VersionConflict:
                continue
            added += 1
            if added == ROUNDS:
                break
        return added

    return sum(at_once(*[add_some] * WRITERS))


def test_many_writers_lose_no_update(open_week):
    assert count_up(open_week, entries.record) == WRITERS * ROUNDS
    assert WeeklyEntry.objects.get().value == WRITERS * ROUNDS
    assert versions() == [(n + 1, n) for n in range(WRITERS * ROUNDS + 1)]


def test_many_writers_who_mind_no_version_lose_updates(open_week):
    everybody_has_read = threading.Barrier(WRITERS)

    def record(*, by, value, **_):
        everybody_has_read.wait(BOUND)
        WeeklyEntry.objects.filter(kpi=by.kpi).update(value=value)
        everybody_has_read.wait(BOUND)

    assert count_up(open_week, record) == WRITERS * ROUNDS
    assert WeeklyEntry.objects.get().value == ROUNDS
