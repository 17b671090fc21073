from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from funnel.actions import entries, kpis, meetings
from funnel.models import KPI
from tests.cast import make_cast
from tests.factories import (
    TODAY,
    WEEK,
    close_week,
    make_entry,
    make_kpi,
    make_numbers,
    make_target,
    seat_for,
    stand_for,
)

pytestmark = pytest.mark.django_db

# Twenty weeks about 11, which freeze the limits, then eight of 21: the last one completes a shift.
SHIFTED = (*[12, 10] * 10, *[21] * 8)


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


def get(client, user, kpi="appointments", slug="lumina", query=""):
    client.force_login(user)
    return client.get(reverse("history", args=[slug, kpi]) + query)


def text_of(client, user, **which):
    response = get(client, user, **which)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize("who", ["owner", "member", "viewer", "manager", "admin"])
def test_everyone_in_the_practice_sees_the_number_over_time(client, cast, who):
    make_numbers(cast.appointments, SHIFTED)
    make_target(cast.appointments, 40)
    text = text_of(client, getattr(cast, who).user)
    for shown in (
        "Appointments: usually between 6 and 16 a week.",
        "It has shifted: 8 weeks in a row above the mean of 11.0.",
        "8 weeks in a row above the mean of 11.0.",
        "The target 40 lies above what is usual: it will not be met without a change.",
        "Frozen since the week of",
        "Maya, Front desk, since Jan 1, 2024",
        cast.appointments.definition,
        "Target 40.",
        "Maya owns it.",
    ):
        assert shown in text, shown
    assert ("Begin a new baseline" in text) is (who in {"manager", "admin"})


def test_a_kpi_without_numbers_says_so_and_draws_nothing(client, cast):
    text = text_of(client, cast.manager.user)
    assert "Appointments has no number of a week that is over yet." in text
    assert "There is nothing to draw yet." in text
    assert "<canvas" not in text
    assert "Begin a new baseline" not in text
    assert "xmr.js" not in text


def test_an_archived_one_still_has_its_page_and_takes_no_baseline(client, cast):
    kpi = make_kpi(cast.practice, "Google rating")
    make_numbers(kpi, (4, 5))
    kpis.archive(by=seat_for(cast.admin), kpi=kpi, today=TODAY)
    text = text_of(client, cast.manager.user, kpi="google-rating")
    assert "archived Nov 24, 2026: takes no numbers" in text
    assert "Begin a new baseline" not in text


def test_a_calculated_one_says_what_tells_it_and_leads_there(client, cast):
    make_kpi(
        cast.practice,
        "Booked of leads",
        unit=KPI.Unit.PERCENT,
        calculation=KPI.Calculation.RATIO,
        source=cast.appointments,
        divisor=cast.leads,
    )
    make_entry(cast.leads, 90)
    make_entry(cast.appointments, 27)
    text = text_of(client, cast.viewer.user, kpi="booked-of-leads")
    assert "Nobody enters it:" in text
    assert f'<a href="{reverse("history", args=["lumina", "leads"])}">Leads</a>' in text
    assert "30.0%" in text
    assert "Every entry" not in text
    # Nobody is to bring it, so that nobody is missing.
    assert "Who answers for it" in text
    assert "status--unowned" not in text


def test_every_entry_with_its_note_its_changes_and_what_the_meeting_saw(client, cast):
    owner = stand_for(cast.owner, "appointments")
    first = make_entry(cast.appointments, 27, note="phone was down")
    close_week(cast.manager)
    meetings.reopen(by=seat_for(cast.manager), week=WEEK, reason="two were missed")
    entries.record(by=owner, week=WEEK, value=Decimal(29), version=first.version, confirmed=True)
    text = text_of(client, cast.viewer.user)
    assert "Corrected after the meeting: 27 → 29" in text


def test_only_so_many_weeks_unless_asked_for_more(client, cast):
    make_numbers(cast.appointments, [20, 30] * 40)
    rows = {
        query: text_of(client, cast.viewer.user, query=query).count('<th scope="row">')
        for query in ("", "?weeks=26", "?weeks=all", "?weeks=27", "?weeks=x")
    }
    # The running week stands behind the completed ones.
    assert rows == {"": 81, "?weeks=26": 27, "?weeks=all": 81, "?weeks=27": 81, "?weeks=x": 81}


@pytest.mark.parametrize(("who", "leads_on"), [("manager", True), ("owner", False)])
def test_a_shift_leads_a_manager_to_a_new_baseline_from_its_first_week(client, cast, who, leads_on):
    make_numbers(cast.appointments, SHIFTED)
    user = getattr(cast, who).user
    link = 'href="?weeks=104&amp;from=2026-W40#new-baseline"'
    assert (link in text_of(client, user)) is leads_on
    text = text_of(client, user, query="?weeks=52&from=2026-W30")
    assert ('<details class="more" open>' in text) is leads_on
    assert ('value="2026-07-20"' in text) is leads_on


@pytest.mark.parametrize("week", ["", "soon", "2026-W60", "0001-W01"])
def test_a_made_up_week_to_begin_with_is_left_aside(client, cast, week):
    make_numbers(cast.appointments, SHIFTED)
    text = text_of(client, cast.manager.user, query=f"?from={week}")
    given = "0001-01-01" if week == "0001-W01" else "2026-09-28"
    assert f'value="{given}"' in text


def test_what_people_wrote_is_text_and_never_markup(client, cast):
    make_entry(cast.appointments, 27, note="<b>x</b>")
    KPI.objects.filter(pk=cast.appointments.pk).update(name="</script><i>")
    text = text_of(client, cast.viewer.user)
    assert "&lt;b&gt;x&lt;/b&gt;" in text
    assert "</script><i>" not in text


def test_a_stranger_gets_404_as_for_no_such_practice_and_no_such_kpi(client, cast):
    assert get(client, cast.stranger.user).status_code == 404
    assert get(client, cast.stranger.user, slug="nowhere").status_code == 404
    assert get(client, cast.viewer.user, kpi="nothing").status_code == 404


def test_another_practices_kpi_is_no_kpi_here(client, cast):
    make_kpi(cast.stranger.practice, "Lasers")
    assert get(client, cast.stranger.user, kpi="lasers", slug="harbor").status_code == 200
    assert get(client, cast.viewer.user, kpi="lasers").status_code == 404


def test_anonymous_is_asked_to_sign_in(client, cast):
    response = client.get(reverse("history", args=["lumina", "appointments"]))
    assert response.url.startswith(reverse("account_login"))


def test_only_reading(client, cast):
    client.force_login(cast.manager.user)
    assert client.post(reverse("history", args=["lumina", "appointments"])).status_code == 405


@pytest.mark.parametrize("weeks", [13, 520])
def test_five_statements_for_a_quarter_and_for_ten_years(
    client, cast, django_assert_num_queries, weeks
):
    cast.practice.began_on = date(2010, 1, 4)
    cast.practice.save()
    make_numbers(cast.appointments, [20 + n % 7 for n in range(weeks - 1)], WEEK.previous)
    entry = make_entry(cast.appointments, 27)
    by = stand_for(cast.owner, "appointments")
    entries.record(by=by, week=WEEK, value=Decimal(28), version=entry.version, confirmed=True)
    client.force_login(cast.viewer.user)
    with django_assert_num_queries(5):
        client.get(reverse("history", args=["lumina", "appointments"]), {"weeks": "all"})
