from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError

from funnel.access import May, Seat, require
from funnel.actions import lineups, meetings, patient_values
from funnel.actions.writing import touch, writes
from funnel.domain.lineup import LineupItem
from funnel.domain.weeks import Week
from funnel.models import KPI, Practice, Role, User

CHANGED = frozenset(
    {
        "name",
        "slug",
        "time_zone",
        "currency",
        "meeting_weekday",
        "meeting_time",
        "began_on",
        "start_step",
        "first_reminder_hours",
        "second_reminder_hours",
        "reminders_at_most",
    }
)
# Defaults of a new practice.
TIME_ZONE = "America/New_York"
MEETING_WEEKDAY = Practice.Weekday.MONDAY
MEETING_TIME = time(9)
ROLES = ("Marketing", "Front desk", "Patient coordinator", "Doctor", "Management")


@writes
def found(
    *,
    by: User,
    slug: str,
    name: str,
    began_on: date,
    time_zone: str = TIME_ZONE,
    currency: str = "USD",
    value_per_patient: Decimal | None = None,
    meeting_weekday: int = MEETING_WEEKDAY,
    meeting_time: time = MEETING_TIME,
    patients_role: str = "Patient coordinator",
) -> Practice:
    """Create a practice with five roles and three stages.

    `patients_role` is "Patient coordinator" or "Doctor".
    """
    require(May.FOUND, by)
    practice = Practice(
        slug=slug,
        name=name,
        began_on=began_on,
        time_zone=time_zone,
        currency=currency,
        meeting_weekday=meeting_weekday,
        meeting_time=meeting_time,
    )
    practice.full_clean()
    practice._history_user = by
    practice.save()
    touch(practice.pk)
    equip(by=by, practice=practice, patients_role=patients_role)
    if value_per_patient is not None:
        with _naming_value():
            patient_values.begin(by=by, practice=practice, value=value_per_patient)
    return practice


def first_week(
    now: datetime,
    *,
    time_zone: str = TIME_ZONE,
    meeting_weekday: int = MEETING_WEEKDAY,
    meeting_time: time = MEETING_TIME,
    **_: Any,
) -> Week:
    """Week of the first meeting if created now."""
    practice = Practice(
        time_zone=time_zone, meeting_weekday=meeting_weekday, meeting_time=meeting_time
    )
    return Week.reporting(practice.next_meeting_day(now))


@writes
def change(*, by: Seat, today: date | None = None, **settings: Any) -> Practice:
    """Change settings; TypeError unless in `CHANGED`.

    `value_per_patient` applies from the running week on. The first day only moves back: a later one
    would hide numbers.
    """
    require(May.CHANGE_SETTINGS, by)
    sets_value = "value_per_patient" in settings
    value = settings.pop("value_per_patient", None)
    if unknown := settings.keys() - CHANGED:
        raise TypeError(f"{min(unknown)} is not a setting of a practice.")
    if "slug" in settings:
        require(May.CHANGE_SLUG, by)
    practice = Practice.objects.select_for_update(no_key=True).get(pk=by.practice.pk)
    if settings.get("began_on", practice.began_on) > practice.began_on:
        raise ValidationError({"began_on": f"{practice.name} already accepts earlier numbers."})
    first = practice.first_week
    changed = {name for name, value in settings.items() if getattr(practice, name) != value}
    if changed:
        for name in changed:
            setattr(practice, name, settings[name])
        practice.full_clean()
        practice._history_user = by.user
        practice.save()
    if practice.first_week < first:
        lineups.begin_earlier(practice=practice)
        patient_values.begin_earlier(by=by.user, practice=practice, was=first)
    if sets_value:
        if today is None:
            raise TypeError("The value of a patient is set from the current week on: pass today.")
        seat = replace(by, practice=practice)
        with _naming_value():
            patient_values.set_from(by=seat, value=value, today=today)
    return practice


@contextmanager
def _naming_value() -> Iterator[None]:
    try:
        yield
    except ValidationError as refusal:
        raise ValidationError({"value_per_patient": refusal.messages}) from refusal


@writes
def plan(*, by: Seat, week: Week, today: date, numbers: int, ahead: int, issues: int) -> Practice:
    """Set the minutes per part, 1 to 120."""
    # Locked before the week, as in every change of a lineup.
    practice = Practice.objects.select_for_update(no_key=True).get(pk=by.practice.pk)
    meetings.open_for(by, week, today)
    planned = (numbers, ahead, issues)
    if planned == (practice.minutes_numbers, practice.minutes_ahead, practice.minutes_issues):
        return practice
    practice.minutes_numbers, practice.minutes_ahead, practice.minutes_issues = planned
    practice.full_clean()
    practice._history_user = by.user
    practice.save()
    return practice


@writes
def equip(*, by: User, practice: Practice, patients_role: str = "Patient coordinator") -> None:
    """Create default roles and stages unless it has KPIs."""
    if practice.kpis.exists():
        return
    roles = {
        name: Role.objects.get_or_create(practice=practice, name=name, defaults={"order": order})[0]
        for order, name in enumerate(ROLES, start=1)
    }
    stages = (
        (
            "leads",
            "Leads",
            "Marketing",
            "New people who asked about a treatment this week by phone, form, chat or walk-in, "
            "each counted once.",
        ),
        (
            "appointments",
            "Appointments",
            "Front desk",
            "First consultations booked this week, counted on the day they are booked, "
            "whenever they take place.",
        ),
        (
            "patients-acquired",
            "Patients acquired",
            patients_role,
            "New patients who paid for a first treatment or a deposit this week, "
            "each counted once.",
        ),
    )
    lineup = []
    for slug, name, role, definition in stages:
        kpi = KPI(practice=practice, slug=slug, name=name, definition=definition, role=roles[role])
        kpi.full_clean()
        kpi._history_user = by
        kpi.save()
        lineup.append(LineupItem(kpi.pk, is_stage=True, group=None, role=kpi.role_id))
    lineups.begin(by=by, practice=practice, lineup=lineup)
