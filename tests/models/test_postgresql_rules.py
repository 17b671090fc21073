"""What PostgreSQL keeps beyond the models' constraints: migrations 0002, 0004 and
0006, the index."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from funnel.models import (
    KPI,
    Baseline,
    FollowUp,
    KPIGroup,
    Meeting,
    Ownership,
    Practice,
    Reminder,
    Role,
    Target,
    User,
    WeeklyEntry,
)
from funnel.reports.series.figures import Scope, load_figures
from tests.factories import BEGAN, TODAY, WEEK, make_practice, make_staff, make_superuser

ENTRIES = WeeklyEntry._meta.db_table

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db]

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
TUESDAY = date(2026, 11, 17)


@pytest.fixture
def kpi():
    return make_practice("lumina").kpis.get(slug="appointments")


@pytest.fixture
def theirs():
    """What the practice next door has, by the name of the field that could point to it."""
    harbor = make_practice("harbor")
    hal = make_staff(harbor, "Hal", "Front desk")
    leads = harbor.kpis.get(slug="leads")
    return {
        "practice": harbor,
        "meeting": Meeting.objects.create(practice=harbor, week=WEEK.monday),
        "kpi": leads,
        "owner": hal,
        "entered_for": hal,
        "group": KPIGroup.objects.create(practice=harbor, name="Reputation"),
        "source": leads,
        "divisor": leads,
    }


def insert(instance):
    """Straight into the table, and from then on without waiting for the transaction's end."""
    with transaction.atomic(), connection.cursor() as cursor:
        type(instance)._default_manager.bulk_create([instance])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def refused_by(name, instance):
    """Whether the database refuses the row by the constraint of that name."""
    with pytest.raises(IntegrityError, match=name):
        insert(instance)
    return True


def entry(kpi, **changes):
    fields = {
        "practice": kpi.practice,
        "kpi": kpi,
        "week": WEEK.monday,
        "value": Decimal(40),
        "entered_at": NOW,
        "entered_by": make_superuser(),
        **changes,
    }
    return WeeklyEntry(**fields)


def owned(kpi, person, starts_on, ends_on):
    return Ownership(
        kpi=kpi,
        staff=person,
        starts_on=starts_on,
        ends_on=ends_on,
        assigned_at=NOW,
        assigned_by=make_superuser(),
    )


def promised(practice, **changes):
    fields = {
        "practice": practice,
        "meeting": Meeting.objects.get_or_create(practice=practice, week=WEEK.monday)[0],
        "kpi": practice.kpis.get(slug="appointments"),
        "text": "Ask the provider about a second line.",
        "owner": practice.staff.first() or make_staff(practice, "Maya", "Front desk"),
        "due_on": TODAY,
        "promised_at": NOW,
        "promised_by": make_superuser(),
        **changes,
    }
    return FollowUp(**fields)


def ratio(kpi, **changes):
    fields = {
        "practice": kpi.practice,
        "name": "Cost per lead",
        "slug": "cost-per-lead",
        "role": kpi.role,
        "unit": KPI.Unit.MONEY,
        "group": KPIGroup.objects.get_or_create(practice=kpi.practice, name="Money")[0],
        "calculation": KPI.Calculation.RATIO,
        "source": kpi,
        "divisor": kpi.practice.kpis.get(slug="leads"),
        **changes,
    }
    return KPI(**fields)


def baseline(kpi, **changes):
    fields = {
        "from_week": WEEK.monday,
        "reason": "Two more phone lines.",
        "begun_at": NOW,
        "begun_by": make_superuser(),
        "frozen_week": WEEK.next.monday,
        "mean": 40.5,
        "mean_range": 3.0,
        **changes,
    }
    return Baseline(kpi=kpi, **fields)


def test_an_entry_is_of_its_kpis_practice(kpi):
    elsewhere = entry(kpi, practice=make_practice("harbor"))
    assert refused_by("funnel_entry_kpi_of_practice", elsewhere)


def test_a_kpis_role_is_of_its_practice(kpi):
    foreign = Role.objects.get(practice=make_practice("harbor"), name="Doctor")
    attended = KPI(practice=kpi.practice, name="Attended", slug="attended", role=foreign)
    assert refused_by("funnel_kpi_role_of_practice", attended)


def test_an_entry_is_entered_for_someone_of_its_practice(kpi, theirs):
    maya = make_staff(kpi.practice, "Maya", "Front desk")
    insert(entry(kpi, entered_for=maya))
    foreign = entry(kpi, week=WEEK.previous.monday, entered_for=theirs["entered_for"])
    assert refused_by("funnel_entry_entered_for_of_practice", foreign)


@pytest.mark.parametrize("field", ["meeting", "kpi", "owner"])
def test_a_follow_up_points_to_nothing_of_another_practice(kpi, theirs, field):
    insert(promised(kpi.practice))
    insert(promised(kpi.practice, kpi=None))
    foreign = promised(kpi.practice, **{field: theirs[field]})
    assert refused_by(f"funnel_followup_{field}_of_practice", foreign)


def test_a_follow_up_does_not_move_to_another_practice(kpi, theirs):
    insert(promised(kpi.practice))
    with pytest.raises(IntegrityError, match="_of_practice"), transaction.atomic():
        FollowUp.objects.update(practice=theirs["practice"])
    assert FollowUp.objects.get().practice == kpi.practice


@pytest.mark.parametrize("field", ["group", "source", "divisor"])
def test_a_kpi_is_told_by_and_stands_beside_those_of_its_practice(kpi, theirs, field):
    foreign = ratio(kpi, **{field: theirs[field]})
    assert refused_by(f"funnel_kpi_{field}_of_practice", foreign)
    insert(ratio(kpi))
    assert kpi.practice.kpis.filter(slug="cost-per-lead").exists()


@pytest.mark.parametrize(
    ("field", "name"),
    [("from_week", "funnel_baseline_monday"), ("frozen_week", "funnel_baseline_frozen_monday")],
)
def test_a_baselines_weeks_are_mondays(kpi, field, name):
    assert refused_by(name, baseline(kpi, **{field: TUESDAY}))
    insert(baseline(kpi))
    insert(baseline(kpi, from_week=None, reason="", begun_at=None, begun_by=None))
    assert kpi.baselines.count() == 2


def test_an_entrys_week_is_a_monday(kpi):
    assert refused_by("funnel_entry_monday", entry(kpi, week=TUESDAY))


def test_a_targets_week_is_a_monday(kpi):
    root = make_superuser()
    target = Target(kpi=kpi, from_week=TUESDAY, value=40, set_at=NOW, set_by=root)
    assert refused_by("funnel_target_monday", target)


def test_a_meetings_week_is_a_monday(kpi):
    assert refused_by("funnel_meeting_monday", Meeting(practice=kpi.practice, week=TUESDAY))


def test_a_reminders_week_is_a_monday(kpi):
    maya = make_staff(kpi.practice, "Maya", "Front desk")
    tuesday = Reminder(staff=maya, week=TUESDAY, kind="first", mailed=NOW)
    assert refused_by("funnel_reminder_monday", tuesday)


@pytest.mark.parametrize(
    ("starts_on", "ends_on"),
    [(BEGAN, TODAY), (date(2026, 11, 30), None), (date(2026, 11, 25), date(2026, 11, 26))],
    ids=["ends on the first day", "begins on the last day", "inside"],
)
def test_two_ownerships_of_a_kpi_never_overlap(kpi, starts_on, ends_on):
    maya = make_staff(kpi.practice, "Maya", "Front desk")
    insert(owned(kpi, maya, TODAY, date(2026, 11, 30)))
    assert refused_by("funnel_ownership_no_overlap", owned(kpi, maya, starts_on, ends_on))


def test_ownerships_may_follow_on_each_other_and_stand_beside_those_of_another_kpi(kpi):
    maya = make_staff(kpi.practice, "Maya", "Front desk")
    insert(owned(kpi, maya, BEGAN, date(2026, 11, 23)))
    insert(owned(kpi, maya, TODAY, None))
    insert(owned(kpi.practice.kpis.get(slug="leads"), maya, BEGAN, None))
    assert Ownership.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_a_quarter_of_a_practices_numbers_is_read_from_the_index_alone():
    """200 practices × 5 KPIs × 60 weeks: the 70 numbers of one board touch a handful of pages."""
    root = User.objects.create_superuser("root@example.com")
    practices = Practice.objects.bulk_create(
        Practice(slug=f"p{n}", name=f"P{n}", began_on=BEGAN) for n in range(200)
    )
    roles = Role.objects.bulk_create(Role(practice=p, name="Marketing") for p in practices)
    kpis = KPI.objects.bulk_create(
        KPI(practice_id=role.practice_id, role=role, name=f"K{n}", slug=f"k{n}")
        for n in range(5)
        for role in roles
    )
    # Week after week, as numbers come in: one practice's rows lie far apart in the table.
    WeeklyEntry.objects.bulk_create(
        (
            WeeklyEntry(
                practice_id=kpi.practice_id,
                kpi=kpi,
                week=WEEK.monday - timedelta(weeks=back),
                value=back,
                entered_at=NOW,
                entered_by=root,
            )
            for back in range(60)
            for kpi in kpis
        ),
        batch_size=5_000,
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE funnel_weeklyentry")

    with CaptureQueriesContext(connection) as asked:
        figures = load_figures([Scope.of(practices[77], WEEK, TODAY)])
    assert sum(len(values) for values in figures.values.values()) == 5 * 14
    (values,) = [query["sql"] for query in asked if "funnel_weeklyentry" in query["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {values}")
        [[[answer]]] = cursor.fetchall()
    (plan,) = [part for part in answer["Plan"]["Plans"] if part["Relation Name"] == ENTRIES]
    assert plan["Node Type"] == "Index Only Scan"
    assert plan["Index Name"] == "funnel_entry_board"
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] <= 20
