"""The index that the series of a practice reads its numbers from."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from funnel.models import KPI, Practice, Role, User, WeeklyEntry
from funnel.reports.series.loading import Ask, load_one
from tests.factories import BEGAN, TODAY, WEEK

ENTRIES = WeeklyEntry._meta.db_table
NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_the_numbers_of_a_practice_are_read_from_the_index_alone():
    """200 practices × 5 KPIs × 60 weeks: the 300 numbers of one touch a handful of pages."""
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

    practice = practices[77]
    with CaptureQueriesContext(connection) as asked:
        series = load_one(Ask(practice, WEEK, WEEK, TODAY))
    assert sum(len(column) for column in series.columns.values()) == 5 * 60
    (values,) = [query["sql"] for query in asked if "funnel_weeklyentry" in query["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {values}")
        [[[answer]]] = cursor.fetchall()
    plan = _of_the_values(answer["Plan"])
    assert plan["Actual Rows"] == 5 * 60
    assert plan["Node Type"] == "Index Only Scan"
    assert plan["Index Name"] == "funnel_entry_board"
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] <= 20


def _of_the_values(plan):
    """The first branch of the statement, without what computes its columns from the rows."""
    while plan.get("Relation Name") != ENTRIES:
        plan = plan["Plans"][0]
    return plan
