import pytest
import time_machine
from django.urls import reverse

from funnel.actions import meetings, starts
from tests.cast import make_cast
from tests.factories import (
    TODAY,
    WEEK,
    make_entry,
    make_staff,
    make_start,
    make_target,
    root_seat,
    seat_for,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def story(cast):
    """The week of MEASURES' example: 90 / 27 / 15 against 100 / 40 / 20."""
    for kpi, target, value in (
        (cast.leads, 100, 90),
        (cast.appointments, 40, 27),
        (cast.patients, 20, 15),
    ):
        make_target(kpi, target)
        make_entry(kpi, value)
    return cast


def page(client, staff, *args, **query):
    client.force_login(staff.user)
    return client.get(reverse("dashboard", args=["lumina", *args]), query)


def text_of(response):
    return response.content.decode()


def test_shows_the_reporting_week_with_its_headline(client, story):
    response = page(client, story.viewer)
    assert response.status_code == 200
    assert response.context["board"].week == WEEK
    text = text_of(response)
    assert "15 patients acquired, 5 fewer than expected." in text
    assert "4.5 patients, about $14,400" in text
    assert "Nov 16 – 22, 2026" in text


def test_the_numbers_stand_in_the_page_without_any_script(client, story):
    text = text_of(page(client, story.viewer))
    for shown in ("30.0%", "55.6%", "$6,400", "−$4,800", "$16,000", "missed", "Maya", "Front desk"):
        assert shown in text


def test_an_unowned_kpi_is_loud_with_the_money_at_risk(client, story):
    story.appointments.ownerships.all().delete()
    text = text_of(page(client, story.viewer))
    assert "Appointments has no owner and lost 4.5 patients ($14,400)." in text


def test_a_missing_number_is_no_zero_and_is_spoken(client, cast):
    make_entry(cast.leads, 90)
    text = text_of(page(client, cast.viewer))
    assert "waiting for Dana" in text
    assert '<span class="visually-hidden">missing</span>' in text


def test_a_practice_without_any_number_is_taught(client, cast):
    response = page(client, cast.manager)
    assert response.status_code == 200
    assert "Tom" in text_of(response)


def test_an_earlier_week_and_the_running_one_have_their_page(client, story):
    assert page(client, story.viewer, WEEK.plus(-30)).context["board"].week == WEEK.plus(-30)
    running = page(client, story.viewer, WEEK.next)
    assert running.context["board"].is_running
    assert "in progress" in text_of(running)
    assert running.context["next_week"] is None


@pytest.mark.parametrize("week", ["2026-W49", "2027-W01", "2023-W40", "9998-W01", "0001-W01"])
def test_a_week_not_begun_or_before_the_practice_is_not_found(client, cast, week):
    client.force_login(cast.viewer.user)
    assert client.get(f"/practices/lumina/{week}/").status_code == 404


@pytest.mark.parametrize("week", ["2026-W00", "2026-W54", "2025-W53", "2026-47", "x"])
def test_a_week_that_does_not_exist_is_not_found(client, cast, week):
    client.force_login(cast.viewer.user)
    assert client.get(f"/practices/lumina/{week}/").status_code == 404


def test_a_picked_day_leads_to_its_week(client, cast):
    response = page(client, cast.viewer, day="2026-10-07")
    assert response.url == reverse("dashboard", args=["lumina", "2026-W41"])


def test_a_picked_day_to_come_leads_to_the_running_week(client, cast):
    response = page(client, cast.viewer, day="2031-01-01")
    assert response.url == reverse("dashboard", args=["lumina", WEEK.next])


def test_a_day_that_is_none_is_ignored(client, cast):
    assert page(client, cast.viewer, day="yesterday").status_code == 200


@pytest.mark.parametrize(("asked", "span"), [("26", 26), ("52", 52), ("", 13), ("99999", 13)])
def test_the_trend_takes_13_26_or_52_weeks(client, cast, asked, span):
    assert page(client, cast.viewer, weeks=asked).context["board"].trend.span == span


def test_a_closed_week_is_marked(client, story):
    meetings.close(by=root_seat(story.practice), week=WEEK, today=TODAY, seen=dict)
    assert "closed" in text_of(page(client, story.viewer)).lower()


def test_a_viewer_is_not_sent_to_enter(client, cast):
    link = reverse("enter", args=["lumina"])
    assert link not in text_of(page(client, cast.viewer))
    assert link in text_of(page(client, cast.owner))


def test_a_stranger_and_a_practice_that_does_not_exist_look_the_same(client, cast):
    client.force_login(cast.stranger.user)
    assert client.get(reverse("dashboard", args=["lumina"])).status_code == 404
    assert client.get(reverse("dashboard", args=["nowhere"])).status_code == 404


def test_anonymous_is_asked_to_sign_in(client, cast):
    response = client.get(reverse("dashboard", args=["lumina"]))
    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))


def test_only_reading(client, cast):
    client.force_login(cast.manager.user)
    assert client.post(reverse("dashboard", args=["lumina"])).status_code == 405


def test_markup_in_a_name_stays_text(client, story):
    story.owner.name = "<b>Maya</b>"
    story.owner.save()
    text = text_of(page(client, story.viewer))
    assert "<b>Maya</b>" not in text
    assert "&lt;b&gt;Maya&lt;/b&gt;" in text


def test_no_shared_cache_keeps_the_page(client, cast):
    assert "private" in page(client, cast.viewer)["Cache-Control"]


def test_an_admin_is_led_back_to_a_start_that_is_not_finished(client):
    practice = make_start()
    mia = make_staff(practice, "Mia")
    ada = make_staff(practice, "Ada", access="admin")
    words = "Continue the guided start of Newton Skin"
    for person, is_led in ((ada, True), (mia, False)):
        client.force_login(person.user)
        assert (words in client.get(practice.get_absolute_url()).content.decode()) == is_led
    starts.finish(by=seat_for(ada))
    client.force_login(ada.user)
    assert words not in client.get(practice.get_absolute_url()).content.decode()
