"""What is true: one noun a file, each with its QuerySet and its constraints."""

from funnel.models.entry import WeeklyEntry
from funnel.models.kpi import KPI
from funnel.models.meeting import Meeting
from funnel.models.ownership import Ownership
from funnel.models.practice import Practice
from funnel.models.role import Role
from funnel.models.staff import Staff
from funnel.models.stand_in import StandIn
from funnel.models.target import Target
from funnel.models.user import User

__all__ = [
    "KPI",
    "Meeting",
    "Ownership",
    "Practice",
    "Role",
    "Staff",
    "StandIn",
    "Target",
    "User",
    "WeeklyEntry",
]
