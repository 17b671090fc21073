from datetime import date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

from babel.numbers import list_currencies
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from simple_history.models import HistoricalRecords

from funnel.domain.reminding import ReminderSchedule
from funnel.domain.weeks import Week, local_moment
from funnel.models.recorded import Recorded

if TYPE_CHECKING:
    from funnel.models.kpi import KPIQuerySet
    from funnel.models.staff import Staff


def validate_time_zone(name: str) -> None:
    """Raises ValidationError unless an IANA zone."""
    if name not in _zones():
        raise ValidationError(
            "“%(name)s” is not a time zone. Write it as in America/New_York.", params={"name": name}
        )


@cache
def _zones() -> frozenset[str]:
    """Hundreds of files."""
    return frozenset(available_timezones())


def validate_currency(code: str) -> None:
    """Raises ValidationError unless ISO 4217."""
    if code not in list_currencies():
        raise ValidationError(
            "“%(code)s” is not a currency. Write three letters, as in USD.", params={"code": code}
        )


class Practice(Recorded):
    """An aesthetic practice at one location.

    Valid weekday (`funnel_practice_weekday`), minutes (`funnel_practice_minutes`), reminders
    (`funnel_practice_reminder_hours`, `funnel_practice_reminders_at_most`: three) and setup step
    (`funnel_practice_start_step`).
    """

    class Weekday(models.IntegerChoices):
        MONDAY = 0, "Monday"
        TUESDAY = 1, "Tuesday"
        WEDNESDAY = 2, "Wednesday"
        THURSDAY = 3, "Thursday"
        FRIDAY = 4, "Friday"
        SATURDAY = 5, "Saturday"
        SUNDAY = 6, "Sunday"

    class Step(models.IntegerChoices):
        WHO = 2, "Who does what"
        TARGETS = 3, "Targets"
        SPREADSHEET = 4, "Spreadsheet"
        SUMMARY = 5, "Summary"

    slug = models.SlugField("short name", unique=True, help_text="Used in the URLs of its pages.")
    name = models.CharField(max_length=120)
    time_zone = models.CharField(
        max_length=64,
        default="America/New_York",
        validators=[validate_time_zone],
        help_text="Decides when its week ends, such as America/New_York.",
    )
    currency = models.CharField(
        max_length=3,
        default="USD",
        validators=[validate_currency],
        help_text="Three letters, such as USD.",
    )
    meeting_weekday = models.PositiveSmallIntegerField(
        "meeting day",
        choices=Weekday.choices,
        default=Weekday.MONDAY,
        error_messages={"invalid_choice": "Choose a day from Monday to Sunday for the meeting."},
    )
    meeting_time = models.TimeField("meeting time", default="09:00")
    began_on = models.DateField(
        "first day",
        validators=[
            MinValueValidator(date(2000, 1, 3)),
            MaxValueValidator(date(2099, 12, 31), "Choose a day of this century."),
        ],
        help_text="Numbers cannot be entered for weeks that ended before this day.",
    )
    minutes_numbers = models.PositiveSmallIntegerField("minutes for last week's numbers", default=8)
    minutes_ahead = models.PositiveSmallIntegerField("minutes for the week ahead", default=2)
    minutes_issues = models.PositiveSmallIntegerField(
        "minutes for issues and follow-ups", default=5
    )
    first_reminder_hours = models.PositiveSmallIntegerField(
        "first reminder, hours before the meeting",
        default=24,
        help_text="To the owners of missing numbers; never before the week has ended.",
    )
    second_reminder_hours = models.PositiveSmallIntegerField(
        "second reminder, hours before the meeting",
        default=3,
        help_text="To the owners of numbers still missing. An hour before it managers get a list.",
    )
    reminders_at_most = models.PositiveSmallIntegerField(
        "reminders a person and week, at most",
        default=3,
        help_text="The managers' list counts as one. 0: this practice sends none.",
    )
    start_step = models.PositiveSmallIntegerField(
        "furthest step of the guided start",
        choices=Step.choices,
        null=True,
        blank=True,
        editable=False,
        help_text="Empty: the start is finished, or there was none.",
        error_messages={"invalid_choice": "Choose a step of the guided start."},
    )

    # Set by `access`: the user's membership, None for superusers without one.
    place: "Staff | None" = None

    history = HistoricalRecords()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(meeting_weekday__lte=6),
                name="funnel_practice_weekday",
                violation_error_message="Choose a day from Monday to Sunday for the meeting.",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    minutes_numbers__gte=1,
                    minutes_numbers__lte=120,
                    minutes_ahead__gte=1,
                    minutes_ahead__lte=120,
                    minutes_issues__gte=1,
                    minutes_issues__lte=120,
                ),
                name="funnel_practice_minutes",
                violation_error_message="Each part of the meeting has 1 to 120 minutes.",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    second_reminder_hours__gte=2,
                    first_reminder_hours__gt=models.F("second_reminder_hours"),
                    first_reminder_hours__lte=144,
                ),
                name="funnel_practice_reminder_hours",
                violation_error_message="The second reminder is sent at least 2 hours before the "
                "meeting, the first one before it and at most 144 hours before the meeting.",
            ),
            models.CheckConstraint(
                condition=models.Q(reminders_at_most__lte=3),
                name="funnel_practice_reminders_at_most",
                violation_error_message="There are three reminders a week: choose 0 to 3.",
            ),
            models.CheckConstraint(
                condition=models.Q(start_step=None)
                | models.Q(start_step__gte=2, start_step__lte=5),
                name="funnel_practice_start_step",
                violation_error_message="Choose a step of the guided start.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("dashboard", args=[self.slug])

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def is_starting(self) -> bool:
        return self.start_step is not None

    def meeting_day_after(self, day: date) -> date:
        """Exclusive."""
        return day + timedelta(days=(self.meeting_weekday - day.weekday() - 1) % 7 + 1)

    def next_meeting_day(self, now: datetime) -> date:
        local = now.astimezone(self.zone)
        has_begun = local.time() >= self.meeting_time
        return self.meeting_day_after(local.date() - timedelta(days=0 if has_begun else 1))

    def meeting_at(self, week: Week) -> datetime:
        day = self.meeting_day_after(week.sunday)
        return local_moment(day, self.meeting_time, self.time_zone)

    @property
    def meeting_length(self) -> timedelta:
        return timedelta(minutes=self.minutes_numbers + self.minutes_ahead + self.minutes_issues)

    def reminders_of(self, week: Week) -> ReminderSchedule:
        return ReminderSchedule.of(
            over=local_moment(week.next.monday, time(0), self.time_zone),
            meeting=self.meeting_at(week),
            first_hours=self.first_reminder_hours,
            second_hours=self.second_reminder_hours,
        )

    @property
    def first_week(self) -> Week:
        return Week.of(self.began_on)

    def current_week(self, today: date) -> Week:
        """The running week, at least the first."""
        return max(Week.running(today), self.first_week)

    def current_kpis(self, today: date) -> "KPIQuerySet":
        """Active, without future ones."""
        return self.kpis.active().begun(self.current_week(today).monday)

    def has_begun_by(self, week: Week) -> bool:
        return week.sunday >= self.began_on
