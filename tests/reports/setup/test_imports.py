"""reports/imports.py: the list of imports, and one of them number by number."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from funnel.actions import importing
from funnel.domain.import_plan import ImportOutcome
from funnel.models import Import
from funnel.reports.setup.imports import DOUBTFUL, MOST_LISTED, PAGE, build_import, list_imports
from tests.cast import make_cast
from tests.factories import TODAY, WEEK, make_entry, make_import, make_kpi, seat_for

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
A_DAY_AGO = NOW - timedelta(days=1)
HEADER = ["Week", "KPI", "Value", "Note"]


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def cast():
    return make_cast()


def write(cast, draft):
    steps = importing.apply(by=seat_for(cast.manager), draft=draft, leaves_out=True, today=TODAY)
    return list(steps)


def build(imported, cast, show="", page=1):
    return build_import(Import.objects.get(pk=imported.pk), cast.practice, show=show, page=page)


def test_lists_imports_with_who_when_and_how_many(cast, clock, django_assert_num_queries):
    make_entry(cast.leads, 90)
    first = make_import(cast.manager, HEADER, [str(WEEK), "Leads", 91, ""], name="first.csv")
    write(cast, first)
    clock.shift(timedelta(minutes=5))
    second = make_import(cast.manager, HEADER, [str(WEEK), "Appointments", 5, ""], name="2.csv")
    write(cast, second)
    list(importing.undo(by=seat_for(cast.admin), done=second, today=TODAY))
    make_import(cast.admin, HEADER, [str(WEEK), "Leads", 92, ""], name="draft.csv")
    with django_assert_num_queries(1):
        listed = list_imports(cast.practice, since=A_DAY_AGO)
    told = [(row.file_name, row.by, row.new, row.changed, row.is_draft) for row in listed]
    assert told == [
        ("draft.csv", "Ada", 0, 1, True),
        ("2.csv", "Ana", 1, 0, False),
        ("first.csv", "Ana", 0, 1, False),
    ]
    assert [row.undone_by for row in listed] == [None, "Ada", None]
    assert listed[2].at == NOW


def test_lists_neither_old_drafts_nor_another_practices_nor_too_many(cast):
    make_import(cast.stranger, HEADER, [str(WEEK), "Leads", 91, ""])
    made = {"practice": cast.practice, "file_name": "x", "made_by": cast.superuser}
    Import.objects.create(**made, made_at=NOW - timedelta(days=2))
    done = {"done_at": NOW, "done_by": cast.superuser, "made_at": NOW}
    for _ in range(MOST_LISTED + 1):
        Import.objects.create(**made, **done)
    listed = list_imports(cast.practice, since=A_DAY_AGO)
    assert len(listed) == MOST_LISTED
    assert {row.by for row in listed} == {cast.superuser.email}


def test_tells_each_number_as_it_is_read(cast):
    make_kpi(cast.practice, "Spend", unit="money")
    make_entry(cast.leads, 90, note="as told")
    draft = make_import(
        cast.manager,
        HEADER,
        [str(WEEK), "Leads", 1234, ""],
        [str(WEEK), "Spend", 12.5, "ads"],
        ["soon", "Leads", 7, ""],
        [str(WEEK.previous), "Leads", "many", ""],
    )
    rows = build(draft, cast).rows
    told = [(row.line, row.name, row.week, row.value, row.was, row.note) for row in rows]
    assert told == [
        (2, "Leads", "Nov 16 – 22, 2026", "1,234", "90", "as told"),
        (3, "Spend", "Nov 16 – 22, 2026", "$12.50", "", "ads"),
        (4, "Leads", "soon", "7", "", ""),
        (5, "Leads", "Nov 9 – 15, 2026", "many", "", ""),
    ]
    assert [row.kind for row in rows] == [
        ImportOutcome.CHANGED,
        ImportOutcome.NEW,
        ImportOutcome.REFUSED,
        ImportOutcome.REFUSED,
    ]
    assert [row.is_doubtful for row in rows] == [False, False, False, False]


def test_shows_one_kind_at_a_time_and_counts_them_all(cast):
    make_entry(cast.leads, 10, WEEK.previous)
    draft = make_import(
        cast.manager,
        HEADER,
        [str(WEEK.previous), "Leads", 10, ""],
        [str(WEEK), "Leads", 90, ""],
        [str(WEEK), "Appointments", 5, ""],
        [str(WEEK), "Patients acquired", -1, ""],
    )
    page = build(draft, cast)
    assert [(kind.name, kind.count, kind.is_shown) for kind in page.kinds] == [
        ("all", 4, True),
        ("new", 2, False),
        ("unchanged", 1, False),
        ("refused", 1, False),
        (DOUBTFUL, 1, False),
    ]
    assert [row.line for row in build(draft, cast, "new").rows] == [3, 4]
    assert [row.line for row in build(draft, cast, "refused").rows] == [5]
    assert [row.line for row in build(draft, cast, DOUBTFUL).rows] == [3]
    assert build(draft, cast, DOUBTFUL).rows[0].is_doubtful
    assert len(build(draft, cast, "nonsense").rows) == 4


@pytest.mark.parametrize(
    ("asked", "page", "rows"), [(1, 1, PAGE), (2, 2, 5), (9, 2, 5), (0, 1, PAGE), (-3, 1, PAGE)]
)
def test_a_hundred_numbers_a_page(cast, asked, page, rows):
    weeks = [[str(week), "Leads", 5, ""] for week in WEEK.next.back(105)]
    shown = build(make_import(cast.manager, HEADER, *weeks), cast, page=asked)
    assert (shown.page, shown.pages, len(shown.rows)) == (page, 2, rows)
    assert (shown.previous, shown.next) == ((None, 2) if page == 1 else (1, None))


def test_tells_how_the_file_was_understood(cast, django_assert_num_queries):
    rows = (["Date", "Leads", "Remark"], ["Nov 18, 2026", 5, "x"], ["Nov 23, 2026", 6, "x"])
    draft = Import.objects.get(pk=make_import(cast.manager, *rows).pk)
    with django_assert_num_queries(1):
        page = build_import(draft, cast.practice, show="", page=1)
    assert (page.form, page.sheet) == ("weeks down the side", "the file")
    assert (page.moved, page.moved_week, page.moved_count) == (
        "Nov 18, 2026",
        "Nov 16 – 22, 2026",
        1,
    )
    assert (page.left_out, page.closed, page.doubtful) == ((), 0, 0)


def test_an_import_without_numbers_has_one_empty_page(cast):
    made = {"practice": cast.practice, "made_by": cast.superuser, "made_at": NOW}
    page = build(Import.objects.create(file_name="x", **made), cast)
    assert (page.rows, page.pages, page.previous, page.next) == ((), 1, None, None)
