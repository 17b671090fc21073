from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction

from funnel.domain import numbers
from funnel.domain.gap import Expected, expected_from_targets
from funnel.domain.numbers import half_up
from funnel.domain.weeks import Week
from funnel.domain.zones import city
from funnel.models import KPI, Assignment, PatientValue, Practice, Staff
from funnel.reports.board import headline

# Other stages are asked for by name.
QUESTIONS = {
    "leads": (
        "Who manages your marketing?",
        "Usually an office or marketing manager. They enter the leads.",
    ),
    "appointments": (
        "Who books at the front desk?",
        "The person who turns a call or message into a consultation. They enter the appointments.",
    ),
    "patients-acquired": (
        "Who turns appointments into patients?",
        "The doctor or the patient coordinator. They enter the patients acquired.",
    ),
}
STEPS = (
    (1, "start-practice", "Practice"),
    (Practice.Step.WHO, "start-who", "Who does what"),
    (Practice.Step.TARGETS, "start-targets", "Targets"),
    (Practice.Step.SPREADSHEET, "start-spreadsheet", "Spreadsheet"),
    (Practice.Step.SUMMARY, "start-summary", "Summary"),
)


@dataclass(frozen=True, slots=True)
class StartStep:
    number: int
    address: str
    label: str
    is_here: bool
    is_open: bool


@dataclass(frozen=True, slots=True)
class Duty:
    """`owner` is None also if the ownership ends."""

    kpi: KPI
    question: str
    hint: str
    owner: Staff | None
    target: Decimal | None
    cost: str


@dataclass(frozen=True, slots=True)
class Start:
    practice: Practice
    value: Decimal | None
    steps: tuple[StartStep, ...]
    duties: tuple[Duty, ...]
    people: tuple[Staff, ...]

    @property
    def gaps(self) -> tuple[Duty, ...]:
        return tuple(duty for duty in self.duties if duty.owner is None)

    @property
    def has_admin(self) -> bool:
        return any(person.access == Staff.Access.ADMIN for person in self.people)


@dataclass(frozen=True, slots=True)
class FirstMeeting:
    """In local time."""

    day: date
    at: time
    week: Week
    place: str


def build_start(practice: Practice, here: str, *, today: date) -> Start:
    """Three queries."""
    found = stages(practice, today)
    expected = expected_from_targets([one.target for one in found])
    value = PatientValue.objects.in_force(practice, _week(practice, today).monday)
    team = practice.staff.active().select_related("user").order_by("name", "id")
    return Start(
        practice=practice,
        value=value,
        steps=_steps(practice, here),
        duties=tuple(_duty(practice, one, expected, value) for one in found),
        people=tuple(team),
    )


def stages(practice: Practice, today: date) -> list[Assignment]:
    """With owners and targets, widest first. One query."""
    monday = _week(practice, today).monday
    reviewed = practice.kpis.active().reviewed(monday)
    return [one for one in reviewed.assigned(today, week=monday) if one.stage is not None]


def _week(practice: Practice, today: date) -> Week:
    return max(Week.running(today), practice.first_week)


def unfinished() -> list[tuple[Practice, StartStep]]:
    """Practices in setup, with the step. One query."""
    begun = Practice.objects.filter(start_step__isnull=False).order_by("name", "id")
    return [
        (practice, step)
        for practice in begun
        for step in _steps(practice)
        if step.number == practice.start_step
    ]


def first_meeting(practice: Practice, now: datetime) -> FirstMeeting:
    """The next meeting with a week to review."""
    day = practice.next_meeting_day(now)
    return _meeting(practice, max(Week.reporting(day), practice.first_week))


def awaited_meeting(practice: Practice, today: date) -> FirstMeeting | None:
    """The first meeting; None after the first week."""
    if practice.has_begun_by(Week.reporting(today)):
        return None
    return _meeting(practice, practice.first_week)


def _meeting(practice: Practice, week: Week) -> FirstMeeting:
    day = practice.meeting_day_after(week.sunday)
    return FirstMeeting(day, practice.meeting_time, week, city(practice.time_zone))


def _steps(practice: Practice, here: str = "") -> tuple[StartStep, ...]:
    furthest = practice.start_step or Practice.Step.SUMMARY
    return tuple(
        StartStep(number, address, label, is_here=address == here, is_open=number <= furthest)
        for number, address, label in STEPS
    )


def address_of_step(number: int) -> str:
    """Return the URL name."""
    return next(address for step, address, _ in STEPS if step == number)


def _duty(
    practice: Practice, assignment: Assignment, expected: Expected | None, value: Decimal | None
) -> Duty:
    kpi, ownership = assignment.kpi, assignment.ownership
    question, hint = QUESTIONS.get(
        kpi.slug, (f"Who owns {kpi.name}?", f"The role is {kpi.role.name}.")
    )
    return Duty(
        kpi=kpi,
        question=question,
        hint=hint,
        owner=ownership.staff if ownership and ownership.ends_on is None else None,
        target=assignment.target,
        cost=_cost(practice, expected, value),
    )


def _cost(practice: Practice, expected: Expected | None, value: Decimal | None) -> str:
    if expected is not None:
        patients = expected.expected_patients
        money = None if value is None else half_up(patients * Fraction(value), 0)
        amount = headline.lost(half_up(patients, 1), money, practice.currency)
        return f"All {amount} of your weekly target pass through it."
    if value is not None:
        amount = numbers.value(value, "money", practice.currency)
        return f"Each patient lost there costs {amount}, unnoticed."
    return "Losses there go unnoticed."
