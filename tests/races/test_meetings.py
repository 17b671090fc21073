"""Two people closing a week at once, and the first two writers of a week."""

import pytest

from funnel.actions import meetings
from funnel.models import Meeting
from tests.cast import make_cast
from tests.factories import TODAY, WEEK, close_week, seat_for
from tests.races.rendezvous import at_once, meet_before, without_locks

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


def close(by):
    return meetings.close(by=by, week=WEEK, today=TODAY, seen=dict)


@pytest.fixture
def cast():
    return make_cast()


def two_closes(cast, monkeypatch):
    close_week(cast.manager)
    meetings.reopen(by=seat_for(cast.manager), week=WEEK, reason="To race.")
    ana, ada = seat_for(cast.manager), seat_for(cast.admin)
    meet_before(monkeypatch, (Meeting, "full_clean"))
    return at_once(
        lambda: close(ana),
        lambda: close(ada),
    )


def test_of_two_who_close_a_week_at_once_the_first_has_closed_it(cast, monkeypatch):
    first, second = two_closes(cast, monkeypatch)
    stored = Meeting.objects.get()
    assert first.closed_by == second.closed_by == stored.closed_by
    assert first.closed_at == second.closed_at == stored.closed_at


def test_of_two_who_close_a_week_at_once_without_locks_both_think_they_did(cast, monkeypatch):
    without_locks(monkeypatch)
    first, second = two_closes(cast, monkeypatch)
    assert {first.closed_by, second.closed_by} == {cast.manager.user, cast.admin.user}


def first_two_writers(cast, monkeypatch):
    ana, ada = seat_for(cast.manager), seat_for(cast.admin)
    meet_before(monkeypatch, (Meeting.objects, "bulk_create"))
    return at_once(
        lambda: close(ana),
        lambda: close(ada),
    )


def test_the_first_two_writers_of_a_week_share_its_meeting(cast, monkeypatch):
    first, second = first_two_writers(cast, monkeypatch)
    assert first == second == Meeting.objects.get()
    assert first.closed_by == second.closed_by
