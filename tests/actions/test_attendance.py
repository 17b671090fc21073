"""actions/attendance.py: who was at the meeting."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from funnel.actions import attendance
from funnel.models import Attendance, Meeting
from tests.cast import make_cast
from tests.factories import TODAY, WEEK, close_week, seat_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return make_cast()


def mark(by, staff, is_present=True):
    attendance.mark(by=seat_for(by), week=WEEK, staff=staff, is_present=is_present, today=TODAY)


def present():
    return list(Attendance.objects.order_by("staff__name").values_list("staff__name", flat=True))


def test_notes_who_is_there_and_takes_it_back(cast):
    mark(cast.manager, cast.owner)
    mark(cast.manager, cast.viewer)
    assert present() == ["Maya", "Vic"]
    assert Attendance.objects.first().marked_by == cast.manager.user
    mark(cast.admin, cast.viewer, is_present=False)
    assert present() == ["Maya"]
    assert Meeting.objects.get().revision == 3


def test_once_more_changes_nothing(cast):
    mark(cast.manager, cast.owner)
    mark(cast.admin, cast.owner)
    mark(cast.manager, cast.viewer, is_present=False)
    assert present() == ["Maya"]
    assert Meeting.objects.get().revision == 1


def test_nobody_of_another_practice_and_nobody_who_left(cast):
    cast.member.is_active = False
    cast.member.save()
    for person in (cast.stranger, cast.member):
        with pytest.raises(ValidationError, match="does not work at Lumina Aesthetics"):
            mark(cast.manager, person)
    assert present() == []


def test_only_a_manager_of_an_open_meeting_marks(cast):
    with pytest.raises(PermissionDenied):
        mark(cast.owner, cast.owner)
    close_week(cast.manager)
    with pytest.raises(ValidationError, match="This meeting is closed"):
        mark(cast.manager, cast.owner)
    assert present() == []
