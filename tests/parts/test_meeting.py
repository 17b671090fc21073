import re

import pytest
import time_machine
from django.urls import reverse

from funnel.templatetags.numbers import MISSING
from tests.cast import make_cast
from tests.factories import WEEK, make_entry, make_target


@pytest.fixture
def cast(db):
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield make_cast()


@pytest.fixture
def slides(cast, client):
    """The meeting's slides as its manager sees them, one a KPI."""

    def load():
        client.force_login(cast.manager.user)
        page = client.get(reverse("meeting", args=["lumina", WEEK])).content.decode()
        return re.sub(r">\s+<", "><", page).split('<article class="slide slide--kpi"')[1:]

    return load


def facts_of(slide):
    return slide.partition('<div class="slide__facts">')[2].partition('<div class="slide__enter"')[
        0
    ]


def test_a_slide_has_its_target_its_change_and_its_step(cast, slides):
    make_target(cast.appointments, 40)
    for kpi, before, now in ((cast.leads, 100, 90), (cast.appointments, 40, 27)):
        make_entry(kpi, before, WEEK.previous)
        make_entry(kpi, now)
    leads, appointments, patients = map(facts_of, slides())
    assert "10 fewer than last week" in leads
    assert "slide__step" not in leads
    assert "target 40, missed" in appointments
    assert "30.0%" in appointments.split("slide__step")[1]
    assert "target" not in patients


def test_the_weeks_are_rows_the_newest_first(cast, slides):
    make_entry(cast.leads, 90)
    rows = slides()[0].partition("<tbody>")[2].partition("</tbody>")[0]
    assert rows.count("<tr>") == 14
    assert rows.startswith(f'<tr><th scope="row">{WEEK.label}</th><td class="n">90</td></tr>')
    assert rows.count(MISSING) == 13
