"""actions/notes.py: what is written down in a meeting."""

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from funnel.actions import notes
from funnel.actions.refusals import VersionConflict
from funnel.models import KPI, Meeting, MeetingNote
from tests.cast import make_cast
from tests.factories import TODAY, WEEK, close_week, seat_for

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


def write(person, text, **how):
    given = {"part": "numbers", "kpi": None, "version": None, "today": TODAY, **how}
    return notes.write(by=seat_for(person), week=WEEK, text=text, **given)


def test_keeps_a_note_of_a_kpi_with_who_and_when(cast):
    note = write(cast.manager, " Phones were down. ", kpi=cast.leads)
    assert MeetingNote.objects.get() == note
    assert (note.kpi, note.text, note.version) == (cast.leads, "Phones were down.", 1)
    assert (note.written_by, note.written_at) == (cast.manager.user, timezone.now())
    assert Meeting.objects.get().revision == 1


def test_each_part_and_each_kpi_has_a_note_of_its_own(cast):
    write(cast.manager, "A", part="ahead")
    write(cast.manager, "B", part="issues")
    write(cast.manager, "C", kpi=cast.leads)
    write(cast.manager, "D", kpi=cast.patients)
    assert list(MeetingNote.objects.order_by("id").values_list("text", flat=True)) == list("ABCD")


def test_the_second_of_two_who_write_is_shown_the_first(cast):
    write(cast.manager, "First.", part="issues")
    with pytest.raises(VersionConflict) as refused:
        write(cast.admin, "Second.", part="issues")
    assert refused.value.stored.text == "First."
    assert MeetingNote.objects.get().text == "First."
    assert write(cast.admin, "Both.", part="issues", version=1).version == 2


def test_sending_what_is_stored_changes_nothing(cast):
    write(cast.manager, "Once.", part="issues")
    again = write(cast.admin, "Once.", part="issues", version=7)
    assert (again.version, again.written_by) == (1, cast.manager.user)
    assert Meeting.objects.get().revision == 1


def test_nothing_where_nothing_stood_is_not_kept(cast):
    assert write(cast.manager, "  ", part="issues").version == 0
    assert not MeetingNote.objects.exists()
    assert Meeting.objects.get().revision == 0


def test_a_note_can_be_emptied(cast):
    write(cast.manager, "Wrong.", part="issues")
    assert write(cast.manager, "", part="issues", version=1).version == 2
    assert MeetingNote.objects.get().text == ""


@pytest.mark.parametrize("who", ["viewer", "owner", "stand_in"])
def test_only_a_manager_writes(cast, who):
    with pytest.raises(PermissionDenied, match="Only a manager can run the meeting"):
        write(getattr(cast, who), "Mine.", part="issues")
    assert not MeetingNote.objects.exists()


def test_another_practices_kpi_takes_no_note(cast):
    with pytest.raises(PermissionDenied):
        write(cast.manager, "Theirs.", kpi=KPI.objects.filter(practice__slug="harbor").first())
    assert not MeetingNote.objects.exists()


def test_a_closed_meeting_takes_no_note(cast):
    close_week(cast.manager)
    with pytest.raises(ValidationError, match="This meeting is closed"):
        write(cast.manager, "Late.", part="issues")
    assert not MeetingNote.objects.exists()


@pytest.mark.parametrize(
    ("part", "text", "field"), [("nowhere", "Here.", "part"), ("issues", "x" * 2001, "text")]
)
def test_what_cannot_stand_is_refused_with_its_field(cast, part, text, field):
    with pytest.raises(ValidationError) as refused:
        write(cast.manager, text, part=part)
    assert list(refused.value.message_dict) == [field]
    assert not MeetingNote.objects.exists()
