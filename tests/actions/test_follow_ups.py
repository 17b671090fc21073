"""actions/follow_ups.py"""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from funnel.actions import follow_ups
from funnel.actions.refusals import VersionConflict
from funnel.models import FollowUp, Meeting, Staff
from tests.cast import make_cast
from tests.factories import TODAY, WEEK, close_week, make_staff, root_seat, seat_for

pytestmark = pytest.mark.django_db

DUE = TODAY + timedelta(days=7)
MEMBERS = ["viewer", "member", "owner", "stand_in"]


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-11-24T15:00Z", tick=False) as traveller:
        yield traveller


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def made(cast):
    """Maya's, about appointments."""
    return promise(cast)


def promise(cast, by=None, **said):
    given = {
        "text": "Call back every lead within an hour",
        "owner": cast.owner,
        "due_on": DUE,
        "kpi": cast.appointments,
    }
    return follow_ups.promise(by=seat_for(by or cast.manager), week=WEEK, **given | said)


def change(cast, follow_up, by=None, **said):
    given = {
        "version": follow_up.version,
        "text": follow_up.text,
        "owner": follow_up.owner,
        "due_on": follow_up.due_on,
    }
    seat = seat_for(by or cast.manager)
    return follow_ups.change(by=seat, follow_up=follow_up, **given | said)


def state(follow_up):
    """(version, is done, is dropped) as stored."""
    stored = FollowUp.objects.get(pk=follow_up.pk)
    return stored.version, stored.done_at is not None, stored.dropped_at is not None


def writers(follow_up):
    """Who changed it, the first first."""
    return [row.history_user for row in follow_up.history.order_by("history_id")]


# Promising


def test_keeps_what_is_promised_by_whom_and_until_when(cast):
    follow_up = promise(cast)
    stored = FollowUp.objects.get()
    assert stored == follow_up
    assert (stored.practice, stored.meeting) == (cast.practice, Meeting.objects.get())
    assert (stored.text, stored.owner, stored.due_on, stored.kpi, stored.version) == (
        "Call back every lead within an hour",
        cast.owner,
        DUE,
        cast.appointments,
        1,
    )
    assert (stored.promised_by, stored.promised_at) == (cast.manager.user, timezone.now())
    assert stored.is_open
    assert writers(stored) == [cast.manager.user]


def test_other_screens_of_the_meeting_see_that_there_is_one(cast, made):
    assert Meeting.objects.get().revision == 1
    promise(cast)
    assert Meeting.objects.get().revision == 1
    promise(cast, text="Another")
    assert Meeting.objects.get().revision == 2


def test_needs_no_kpi_and_keeps_the_text_on_one_line(cast):
    stored = promise(cast, kpi=None, text="  Order\n new   flyers ")
    assert (stored.kpi, stored.text) == (None, "Order new flyers")


def test_a_superuser_without_a_place_promises_too(cast):
    seat = root_seat(cast.practice)
    follow_ups.promise(by=seat, week=WEEK, text="Order flyers", owner=cast.owner, due_on=DUE)
    assert FollowUp.objects.get().promised_by == cast.superuser


def test_the_same_promise_of_the_same_meeting_is_kept_once(cast, made):
    assert promise(cast, text=f" {made.text} ") == made
    assert state(made) == (1, False, False)
    assert FollowUp.history.count() == 1


@pytest.mark.parametrize(
    "other", [{"text": "Call them"}, {"due_on": DUE + timedelta(days=1)}, {"kpi": None}]
)
def test_another_promise_is_another(cast, made, other):
    assert promise(cast, **other) != made
    assert FollowUp.objects.count() == 2


def test_what_is_done_can_be_promised_again(cast, made):
    follow_ups.finish(by=seat_for(cast.manager), follow_up=made)
    assert promise(cast).is_open
    assert FollowUp.objects.count() == 2


def test_a_closed_meeting_takes_no_new_ones_until_it_is_opened_again(cast):
    close_week(cast.manager)
    with pytest.raises(ValidationError) as refused:
        promise(cast)
    assert refused.value.message_dict == {"text": [follow_ups.CLOSED]}
    assert not FollowUp.objects.exists()


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"text": " \n"}, {"text": ["Enter what is to be done."]}),
        (
            {"due_on": WEEK.monday - timedelta(days=1)},
            {"due_on": ["This day is before the week under review: choose a later one."]},
        ),
    ],
)
def test_refuses_what_cannot_stand(cast, made, said, refusal):
    with pytest.raises(ValidationError) as refused:
        promise(cast, **said)
    assert refused.value.message_dict == refusal
    with pytest.raises(ValidationError) as refused:
        change(cast, made, **said)
    assert refused.value.message_dict == refusal
    assert state(made) == (1, False, False)
    assert FollowUp.objects.count() == 1


def test_refuses_a_text_longer_than_its_column(cast):
    with pytest.raises(ValidationError) as refused:
        promise(cast, text="x" * 301)
    assert set(refused.value.message_dict) == {"text"}


def test_refuses_who_works_next_door_or_no_longer(cast, made):
    for who, sentence in (
        (cast.stranger, "Choose someone of this practice."),
        (gone(cast, Staff), "Gus no longer works here."),
    ):
        for act in (promise, lambda cast, **said: change(cast, made, **said)):
            with pytest.raises(ValidationError) as refused:
                act(cast, owner=who)
            assert refused.value.message_dict == {"owner": [sentence]}
    assert FollowUp.objects.get() == made


def gone(cast, model):
    person = make_staff(cast.practice, "Gus")
    model.objects.filter(pk=person.pk).update(is_active=False)
    return model.objects.get(pk=person.pk)


def test_refuses_someone_who_may_not_sign_in(cast):
    cast.owner.user.is_active = False
    cast.owner.user.save()
    with pytest.raises(ValidationError, match="Maya no longer works here"):
        promise(cast)


def test_refuses_a_kpi_of_next_door(cast):
    theirs = cast.stranger.practice.kpis.get(slug="leads")
    with pytest.raises(ValidationError) as refused:
        promise(cast, kpi=theirs)
    assert refused.value.message_dict == {"kpi": ["Choose a KPI of this practice."]}
    assert not FollowUp.objects.exists()


@pytest.mark.parametrize("who", MEMBERS)
def test_only_a_manager_promises_changes_and_drops(cast, made, who):
    person = getattr(cast, who)
    for act in (
        lambda: promise(cast, by=person, text="Another"),
        lambda: change(cast, made, by=person, text="Another"),
        lambda: follow_ups.drop(by=seat_for(person), follow_up=made, reason="No time."),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert state(made) == (1, False, False)
    assert FollowUp.objects.count() == 1


def test_nobody_next_door_touches_it(cast, made):
    seat = seat_for(cast.stranger)
    for act in (
        lambda: change(cast, made, by=cast.stranger, text="Another"),
        lambda: follow_ups.finish(by=seat, follow_up=made),
        lambda: follow_ups.drop(by=seat, follow_up=made, reason="No time."),
        lambda: follow_ups.reopen(by=seat, follow_up=made),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert state(made) == (1, False, False)


# Changing


def test_changes_words_owner_and_day(cast, made):
    day = DUE + timedelta(days=3)
    change(cast, made, by=cast.admin, text="Call all leads back", owner=cast.marketer, due_on=day)
    stored = FollowUp.objects.get()
    assert (stored.text, stored.owner, stored.due_on) == ("Call all leads back", cast.marketer, day)
    assert (stored.version, stored.kpi) == (2, cast.appointments)
    assert writers(stored) == [cast.manager.user, cast.admin.user]


def test_saying_the_same_changes_nothing_whatever_the_version(cast, made):
    assert change(cast, made, version=99) == made
    assert state(made) == (1, False, False)
    assert made.history.count() == 1


@pytest.mark.parametrize("version", [0, 2, None])
def test_a_change_of_what_is_no_longer_shown_is_refused_with_what_is_stored(cast, made, version):
    with pytest.raises(VersionConflict) as refused:
        change(cast, made, version=version, text="Mine")
    assert refused.value.stored == made
    assert FollowUp.objects.get().text == made.text


def test_what_is_over_is_opened_before_it_is_changed(cast, made):
    done = follow_ups.finish(by=seat_for(cast.owner), follow_up=made)
    with pytest.raises(ValidationError) as refused:
        change(cast, done, text="Another")
    assert refused.value.message_dict == {
        "text": ["This follow-up is closed. Reopen it to change it."]
    }


def test_one_of_a_closed_meeting_can_still_be_changed_and_done(cast, made):
    close_week(cast.manager)
    change(cast, made, text="Call all leads back")
    follow_ups.finish(by=seat_for(cast.owner), follow_up=made)
    assert state(made) == (3, True, False)


# Finishing, dropping, opening again


@pytest.mark.parametrize("who", ["owner", "manager", "admin"])
def test_its_owner_and_a_manager_mark_it_as_done(cast, made, who, clock):
    clock.shift(60)
    person = getattr(cast, who)
    stored = follow_ups.finish(by=seat_for(person), follow_up=made)
    assert (stored.done_by, stored.done_at) == (person.user, timezone.now())
    assert state(made) == (2, True, False)
    assert writers(made) == [cast.manager.user, person.user]


def test_a_viewer_marks_their_own_as_done_and_opens_it_again(cast):
    theirs = promise(cast, owner=cast.viewer)
    seat = seat_for(cast.viewer)
    follow_ups.finish(by=seat, follow_up=theirs)
    follow_ups.reopen(by=seat, follow_up=theirs)
    assert state(theirs) == (3, False, False)


@pytest.mark.parametrize("who", ["viewer", "member", "stand_in", "marketer"])
def test_nobody_else_marks_it_as_done(cast, made, who):
    with pytest.raises(PermissionDenied, match="Only its owner or a manager"):
        follow_ups.finish(by=seat_for(getattr(cast, who)), follow_up=made)
    assert state(made) == (1, False, False)


def test_its_owner_now_counts_and_not_who_was_shown(cast, made):
    change(cast, made, owner=cast.marketer)
    with pytest.raises(PermissionDenied):
        follow_ups.finish(by=seat_for(cast.owner), follow_up=made)


def test_marking_as_done_twice_changes_nothing(cast, made, clock):
    first = follow_ups.finish(by=seat_for(cast.owner), follow_up=made)
    clock.shift(60)
    again = follow_ups.finish(by=seat_for(cast.manager), follow_up=made)
    assert (again.done_by, again.done_at) == (cast.owner.user, first.done_at)
    assert state(made) == (2, True, False)
    assert made.history.count() == 2


def test_a_manager_drops_it_with_a_reason(cast, made):
    stored = follow_ups.drop(by=seat_for(cast.manager), follow_up=made, reason=" No budget. ")
    assert (stored.dropped_by, stored.dropped_because) == (cast.manager.user, "No budget.")
    assert stored.dropped_at == timezone.now()
    assert state(made) == (2, False, True)
    assert writers(made)[-1] == cast.manager.user


def test_dropping_twice_keeps_the_first_reason(cast, made):
    follow_ups.drop(by=seat_for(cast.manager), follow_up=made, reason="No budget.")
    again = follow_ups.drop(by=seat_for(cast.admin), follow_up=made, reason="No time.")
    assert (again.dropped_by, again.dropped_because) == (cast.manager.user, "No budget.")
    assert state(made) == (2, False, True)


@pytest.mark.parametrize("reason", ["", " \n"])
def test_refuses_to_drop_without_a_reason(cast, made, reason):
    with pytest.raises(ValidationError) as refused:
        follow_ups.drop(by=seat_for(cast.manager), follow_up=made, reason=reason)
    assert refused.value.message_dict == {"reason": ["Enter a reason for dropping it."]}
    assert state(made) == (1, False, False)


def test_it_is_done_or_dropped_and_not_both(cast, made):
    seat = seat_for(cast.manager)
    follow_ups.finish(by=seat, follow_up=made)
    with pytest.raises(ValidationError, match="It is done and cannot be dropped"):
        follow_ups.drop(by=seat, follow_up=made, reason="No time.")
    follow_ups.reopen(by=seat, follow_up=made)
    follow_ups.drop(by=seat, follow_up=made, reason="No time.")
    with pytest.raises(ValidationError, match="dropped it in the meantime"):
        follow_ups.finish(by=seat, follow_up=made)
    assert state(made) == (4, False, True)


def test_opened_again_nothing_is_left_of_its_end(cast, made):
    seat = seat_for(cast.manager)
    follow_ups.drop(by=seat, follow_up=made, reason="No time.")
    stored = follow_ups.reopen(by=seat_for(cast.admin), follow_up=made)
    assert stored.is_open
    assert (stored.dropped_by, stored.dropped_because, stored.done_by) == (None, "", None)
    assert writers(made) == [cast.manager.user, cast.manager.user, cast.admin.user]


def test_opening_an_open_one_changes_nothing(cast, made):
    follow_ups.reopen(by=seat_for(cast.manager), follow_up=made)
    assert state(made) == (1, False, False)
    assert made.history.count() == 1


def test_its_owner_opens_again_only_what_they_marked_as_done_themselves(cast, made):
    manager, maya = seat_for(cast.manager), seat_for(cast.owner)
    follow_ups.finish(by=manager, follow_up=made)
    with pytest.raises(PermissionDenied):
        follow_ups.reopen(by=maya, follow_up=made)
    follow_ups.reopen(by=manager, follow_up=made)
    follow_ups.drop(by=manager, follow_up=made, reason="No time.")
    with pytest.raises(PermissionDenied):
        follow_ups.reopen(by=maya, follow_up=made)
    assert state(made) == (4, False, True)
