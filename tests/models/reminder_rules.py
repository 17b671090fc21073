"""The table of constraints, continued: reminders of missing numbers, and a person's calendar."""

from datetime import timedelta

from funnel.models import CalendarFeed, Practice, Reminder, Staff
from tests.models.rules import MONDAY, NEXT_MONDAY, NOW, Rule

LATER = NOW + timedelta(hours=1)


def root(world):
    """The user who acts."""
    return world.root


RULES = (
    *(
        Rule(
            "funnel_practice_reminder_hours",
            Practice,
            "The second reminder is sent at least 2 hours before the meeting, the first one before "
            "it and at most 144 hours before the meeting.",
            good={"first_reminder_hours": kept[0], "second_reminder_hours": kept[1]},
            bad={"first_reminder_hours": broken[0], "second_reminder_hours": broken[1]},
        )
        for kept, broken in (((3, 2), (3, 1)), ((4, 3), (3, 3)), ((144, 143), (145, 3)))
    ),
    Rule(
        "funnel_practice_reminders_at_most",
        Practice,
        "There are three reminders a week: choose 0 to 3.",
        good={"reminders_at_most": 0},
        bad={"reminders_at_most": 4},
    ),
    Rule(
        "funnel_staff_reminders_known",
        Staff,
        "Choose both reminders, the last one only, or none.",
        good={"reminders": "none"},
        bad={"reminders": "some"},
    ),
    *(
        Rule(
            "funnel_reminder_once",
            Reminder,
            "This person has had this reminder.",
            beside={},
            good=good,
            bad={"mailed": LATER},
        )
        for good in (
            {"kind": "second"},
            {"week": NEXT_MONDAY},
            {"staff": lambda world: world.stranger},
        )
    ),
    Rule(
        "funnel_reminder_kind_known",
        Reminder,
        "There is no such reminder.",
        good={"kind": "managers"},
        bad={"kind": "third"},
    ),
    Rule(
        "funnel_calendarfeed_token_once",
        CalendarFeed,
        "This secret is already in use.",
        beside={"staff": lambda world: world.stranger},
        good={"token_hash": "b" * 64},
        bad={},
    ),
    Rule(
        "funnel_calendarfeed_one_open",
        CalendarFeed,
        "This person already has a calendar here.",
        beside={"token_hash": "b" * 64},
        good={"revoked_at": NOW, "revoked_by": root},
        bad={},
    ),
    *(
        Rule(
            "funnel_calendarfeed_revoked_by_someone",
            CalendarFeed,
            "State when it was revoked, and by whom.",
            good={"revoked_at": NOW, "revoked_by": root},
            bad=bad,
        )
        for bad in ({"revoked_at": NOW}, {"revoked_by": root})
    ),
)


def plain_rows(world):
    """By model, the fields of a row that breaks nothing."""
    return {
        Reminder: {
            "staff": world.person,
            "week": MONDAY,
            "kind": "first",
            "mailed": NOW,
        },
        CalendarFeed: {
            "staff": world.person,
            "token_start": "Qk3f9a",
            "token_hash": "a" * 64,
            "made_at": NOW,
            "made_by": world.root,
        },
    }
