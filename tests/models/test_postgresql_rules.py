"""What PostgreSQL keeps besides the models' own constraints: migration 0002 and the index."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from funnel.models import KPI, Meeting, Ownership, Practice, Role, Target, User, WeeklyEntry
from funnel.reports.figures import Scope, load_figures
from tests.factories import BEGAN, TODAY, WEEK, make_practice, make_staff, make_superuser

ENTRIES = WeeklyEntry._meta.db_table

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db]

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
TUESDAY = date(2026, 11, 17)


@pytest.fixture
def kpi():
    return make_practice("lumina").kpis.get(slug="appointments")


def insert(instance):
    """Straight into the table, without waiting for the checks at the end of the transaction."""
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


def test_an_entry_is_of_its_kpis_practice(kpi):
    elsewhere = entry(kpi, practice=make_practice("harbor"))
    assert refused_by("funnel_entry_kpi_of_practice", elsewhere)


def test_a_kpis_role_is_of_its_practice(kpi):
    foreign = Role.objects.get(practice=make_practice("harbor"), name="Doctor")
    attended = KPI(practice=kpi.practice, name="Attended", slug="attended", role=foreign)
    assert refused_by("funnel_kpi_role_of_practice", attended)


def test_an_entrys_week_is_a_monday(kpi):
    assert refused_by("funnel_entry_monday", entry(kpi, week=TUESDAY))


def test_a_targets_week_is_a_monday(kpi):
    root = make_superuser()
    target = Target(kpi=kpi, from_week=TUESDAY, value=40, set_at=NOW, set_by=root)
    assert refused_by("funnel_target_monday", target)


def test_a_meetings_week_is_a_monday(kpi):
    assert refused_by("funnel_meeting_monday", Meeting(practice=kpi.practice, week=TUESDAY))


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
