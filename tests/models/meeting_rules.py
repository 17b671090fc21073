"""The table of constraints, continued: the meeting and what it holds, screens, imports."""

from funnel.models import (
    Attendance,
    FollowUp,
    Import,
    KPIGroup,
    Meeting,
    MeetingNote,
    NotBrought,
    Practice,
    Screen,
    Staff,
)
from tests.factories import TODAY, make_staff
from tests.models.rules import MONDAY, NEXT_MONDAY, NOW, Rule, leads


def root(world):
    """The user who acts."""
    return world.root


DROPPED = {"dropped_at": NOW, "dropped_by": root, "dropped_because": "The provider called first."}
DONE = {"done_at": NOW, "done_by": root}
UNDONE = {"undone_at": NOW, "undone_by": root}

RULES = (
    *(
        Rule(
            "funnel_practice_start_step",
            Practice,
            "Choose a step of the guided start.",
            good={"start_step": kept},
            bad={"start_step": broken},
        )
        for kept, broken in ((2, 1), (5, 6))
    ),
    Rule(
        "funnel_staff_invited_by_someone",
        Staff,
        "An invitation states when and by whom.",
        good={"invited_at": NOW, "invited_by": root},
        bad={"invited_at": NOW},
    ),
    Rule(
        "funnel_staff_invited_by_someone",
        Staff,
        "An invitation states when and by whom.",
        bad={"invited_by": root},
    ),
    *(
        Rule(
            "funnel_practice_minutes",
            Practice,
            "Each part of the meeting has 1 to 120 minutes.",
            good={f"minutes_{part}": kept},
            bad={f"minutes_{part}": broken},
        )
        for part in ("numbers", "ahead", "issues")
        for kept, broken in ((1, 0), (120, 121))
    ),
    Rule(
        "funnel_meeting_once",
        Meeting,
        "This week already has its meeting.",
        beside={},
        good={"week": NEXT_MONDAY},
        bad={},
    ),
    Rule(
        "funnel_meeting_closed_by_someone",
        Meeting,
        "A closed meeting states when and by whom.",
        good={"closed_at": NOW, "closed_by": root},
        bad={"closed_at": NOW},
    ),
    Rule(
        "funnel_meeting_closed_by_someone",
        Meeting,
        "A closed meeting states when and by whom.",
        bad={"closed_by": root},
    ),
    Rule(
        "funnel_meeting_reopened_with_reason",
        Meeting,
        "A reopened meeting states when, by whom and why.",
        good={
            "reopened_at": NOW,
            "reopened_by": root,
            "reopened_because": "Two leads were counted twice.",
        },
        bad={"reopened_at": NOW, "reopened_by": root},
    ),
    Rule(
        "funnel_meeting_reopened_with_reason",
        Meeting,
        "A reopened meeting states when, by whom and why.",
        bad={"reopened_because": "Two leads were counted twice."},
    ),
    *(
        Rule(
            "funnel_meeting_started_by_someone",
            Meeting,
            "A started meeting states when and by whom.",
            good={"started_at": NOW, "started_by": root},
            bad=bad,
        )
        for bad in ({"started_at": NOW}, {"started_by": root})
    ),
    Rule(
        "funnel_meeting_clock_of_part",
        Meeting,
        "Choose a part of the meeting before its clock runs.",
        good={"part": "ahead", "running_since": NOW},
        bad={"running_since": NOW},
    ),
    Rule(
        "funnel_meeting_part_known",
        Meeting,
        "The meeting has no such part.",
        good={"part": "issues"},
        bad={"part": "lunch"},
    ),
    Rule(
        "funnel_attendance_once",
        Attendance,
        "This person is already marked as present.",
        beside={},
        good={"staff": lambda world: make_staff(world.practice, "Sam")},
        bad={},
    ),
    Rule(
        "funnel_notbrought_once",
        NotBrought,
        "This number is already marked as not brought.",
        beside={},
        good={"kpi": leads},
        bad={},
    ),
    Rule(
        "funnel_meetingnote_kpi_once",
        MeetingNote,
        "This KPI already has its note in this meeting.",
        beside={"kpi": leads},
        good={"kpi": lambda world: world.kpi},
        bad={"kpi": leads},
    ),
    Rule(
        "funnel_meetingnote_part_once",
        MeetingNote,
        "This part of the meeting already has its note.",
        beside={},
        good={"kpi": leads},
        bad={},
    ),
    Rule(
        "funnel_meetingnote_part_once",
        MeetingNote,
        "This part of the meeting already has its note.",
        beside={"part": "ahead"},
        good={"part": "issues"},
        bad={"part": "ahead"},
    ),
    Rule(
        "funnel_meetingnote_part_known",
        MeetingNote,
        "The meeting has no such part.",
        good={"part": "issues"},
        bad={"part": "lunch"},
    ),
    Rule(
        "funnel_meetingnote_kpi_in_numbers",
        MeetingNote,
        "A note on a KPI belongs to the part of the numbers.",
        good={"kpi": leads},
        bad={"kpi": leads, "part": "ahead"},
    ),
    *(
        Rule(
            "funnel_followup_done_by_someone",
            FollowUp,
            "A done follow-up states when and by whom.",
            good={"done_at": NOW, "done_by": root},
            bad=bad,
        )
        for bad in ({"done_at": NOW}, {"done_by": root})
    ),
    *(
        Rule(
            "funnel_followup_dropped_with_reason",
            FollowUp,
            "A dropped follow-up states when, by whom and why.",
            good=DROPPED,
            bad={**DROPPED, **left_out},
        )
        for left_out in ({"dropped_at": None}, {"dropped_by": None}, {"dropped_because": ""})
    ),
    Rule(
        "funnel_followup_one_end",
        FollowUp,
        "A follow-up is done or dropped, not both.",
        good=DROPPED,
        bad={**DROPPED, "done_at": NOW, "done_by": root},
    ),
    Rule(
        "funnel_kpigroup_name_once",
        KPIGroup,
        "The practice already has a group of this name.",
        beside={"name": "Reputation"},
        good={"practice": lambda world: world.stranger.practice},
        bad={"name": "REPUTATION"},
    ),
    Rule(
        "funnel_screen_token_once",
        Screen,
        "This secret is already in use.",
        beside={"revoked_at": NOW, "revoked_by": root},
        good={"token_hash": "b" * 64},
        bad={"name": "Kitchen"},
    ),
    *(
        Rule(
            "funnel_screen_revoked_by_someone",
            Screen,
            "State when it was revoked, and by whom.",
            good={"revoked_at": NOW, "revoked_by": root},
            bad=bad,
        )
        for bad in ({"revoked_at": NOW}, {"revoked_by": root})
    ),
    *(
        Rule(
            "funnel_import_done_by_someone",
            Import,
            "A completed import states when and by whom.",
            good=DONE,
            bad=bad,
        )
        for bad in ({"done_at": NOW}, {"done_by": root})
    ),
    *(
        Rule(
            "funnel_import_undone_by_someone",
            Import,
            "An undone import states when and by whom.",
            good={**DONE, **UNDONE},
            bad={**DONE, **bad},
        )
        for bad in ({"undone_at": NOW}, {"undone_by": root})
    ),
    Rule(
        "funnel_import_undone_after_done",
        Import,
        "Only a completed import can be undone.",
        good={**DONE, **UNDONE},
        bad=UNDONE,
    ),
)


def plain_rows(world):
    """By model, the fields of a row that breaks nothing."""
    marked = {"marked_at": NOW, "marked_by": world.root}
    return {
        Meeting: {"practice": world.practice, "week": MONDAY},
        Attendance: {"meeting": world.meeting, "staff": world.person, **marked},
        NotBrought: {"meeting": world.meeting, "kpi": world.kpi, **marked},
        MeetingNote: {
            "meeting": world.meeting,
            "part": "numbers",
            "text": "The phones were down on Tuesday.",
            "written_at": NOW,
            "written_by": world.root,
        },
        FollowUp: {
            "practice": world.practice,
            "meeting": world.meeting,
            "text": "Ask the provider about a second line.",
            "owner": world.person,
            "due_on": TODAY,
            "promised_at": NOW,
            "promised_by": world.root,
        },
        KPIGroup: {"practice": world.practice, "name": "Reputation"},
        Import: {
            "practice": world.practice,
            "file_name": "numbers.csv",
            "made_at": NOW,
            "made_by": world.root,
        },
        Screen: {
            "practice": world.practice,
            "name": "Reception",
            "token_start": "Qk3f9a",
            "token_hash": "a" * 64,
            "expires_on": TODAY,
            "made_at": NOW,
            "made_by": world.root,
        },
    }
