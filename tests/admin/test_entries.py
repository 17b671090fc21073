from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from funnel.actions import entries
from funnel.domain.weeks import Week
from funnel.models import WeeklyEntry
from tests.factories import WEEK, make_entry, stand_for

LIST = "/admin/funnel/weeklyentry/"


@pytest.fixture
def many(cast):
    """Two years of leads and appointments, as rows without their history."""
    weeks = [WEEK.monday - timedelta(weeks=number) for number in range(104)]
    WeeklyEntry.objects.bulk_create(
        WeeklyEntry(
            practice=kpi.practice,
            kpi=kpi,
            week=week,
            value=number,
            entered_at=timezone.now(),
            entered_by=cast.superuser,
        )
        for number, week in enumerate(weeks)
        for kpi in (cast.leads, cast.appointments)
    )


def questions(client, url):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(url).status_code == 200
    return [query["sql"] for query in asked.captured_queries]


@pytest.mark.parametrize("query", ["", "?p=2", "?kpi=leads", "?weeks=13", "?practice=lumina"])
@pytest.mark.parametrize("who", ["admin", "superuser"])
def test_the_list_counts_no_entries_and_asks_little(client, cast, many, who, query):
    person = getattr(cast, who)
    client.force_login(getattr(person, "user", person))
    asked = questions(client, LIST + query)
    of_entries = [sql for sql in asked if 'FROM "funnel_weeklyentry"' in sql]
    assert len(of_entries) == 2
    assert not [sql for sql in of_entries if "COUNT(" in sql.upper()]
    assert "LIMIT" in of_entries[0]
    assert len(asked) <= 7


def test_pages_go_on_to_the_last_entry(as_admin, many):
    shown = [len(as_admin.get(LIST, {"p": page}).context["cl"].result_list) for page in (1, 4, 5)]
    assert shown == [50, 50, 8]
    assert as_admin.get(LIST, {"p": 6}).status_code == 302


@pytest.mark.parametrize("page", ["0", "-1", "99999999", "x", "²"])
def test_a_page_that_is_none_is_no_error(as_admin, many, page):
    assert as_admin.get(LIST, {"p": page}).status_code in {200, 302}


def test_no_address_sorts_by_a_value(as_admin, many):
    asked = questions(as_admin, f"{LIST}?o=4.-3")
    assert not [sql for sql in asked if 'ORDER BY "funnel_weeklyentry"."value"' in sql]


def test_narrows_by_kpi(as_admin, many):
    listed = as_admin.get(LIST, {"kpi": "leads"}).context["cl"].result_list
    assert {entry.kpi.slug for entry in listed} == {"leads"}


def test_an_entry_and_its_history_are_read_only(as_admin, cast):
    entry = make_entry(cast.leads, 90)
    entries.record(
        by=stand_for(cast.manager, "leads"),
        week=Week(entry.week),
        value=Decimal(95),
        reason="Counted again",
        version=1,
        confirmed=True,
    )
    page = f"{LIST}{entry.pk}/"
    assert as_admin.post(f"{page}change/", {"value": "1"}).status_code == 403
    assert as_admin.post(f"{page}history/", {"value": "1"}).status_code == 200
    body = as_admin.get(f"{page}history/").content.decode()
    assert "ana@lumina.example" in body
    assert "Counted again" in body
    assert "90.00 → 95" in body
    entry.refresh_from_db()
    assert entry.value == 95
