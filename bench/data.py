"""Fill an empty database in bulk: the actions would take an hour instead of a minute."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeVar

from django.contrib.auth.hashers import make_password
from django.db import connection, models, transaction
from django.utils import timezone

from bench.shapes import GROUP_PRACTICES, Shape
from funnel.domain.weeks import Week
from funnel.models import (
    KPI,
    ApiToken,
    FollowUp,
    Lineup,
    Meeting,
    Ownership,
    PatientValue,
    Place,
    Practice,
    Role,
    Screen,
    Staff,
    StandIn,
    Target,
    User,
)
from funnel.models.secret import hash_of_token

Row = TypeVar("Row", bound=models.Model)

ROLES = ("Marketing", "Front desk", "Patient coordinator", "Doctor", "Management")
# Name, access, roles (indexes). The second person of a role takes over half-way through.
PEOPLE = (
    ("marketing", Staff.Access.MEMBER, (0,)),
    ("frontdesk", Staff.Access.MEMBER, (1,)),
    ("coordinator", Staff.Access.MEMBER, (2,)),
    ("doctor", Staff.Access.MEMBER, (3,)),
    ("manager", Staff.Access.MANAGER, (4, 0, 1)),
    ("admin", Staff.Access.ADMIN, (2, 3, 4)),
    ("viewer", Staff.Access.VIEWER, ()),
)
FIRST_OWNER = (4, 4, 5, 5, 5)
OWNER = (0, 1, 2, 3, 4)
STAGES = ("Leads", "Appointments", "Attended", "Quoted", "Patients acquired")
STAGE_ROLES = (0, 1, 1, 2, 2)
# Far enough apart that no stage exceeds the one before.
USUAL_OF_STAGE = (160, 90, 60, 40, 25)
UNITS = (KPI.Unit.COUNT, KPI.Unit.MONEY, KPI.Unit.PERCENT, KPI.Unit.DECIMAL)
BATCH = 2000
PROMISES = 5

# Valid for PostgreSQL and SQLite. A number is its usual value plus pseudo-random noise that is the
# same on every machine.
INSERT_ENTRIES = """
INSERT INTO funnel_weeklyentry (practice_id, kpi_id, week, value, note, entered_at, entered_by_id,
                                entered_for_id, reason, is_corrected, version)
SELECT k.practice_id, k.kpi_id, w.monday,
       k.usual + (k.kpi_id * 31 + w.ago * 17) % (k.usual / 4 + 1),
       '', w.entered_at, k.user_id, NULL, '', FALSE, 1
FROM bench_week w JOIN bench_kpi k ON w.ago < k.weeks
ORDER BY w.ago DESC, k.kpi_id
"""
INSERT_HISTORY = """
INSERT INTO funnel_historicalweeklyentry (id, practice_id, kpi_id, week, value, note, entered_at,
    entered_by_id, entered_for_id, reason, is_corrected, version, history_date, history_type,
    history_user_id)
SELECT id, practice_id, kpi_id, week, value, note, entered_at,
       entered_by_id, entered_for_id, reason, is_corrected, version, entered_at, '+',
       entered_by_id
FROM funnel_weeklyentry
ORDER BY id
"""
INSERT_MEETINGS = """
INSERT INTO funnel_meeting (practice_id, week, part, spent_numbers, spent_ahead, spent_issues,
                            revision, reopened_because)
SELECT k.practice_id, w.monday, '', 0, 0, 0, 0, ''
FROM bench_week w
    JOIN (SELECT practice_id, MAX(weeks) AS weeks FROM bench_kpi GROUP BY practice_id) k
    ON w.ago < k.weeks
ORDER BY w.ago DESC, k.practice_id
"""


@dataclass(frozen=True, slots=True)
class _Made:
    practice: Practice
    shape: Shape
    staff: Sequence[Staff]
    roles: Sequence[Role]
    kpis: Sequence[KPI]


@transaction.atomic
def fill(shapes: Sequence[Shape], running: Week) -> None:
    """Users are <name>@<slug>.example without a usable password; group@bench.example manages the
    first 50 practices, if the first shape has several."""
    made = _make_practices(shapes, running)
    if shapes[0].count > 1:
        _make_group(made[: min(GROUP_PRACTICES, shapes[0].count)])
    _make_lineups(made)
    _make_patient_values(made)
    _make_owners(made, running)
    _make_targets(made, running)
    _make_numbers(made, running)
    _make_follow_ups(made, running)
    _make_screens(made, running)
    _make_tokens(made, running)


def _make_practices(shapes: Sequence[Shape], running: Week) -> list[_Made]:
    pairs = [(shape, slug) for shape in shapes for slug in shape.slugs]
    practices = _bulk(
        Practice(
            slug=slug,
            name=slug.replace("-", " ").title(),
            time_zone="UTC",
            began_on=running.plus(1 - shape.weeks).monday,
        )
        for shape, slug in pairs
    )
    password = make_password(None)
    users = _bulk(
        User(email=f"{name}@{slug}.example", password=password)
        for _, slug in pairs
        for name, _, _ in PEOPLE
    )
    staff = _bulk(
        Staff(practice=practice, user=user, name=name.title(), title="Office", access=access)
        for practice, team in zip(practices, _chunks(users, len(PEOPLE)), strict=True)
        for user, (name, access, _) in zip(team, PEOPLE, strict=True)
    )
    roles = _bulk(
        Role(practice=practice, name=name, order=order)
        for practice in practices
        for order, name in enumerate(ROLES, start=1)
    )
    teams = _chunks(staff, len(PEOPLE))
    role_sets = _chunks(roles, len(ROLES))
    _bulk(
        Staff.roles.through(staff=person, role=role_set[index])
        for team, role_set in zip(teams, role_sets, strict=True)
        for person, (_, _, held) in zip(team, PEOPLE, strict=True)
        for index in held
    )
    kpis = iter(
        _bulk(
            kpi
            for practice, (shape, _), role_set in zip(practices, pairs, role_sets, strict=True)
            for kpi in _new_kpis(practice, shape, role_set)
        )
    )
    return [
        _Made(
            practice,
            shape,
            team,
            role_set,
            [next(kpis) for _ in range(shape.stages + shape.others)],
        )
        for practice, (shape, _), team, role_set in zip(
            practices, pairs, teams, role_sets, strict=True
        )
    ]


def _new_kpis(practice: Practice, shape: Shape, roles: Sequence[Role]) -> Iterable[KPI]:
    # With three stages, the default names.
    names = STAGES if shape.stages == len(STAGES) else (*STAGES[: shape.stages - 1], STAGES[-1])
    for place, name in enumerate(names):
        yield KPI(
            practice=practice,
            slug=name.lower().replace(" ", "-"),
            name=name,
            definition=f"{name} of this week, each person counted once, on the day it happened.",
            role=roles[STAGE_ROLES[place]],
        )
    for place in range(1, shape.others + 1):
        yield KPI(
            practice=practice,
            slug=f"number-{place}",
            name=f"Number {place}",
            definition="A number the team looks at beside the funnel, counted on Sunday evening.",
            role=roles[place % len(ROLES)],
            unit=UNITS[place % len(UNITS)],
            direction=KPI.Direction.LOWER if place % 3 == 0 else KPI.Direction.HIGHER,
        )


def _make_group(made: Sequence[_Made]) -> None:
    user = User.objects.create_user("group@bench.example")
    _bulk(
        Staff(practice=one.practice, user=user, name="Group", access=Staff.Access.MANAGER)
        for one in made
    )


def _make_lineups(made: Sequence[_Made]) -> None:
    now = timezone.now()
    lineups = _bulk(
        Lineup(
            practice=one.practice,
            from_week=one.practice.began_on,
            set_at=now,
            set_by=one.staff[5].user,
        )
        for one in made
    )
    _bulk(
        Place(
            lineup=lineup,
            kpi=kpi,
            position=position,
            is_stage=position <= one.shape.stages,
            role_id=kpi.role_id,
        )
        for lineup, one in zip(lineups, made, strict=True)
        for position, kpi in enumerate(one.kpis, start=1)
    )


def _make_patient_values(made: Sequence[_Made]) -> None:
    now = timezone.now()
    _bulk(
        PatientValue(
            practice=one.practice,
            from_week=one.practice.began_on,
            value=Decimal(3200),
            set_at=now,
            set_by=one.staff[5].user,
        )
        for one in made
    )


def _make_owners(made: Sequence[_Made], running: Week) -> None:
    """Each KPI changed owners half-way."""
    now = timezone.now()
    ownerships = []
    for one in made:
        began, handed_over = one.practice.began_on, running.plus(-(one.shape.weeks // 2)).monday
        given = {"assigned_at": now, "assigned_by": one.staff[5].user}
        for kpi in one.kpis:
            role = _role_of(one, kpi)
            before, since = one.staff[FIRST_OWNER[role]], one.staff[OWNER[role]]
            last = handed_over - timedelta(days=1)
            ownerships += [
                Ownership(kpi=kpi, staff=before, starts_on=began, ends_on=last, **given),
                Ownership(kpi=kpi, staff=since, starts_on=handed_over, **given),
            ]
    _bulk(ownerships)
    _bulk(
        StandIn(
            kpi=one.kpis[0],
            staff=one.staff[4],
            starts_on=running.previous.monday,
            ends_on=running.next.sunday,
            named_at=now,
            named_by=one.staff[5].user,
        )
        for one in made
    )


def _make_targets(made: Sequence[_Made], running: Week) -> None:
    """Raised twice."""
    now = timezone.now()
    _bulk(
        Target(
            kpi=kpi,
            from_week=running.plus(1 - one.shape.weeks // part).monday,
            value=_usual(one, place) * (100 + 4 * step) // 100,
            set_at=now,
            set_by=one.staff[5].user,
        )
        for one in made
        for place, kpi in enumerate(one.kpis)
        for step, part in enumerate((1, 2, 4))
    )


def _make_numbers(made: Sequence[_Made], running: Week) -> None:
    longest = max(one.shape.weeks for one in made)
    weeks = [(ago, running.plus(-ago).monday) for ago in range(longest)]
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE bench_week (ago int, monday date, entered_at timestamp)"
        )
        cursor.executemany(
            "INSERT INTO bench_week VALUES (%s, %s, %s)",
            [(ago, monday.isoformat(), _noon(monday)) for ago, monday in weeks],
        )
        cursor.execute(
            "CREATE TEMPORARY TABLE bench_kpi "
            "(practice_id bigint, kpi_id bigint, user_id bigint, usual int, weeks int)"
        )
        cursor.executemany(
            "INSERT INTO bench_kpi VALUES (%s, %s, %s, %s, %s)",
            [
                (
                    one.practice.pk,
                    kpi.pk,
                    _owner(one, kpi).user_id,
                    _usual(one, place),
                    one.shape.weeks,
                )
                for one in made
                for place, kpi in enumerate(one.kpis)
            ],
        )
        for statement in (INSERT_ENTRIES, INSERT_HISTORY, INSERT_MEETINGS):
            cursor.execute(statement)
        cursor.execute("DROP TABLE bench_week")
        cursor.execute("DROP TABLE bench_kpi")


def _make_follow_ups(made: Sequence[_Made], running: Week) -> None:
    now = timezone.now()
    last = Meeting.objects.filter(week=running.previous.monday)
    meetings = {meeting.practice_id: meeting for meeting in last}
    _bulk(
        FollowUp(
            practice=one.practice,
            meeting=meetings[one.practice.pk],
            kpi=one.kpis[number % len(one.kpis)],
            text=f"Call back the people who asked {number + 1} times.",
            owner=one.staff[number % len(PEOPLE)],
            due_on=running.monday + timedelta(days=number),
            promised_at=now,
            promised_by=one.staff[4].user,
        )
        for one in made
        if one.practice.pk in meetings
        for number in range(PROMISES)
    )


def _make_screens(made: Sequence[_Made], running: Week) -> None:
    """The token is the slug, here only."""
    now = timezone.now()
    _bulk(
        Screen(
            practice=one.practice,
            name="Meeting room",
            token_start=one.practice.slug[:6],
            token_hash=hash_of_token(one.practice.slug),
            expires_on=running.sunday + timedelta(days=90),
            made_at=now,
            made_by=one.staff[4].user,
        )
        for one in made
    )


def _make_tokens(made: Sequence[_Made], running: Week) -> None:
    """As for screens."""
    now = timezone.now()
    _bulk(
        ApiToken(
            practice=one.practice,
            staff=one.staff[0],
            name="Monday's report",
            token_start=one.practice.slug[:10],
            token_hash=hash_of_token(one.practice.slug),
            expires_on=running.sunday + timedelta(days=90),
            last_used=now,
            made_at=now,
            made_by=one.staff[0].user,
        )
        for one in made
    )


def _noon(monday: date) -> str:
    """The Tuesday after the week."""
    return datetime.combine(monday + timedelta(days=8), time(12)).isoformat(sep=" ")


def _usual(one: _Made, place: int) -> int:
    if place < one.shape.stages - 1:
        return USUAL_OF_STAGE[place]
    return USUAL_OF_STAGE[-1] if place == one.shape.stages - 1 else 30 + 5 * place


def _role_of(one: _Made, kpi: KPI) -> int:
    return next(index for index, role in enumerate(one.roles) if role.pk == kpi.role_id)


def _owner(one: _Made, kpi: KPI) -> Staff:
    return one.staff[OWNER[_role_of(one, kpi)]]


def _bulk(rows: Iterable[Row]) -> list[Row]:
    made = list(rows)
    return type(made[0])._default_manager.bulk_create(made, batch_size=BATCH) if made else []


def _chunks(rows: Sequence[Row], size: int) -> list[Sequence[Row]]:
    return [rows[start : start + size] for start in range(0, len(rows), size)]
