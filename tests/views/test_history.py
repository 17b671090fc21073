import re
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from funnel.actions import entries, kpis, meetings, short_weeks
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

USUALLY = '<a class="word" href="#word-usual">usually</a>'
BETTER = '<a class="word" href="#word-usual">Better than usual</a>'
RANGE = '<a class="word" href="#word-usual">usual range</a>'
# Twenty weeks about 11, then eight far above the usual range of 6 to 16, a run from the first on.
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
        f"Appointments: {USUALLY} ",
        f"{BETTER} since Sep 28:",
        "The target 40 is above the",
        f"The {RANGE} of a week comes from the 26 recorded weeks before it.",
        "Maya, Front desk, since Jan 1, 2024",
        cast.appointments.definition,
        "Target 40.",
        "Maya owns it.",
    ):
        assert shown in text, shown
    assert ("Set a baseline" in text) is (who in {"manager", "admin"})
    # A rule's name is for programs.
    assert not re.search(r"\b(shifted|leaning|outside)\b", re.sub(r"<script.*?</script>", "", text))


def test_better_is_plain_and_worse_has_a_sign(client, cast):
    for name, direction in (("calls", "higher"), ("complaints", "lower")):
        make_numbers(make_kpi(cast.practice, name.title(), direction=direction), SHIFTED)
    assert 'class="signal"' not in text_of(client, cast.viewer.user, kpi="calls")
    assert 'class="signal"' in text_of(client, cast.viewer.user, kpi="complaints")


def test_each_special_word_leads_to_its_explanation(client, cast):
    make_numbers(cast.appointments, SHIFTED)
    by = seat_for(cast.manager)
    short_weeks.mark(by=by, week=WEEK, days_open=3, reason="Thanksgiving", today=TODAY)
    text = text_of(client, cast.manager.user)
    for word in ("usual", "short", "mean"):
        assert f'class="word" href="#word-{word}"' in text
        assert text.count(f'id="word-{word}"') == 1
    assert "short week: Thanksgiving, 3 days open</td>" in text


def test_a_kpi_without_numbers_says_so_and_draws_nothing(client, cast):
    text = text_of(client, cast.manager.user)
    assert "Appointments has no number of a completed week yet." in text
    assert "No chart yet." in text
    assert "<canvas" not in text
    assert "Set a baseline" not in text
    assert "xmr.js" not in text


def test_an_archived_one_still_has_its_page_and_takes_no_baseline(client, cast):
    kpi = make_kpi(cast.practice, "Google rating")
    make_numbers(kpi, (4, 5))
    kpis.archive(by=seat_for(cast.admin), kpi=kpi, today=TODAY)
    text = text_of(client, cast.manager.user, kpi="google-rating")
    assert "archived Nov 24, 2026: read-only" in text
    assert "Set a baseline" not in text


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
    assert 'id="entries"' not in text
    # Nobody enters it, so that nobody is missing.
    assert "Who is responsible" in text
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
    # The running week follows the completed ones.
    assert rows == {"": 81, "?weeks=26": 27, "?weeks=all": 81, "?weeks=27": 81, "?weeks=x": 81}


@pytest.mark.parametrize(("who", "leads_on"), [("manager", True), ("owner", False)])
def test_a_run_leads_a_manager_once_to_a_baseline_from_its_first_week(client, cast, who, leads_on):
    make_numbers(cast.appointments, SHIFTED)
    user = getattr(cast, who).user
    offer = "Is this the new normal? "
    link = f'{offer}<a class="to" href="?weeks=104&amp;from=2026-W40#new-baseline">'
    text = text_of(client, user)
    assert text.count(f"{link}Set a baseline from Sep 28</a>") == leads_on
    assert text.count("#new-baseline") == leads_on
    text = text_of(client, user, query="?weeks=52&from=2026-W30")
    assert ('<details class="more" open>' in text) is leads_on
    assert ('value="2026-07-20"' in text) is leads_on


@pytest.mark.parametrize("week", ["", "soon", "2026-W60", "0001-W01"])
def test_a_made_up_week_to_begin_with_is_left_aside(client, cast, week):
    make_numbers(cast.appointments, SHIFTED)
    text = text_of(client, cast.manager.user, query=f"?from={week}")
    given = "0001-01-01" if week == "0001-W01" else "2026-09-28"
    assert f'value="{given}"' in text


def test_older_entries_are_a_page_each(client, cast):
    make_numbers(cast.appointments, range(30))
    text = text_of(client, cast.viewer.user)
    assert text.count('class="entered__head"') == 26
    assert 'href="?weeks=104&amp;entries=2026-W21#entries">Earlier entries' in text
    older = text_of(client, cast.viewer.user, query="?entries=2026-W21")
    assert older.count('class="entered__head"') == 4
    assert 'href="?weeks=104#entries">Newest entries' in older


def test_a_target_to_come_is_no_missing_target(client, cast):
    assert "No target is set." in text_of(client, cast.viewer.user)
    make_target(cast.appointments, 100, WEEK.plus(2))
    text = text_of(client, cast.viewer.user)
    assert "From the week of Nov 30: 100." in text
    assert "No target is set." not in text


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
