"""One file per model."""

from funnel.models.address_change import AddressChange
from funnel.models.api_token import ApiToken
from funnel.models.assignment import Assignment
from funnel.models.attendance import Attendance
from funnel.models.baseline import Baseline
from funnel.models.calendar_feed import CalendarFeed
from funnel.models.entry import WeeklyEntry
from funnel.models.follow_up import FollowUp
from funnel.models.group import KPIGroup
from funnel.models.imported import Import
from funnel.models.job_run import JobRun
from funnel.models.kpi import KPI
from funnel.models.lineup import Lineup, Place
from funnel.models.meeting import Meeting
from funnel.models.message import Message
from funnel.models.not_brought import NotBrought
from funnel.models.note import MeetingNote
from funnel.models.ownership import Ownership
from funnel.models.patient_value import PatientValue
from funnel.models.practice import Practice
from funnel.models.practice_version import PracticeVersion
from funnel.models.reminder import Reminder
from funnel.models.role import Role
from funnel.models.screen import Screen
from funnel.models.short_week import ShortWeek
from funnel.models.snapshot import Snapshot
from funnel.models.staff import Staff
from funnel.models.stand_in import StandIn
from funnel.models.target import Target
from funnel.models.user import User
from funnel.models.webhook import Webhook

__all__ = [
    "KPI",
    "AddressChange",
    "ApiToken",
    "Assignment",
    "Attendance",
    "Baseline",
    "CalendarFeed",
    "FollowUp",
    "Import",
    "JobRun",
    "KPIGroup",
    "Lineup",
    "Meeting",
    "MeetingNote",
    "Message",
    "NotBrought",
    "Ownership",
    "PatientValue",
    "Place",
    "Practice",
    "PracticeVersion",
    "Reminder",
    "Role",
    "Screen",
    "ShortWeek",
    "Snapshot",
    "Staff",
    "StandIn",
    "Target",
    "User",
    "Webhook",
    "WeeklyEntry",
]
