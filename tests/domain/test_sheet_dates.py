from datetime import date, timedelta

import pytest

from funnel.domain import sheet_dates
from funnel.domain.sheet_dates import Order, Sunday, orders, read
from funnel.domain.weeks import Week

MONDAY = date(2026, 11, 16)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-16",
        "2026/11/16",
        "2026.11.16",
        "20261116",
        "2026-11-16 00:00:00",
        "2026-11-16T00:00:00Z",
        "11/16/2026",
        "11-16-2026",
        "11/16/26",
        "16/11/2026",
        "16.11.2026",
        "16.11.26",
        "16-Nov-26",
        "16 Nov 2026",
        "16. November 2026",
        "16 de noviembre de 2026",
        "16 novembre 2026",
        "16th of November 2026",
        "Nov 16, 2026",
        "November 16th, 2026",
        "Monday, November 16, 2026",
        "Mon 11/16/2026",
        "week of Nov 16, 2026",
        "Week of 11/16/2026",
        "Week beginning 16 November 2026",
        "w/c 16/11/2026",
        "w/e 22/11/2026",
        "week ending Nov 22, 2026",
        "2026-W47",
        "2026W47",
        "2026-W47-1",
        "W47 2026",
        "Week 47, 2026",
        "week 47 of 2026",
        "KW 47/2026",
        "Nov 16 – 22, 2026",
        "Nov 16 - Nov 22, 2026",
        "11/16 - 11/22/2026",
        " 2026-11-16\N{NO-BREAK SPACE}",
    ],
)
def test_one_week_in_all_the_ways_people_write_it(text):
    dated = read(text)
    (order,) = {order for order in Order if dated.day(order)} - (
        set() if not dated.by_month or not dated.by_day else {Order.DAY}
    )
    assert dated.week(order, Sunday.ENDS) == Week(MONDAY)


@pytest.mark.parametrize("monday", [date(2025, 12, 29), date(2026, 11, 30), date(2026, 12, 28)])
def test_reads_the_label_of_every_week_of_ours(monday):
    week = Week(monday)
    assert read(week.label).week(Order.MONTH, Sunday.ENDS) == week
    assert read(str(week)).week(Order.DAY, Sunday.BEGINS) == week


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Leads",
        "200",
        "1,234",
        "12.50",
        "Nov 2026",
        "week 3",
        "2026-W54",
        "2025-W53",
        "2026-02-30",
        "31/31/2026",
        "1899-12-31",
        "2100-01-04",
        "Smarch 16, 2026",
        "2026-11-16" * 10,
        "١٦/١١/٢٠٢٦",
        "99999999999999999999",
    ],
)
def test_what_names_no_day_is_none(text):
    assert read(text) is None


def test_a_workbooks_count_of_days_only_where_days_are_expected():
    assert read(46342) is None
    assert read("46342") is None
    for cell in (46342, 46342.0, "46342"):
        assert read(cell, serials=True).day(Order.MONTH) == MONDAY
    for cell in (12, 46342.5, 80000, float("inf"), float("nan")):
        assert read(cell, serials=True) is None


def test_digits_may_be_read_in_two_ways():
    dated = read("03/04/2026")
    assert dated.is_ambiguous
    assert dated.day(Order.MONTH) == date(2026, 3, 4)
    assert dated.day(Order.DAY) == date(2026, 4, 3)
    assert not read("03/03/2026").is_ambiguous
    assert not read("2026-03-04").is_ambiguous


@pytest.mark.parametrize(
    ("column", "left"),
    [
        (["03/04/2026", "10/04/2026"], {Order.MONTH, Order.DAY}),
        (["03/04/2026", "17/04/2026"], {Order.DAY}),
        (["03/04/2026", "04/17/2026"], {Order.MONTH}),
        (["17/04/2026", "04/17/2026"], set()),
        (["2026-04-03"], {Order.MONTH, Order.DAY}),
    ],
)
def test_the_whole_column_tells_the_order(column, left):
    assert orders(map(read, column)) == left


def test_a_sunday_ends_its_week_or_begins_the_next():
    sunday = read("Nov 15, 2026")
    assert sunday.week(Order.MONTH, Sunday.ENDS) == Week(MONDAY).previous
    assert sunday.week(Order.MONTH, Sunday.BEGINS) == Week(MONDAY)


@pytest.mark.parametrize(
    ("text", "week"),
    [
        ("week of Sunday, Nov 15, 2026", "2026-W47"),
        ("week ending Nov 15, 2026", "2026-W46"),
        ("Nov 15 – 21, 2026", "2026-W47"),
    ],
)
def test_a_cell_may_say_itself_what_its_sunday_is(text, week):
    for sunday in Sunday:
        assert str(read(text).week(Order.MONTH, sunday)) == week


@pytest.mark.parametrize("days", range(6))
def test_any_other_day_stands_for_the_week_it_is_in(days):
    text = (MONDAY + timedelta(days=days)).isoformat()
    assert {read(text).week(Order.DAY, sunday) for sunday in Sunday} == {Week(MONDAY)}


def test_a_day_is_said_as_our_pages_say_it():
    assert sheet_dates.said(date(2026, 11, 6)) == "Nov 6, 2026"


def test_an_order_that_makes_no_day_makes_no_week():
    assert read("16/11/2026").week(Order.MONTH, Sunday.ENDS) is None
