import re
from dataclasses import replace

import pytest

from funnel.models import KPI, KPIGroup, Staff, WeeklyEntry
from funnel.reports.scorecard.periods import build_period_scorecard
from funnel.reports.scorecard.scorecard import build_scorecard
from tests.cast import make_cast
from tests.factories import (
    TODAY,
    WEEK,
    make_entry,
    make_kpi,
    make_numbers,
    make_target,
    seat_for,
)
from tests.parts import part

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return make_cast()


def table(cast, who="viewer", *, is_oldest_first=False, **how):
    card = build_scorecard(seat_for(getattr(cast, who)), today=TODAY, **how)
    return part("scorecard_weeks", card=card, is_oldest_first=is_oldest_first)


def months(cast, *, is_oldest_first=False):
    card = build_period_scorecard(seat_for(cast.viewer), kind="month", today=TODAY)
    return part("scorecard_periods", card=card, is_oldest_first=is_oldest_first)


def row(html, name):
    """The cells of the row of that name, its head first."""
    (found,) = (r for r in re.findall(r"<tr[^>]*>(.*?)</tr>", html) if f">{name}<" in r)
    return [cell.strip() for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", found)]


def test_every_row_has_as_many_cells_as_the_head(cast):
    make_kpi(cast.practice, "Rating", unit="decimal")
    for html in (table(cast), months(cast)):
        rows = re.findall(r"<tr[^>]*>(.*?)</tr>", html)
        widths = {len(re.findall(r"<t[hd]\b", r)) for r in rows if "colspan" not in r}
        assert len(widths) == 1
        assert set(re.findall(r'colspan="(\d+)"', html)) == {str(*widths)}


def test_a_status_is_number_shape_and_word(cast):
    make_target(cast.leads, 100)
    make_numbers(cast.leads, [90, 100, None])
    cells = row(table(cast), "Leads")
    assert cells[3] == '<b class="missing" role="img" aria-label="missing">○</b>'
    assert cells[4] == '100 <span class="visually-hidden">, met</span>'
    assert cells[5] == '90 <b class="missed" role="img" aria-label="missed">▼</b>'
    assert cells[2] == '<b class="in-progress" role="img" aria-label="in progress">◐</b>'
    assert cells[1] == "100"


def test_a_number_without_a_target_says_so(cast):
    make_entry(cast.leads, 90)
    cells = row(table(cast), "Leads")
    assert cells[3] == '90 <span class="visually-hidden">, no target</span>'
    assert "no target" in cells[1]


def test_another_target_than_the_rows_is_named(cast):
    make_target(cast.leads, 90)
    make_target(cast.leads, 110, WEEK)
    make_numbers(cast.leads, [90, 90])
    cells = row(table(cast), "Leads")
    assert 'aria-label="missed"' in cells[3]
    assert cells[4] == '90 <span class="visually-hidden">, met, target then 90</span>'


def test_the_newest_stands_first_or_last(cast):
    make_numbers(cast.leads, [7, 8, 9])
    make_target(cast.leads, 8)
    newest, oldest = (table(cast, is_oldest_first=last) for last in (False, True))
    assert [c.split()[0] for c in row(newest, "Leads")[3:6]] == ["9", "8", "7"]
    assert [c.split()[0] for c in row(oldest, "Leads")[12:15]] == ["7", "8", "9"]
    said = "last 3 weeks, the latest {}: {}"
    assert said.format("first", "met, met, missed") in row(newest, "Leads")[0]
    assert said.format("last", "missed, met, met") in row(oldest, "Leads")[0]
    heads = re.findall(r'/practices/lumina/(2026-W\d\d)/">', newest)
    assert heads == sorted(heads, reverse=True)
    assert re.findall(r'/practices/lumina/(2026-W\d\d)/">', oldest) == heads[::-1]


def test_marks_say_what_they_are(cast):
    entry = make_entry(cast.leads, 30, note="Open house.")
    late = make_entry(cast.appointments, 12)
    WeeklyEntry.objects.filter(pk=entry.pk).update(is_corrected=True, seen_value=34)
    WeeklyEntry.objects.filter(pk=late.pk).update(is_corrected=True)
    make_numbers(cast.patients, [*[30, 32, 31, 29] * 7, 1])
    html = table(cast)
    assert 'aria-label="note: Open house." title="note: Open house.">*</b>' in html
    assert 'aria-label="corrected after the meeting from 34"' in row(html, "Leads")[3]
    assert 'aria-label="entered after the meeting"' in row(html, "Appointments")[3]
    assert 'aria-label="worse than usual"' in row(html, "Patients acquired")[3]


def test_cells_lead_to_their_card_where_the_reader_may_write(cast):
    html = table(cast, "owner")
    link = f'<a href="/practices/lumina/enter/{WEEK}/#appointments">'
    assert row(html, "Appointments")[3].startswith(link)
    assert html.count("/enter/") == 14
    assert "/enter/" not in table(cast)


def test_names_lead_to_the_number_over_time(cast):
    assert '<a href="/practices/lumina/kpis/leads/">Leads</a>' in table(cast)
    assert '<a href="/practices/lumina/kpis/leads/">Leads</a>' in months(cast)


def test_what_people_wrote_is_text_and_never_markup(cast):
    group = KPIGroup.objects.create(practice=cast.practice, name="<i>Money</i>")
    make_kpi(cast.practice, "Spend", group=group)
    make_entry(cast.leads, 30, note='"><script>x</script>')
    KPI.objects.filter(pk=cast.leads.pk).update(name="<b>Leads</b>")
    Staff.objects.filter(pk=cast.marketer.pk).update(name="<u>Tom</u>")
    for html in (table(cast, "manager"), months(cast)):
        for wrong in ("<i>", "<b>Leads", "<u>", "<script>"):
            assert wrong not in html
        for right in ("&lt;i&gt;Money", "&lt;b&gt;Leads", "&lt;u&gt;Tom"):
            assert right in html


def test_an_unowned_row_is_loud_and_one_outside_the_meeting_is_not(cast):
    cast.leads.ownerships.all().delete()
    html = table(cast)
    assert 'class="is-unowned"' in html
    assert "no owner</span>" in row(html, "Leads")[0]
    head = build_scorecard(seat_for(cast.viewer), today=TODAY).sections[0].rows[0].head
    given = {"slug": "lumina", "is_oldest_first": False}
    assert "no owner" in part("scorecard_head", head=head, **given)
    outside = part("scorecard_head", head=replace(head, is_outside=True), **given)
    assert '<span class="tag">not in the meeting</span>' in outside
    assert "no owner" not in outside


def test_averages_sums_and_steps(cast):
    spend = make_kpi(cast.practice, "Spend", unit="money")
    make_kpi(cast.practice, "Rating", unit="decimal")
    make_kpi(
        cast.practice, "Cost", unit="money", calculation="ratio", source=spend, divisor=cast.leads
    )
    make_numbers(cast.leads, [10, 91])
    make_numbers(cast.appointments, [5, 5])
    make_numbers(spend, [1000, 1001])
    html = table(cast)
    assert row(html, "Leads")[-3:] == ["50.5", "50.5", "101"]
    assert row(html, "Spend")[-3:] == ["$1,001", "$1,001", "$2,001"]
    assert row(html, "Cost")[-3:-1] == ["$19.81", "$19.81"]
    assert "no sum" in row(html, "Cost")[-1]
    assert "calculated" in row(html, "Cost")[0]
    step = row(html, "Leads to appointments")
    assert step[3:5] == ["5.5%", "50.0%"]
    assert step[-3:-1] == ["9.9%", "9.9%"]
    assert "missing" in row(html, "Rating")[-2]


def test_a_month_stands_over_the_same_one_of_last_year_and_its_change(cast):
    october = build_period_scorecard(seat_for(cast.viewer), kind="month", today=TODAY).periods[-2]
    make_numbers(cast.leads, [20] * 5, last=october.weeks[-1])
    make_numbers(cast.leads, [16] * 5, last=october.a_year_before.weeks[-1])
    make_numbers(cast.leads, [10, None, 10], last=WEEK)
    html = months(cast)
    assert 'Oct 2026<span class="grid__then">beside Oct 2025</span>' in html
    november, then = row(html, "Leads")[2:4]
    assert then == (
        '100<span class="grid__then"><span class="visually-hidden">last year </span>80</span>'
        '<span class="grid__then">+25.0%</span>'
    )
    assert november.startswith('20 <b class="in-progress"')
    assert "2 of 3 weeks" in november
    assert row(months(cast, is_oldest_first=True), "Leads")[-2] == then


def test_the_change_of_a_rate_is_in_points_and_of_unequal_months_a_week(cast):
    may = build_period_scorecard(seat_for(cast.viewer), kind="month", today=TODAY).periods[5]
    assert may.label == "May 2026"
    rating = make_kpi(cast.practice, "Rating", unit="decimal")
    share = make_kpi(cast.practice, "Share", unit="percent")
    for kpi, now, then in (
        (cast.leads, 20, 20),
        (cast.appointments, 10, 5),
        (rating, 5, 4),
        (share, 50, 40),
        (cast.patients, 1, 0),
    ):
        make_numbers(kpi, [now] * 4, last=may.weeks[-1])
        make_numbers(kpi, [then] * 5, last=may.a_year_before.weeks[-1])
    html = months(cast)
    told = {name: row(html, name)[8].rpartition(">")[0].rpartition(">")[2].removesuffix("</span")
            for name in ("Leads", "Leads to appointments", "Rating", "Share")}  # fmt: skip
    assert told == {
        "Leads": "0.0% a week",
        "Leads to appointments": "+25.0 pts",
        "Rating": "+1",
        "Share": "+10 pts",
    }
    assert row(html, "Patients acquired")[8].endswith("0</span>")
