"""The recap on paper: one sheet, of A4 and of Letter."""

import re

import pytest

from funnel.actions import attendance, meetings, notes
from funnel.models import KPI, Practice, Staff
from tests.factories import (
    TODAY,
    WEEK,
    close_week,
    make_entry,
    make_follow_up,
    make_kpi,
    make_ownership,
    seat_for,
)

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("demo")]

PAPERS = ("A4", "Letter")
CORRECTED = WEEK.plus(-3)


def sheets(page, paper):
    """How many the page takes, printed on that paper."""
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(format=paper, print_background=True)))


def full_meeting(practice):
    """Eight KPIs with notes, ten follow-ups, everybody there, two numbers corrected."""
    ana = Staff.objects.get(practice=practice, name="Ana")
    seat = seat_for(ana)
    for number in range(8 - KPI.objects.filter(practice=practice).count()):
        kpi = make_kpi(practice, f"Consultations held by phone {number}", from_week=WEEK)
        make_ownership(kpi, ana)
        make_entry(kpi, 12)
    make_entry(practice.kpis.get(slug="patients-acquired"), 11)
    for kpi in KPI.objects.filter(practice=practice):
        write(seat, "numbers", "Two days fell out, and the second line still drops calls.", kpi)
    write(seat, "ahead", "Open house on Thursday evening; the front desk stays until eight.")
    write(seat, "numbers", "A slow week everywhere.")
    write(seat, "issues", "Web leads are called back within an hour.\nNo discounts in December.")
    for person in practice.staff.active():
        attendance.mark(by=seat, week=WEEK, staff=person, is_present=True, today=TODAY)
    for number in range(10):
        text = f"Call back everyone of list {number} who asked for a price and did not book"
        make_follow_up(ana, text, TODAY, practice.kpis.get(slug="leads"))
    close_week(ana)
    meetings.reopen(by=seat, week=WEEK, reason="Two leads had been counted twice.")
    for slug, value in (("leads", 80), ("appointments", 24)):
        make_entry(practice.kpis.get(slug=slug), value, version=1, reason="Counted again.")
    close_week(ana)


def write(seat, part, text, kpi=None):
    notes.write(by=seat, week=WEEK, part=part, kpi=kpi, text=text, version=None, today=TODAY)


@pytest.fixture
def lumina():
    return Practice.objects.get(slug="lumina")


def test_prints_on_one_sheet_with_a_full_meeting_too(page, sign_in, lumina):
    sign_in(page.context, "manager@lumina.example")
    full_meeting(lumina)
    for week, shown in ((CORRECTED, "Call everyone who asked"), (WEEK, "No discounts in December")):
        page.goto(f"/practices/lumina/meeting/{week}/recap/")
        page.get_by_text(shown).wait_for()
        assert {paper: sheets(page, paper) for paper in PAPERS} == dict.fromkeys(PAPERS, 1)


def test_a_meeting_of_many_more_takes_more_sheets(page, sign_in, lumina):
    """So that the count above counts."""
    sign_in(page.context, "manager@lumina.example")
    ana = Staff.objects.get(practice=lumina, name="Ana")
    for number in range(40):
        make_follow_up(ana, f"Promise {number} " + "that is long " * 15, TODAY)
    page.goto(f"/practices/lumina/meeting/{WEEK}/recap/")
    assert sheets(page, "A4") > 1
