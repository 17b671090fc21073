"""The index that a board reads its numbers from."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from funnel.reports.figures import Scope, load_figures

from funnel.models import KPI, Practice, Role, User, WeeklyEntry
from tests.factories import BEGAN, TODAY, WEEK

ENTRIES = WeeklyEntry._meta.db_table
NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)


@pytest.mark.postgresql
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
