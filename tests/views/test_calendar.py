from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar

from funnel.actions import calendars
from funnel.models import Practice, Staff
from tests.cast import make_cast
from tests.factories import make_calendar, make_entry, make_follow_up, seat_for

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MOST_WRONG = 20


@pytest.fixture(autouse=True)
def clock():
    cache.clear()
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def cast():
    cast = make_cast()
    Practice.objects.filter(slug="lumina").update(meeting_weekday=1)
    return cast


@pytest.fixture
def url(cast):
    """Maya's."""
    return url_of(make_calendar(cast.owner))


def url_of(token):
    return f"/calendar/{token}.ics"


def events(response):
    return [
        (str(event["summary"]), event.decoded("dtstart"))
        for event in Calendar.from_ical(response.content).walk("VEVENT")
    ]


class TestFile:
    def test_holds_ones_meetings_deadlines_and_follow_ups(self, client, cast, url):
        make_follow_up(cast.owner, "Call back every lead", NOW.date() + timedelta(days=7))
        response = client.get(url)
        assert response.status_code == 200
        assert response["Content-Type"] == "text/calendar; charset=utf-8"
        found = events(response)
        assert len(found) == 19
        assert found[:2] == [
            ("My numbers are due: Nov 16 – 22, 2026", datetime(2026, 11, 24, 13, 30, tzinfo=UTC)),
            ("Weekly KPI meeting: Nov 16 – 22, 2026", datetime(2026, 11, 24, 14, tzinfo=UTC)),
        ]
        due = NOW.date() + timedelta(days=7)
        assert found[-1] == ("Follow-up due: Call back every lead", due)
        text = response.content.decode().replace("\r\n ", "")
        for page in ("enter/2026-W47/", "meeting/2026-W47/", "follow-ups/"):
            assert f"URL:http://testserver/practices/lumina/{page}" in text

    @pytest.mark.parametrize(
        ("zone", "moment"),
        [
            ("America/New_York", datetime(2026, 11, 24, 14, tzinfo=UTC)),
            ("Europe/Berlin", datetime(2026, 11, 24, 8, tzinfo=UTC)),
            ("Australia/Lord_Howe", datetime(2026, 11, 23, 22, tzinfo=UTC)),
        ],
    )
    def test_the_meeting_is_at_the_practices_own_time(self, client, cast, url, zone, moment):
        Practice.objects.filter(slug="lumina").update(time_zone=zone)
        assert ("Weekly KPI meeting: Nov 16 – 22, 2026", moment) in events(client.get(url))

    def test_nothing_of_others_and_no_numbers(self, client, cast, url):
        make_follow_up(cast.marketer, "Tom's promise")
        make_follow_up(cast.stranger, "Hal's promise")
        make_entry(cast.appointments, 4321, note="Ask Kim.")
        for reader in (client, Client()):
            text = reader.get(url).content.decode().replace("\r\n ", "")
            for hidden in ("promise", "4321", "Kim", "Tom", "Maya", "Harbor", "@lumina"):
                assert hidden not in text
        client.force_login(cast.stranger.user)
        assert client.get(url).content == Client().get(url).content

    def test_no_search_engine_no_cache_and_no_other_site(self, client, url):
        response = client.get(url)
        assert response["Cache-Control"] == "private, no-store"
        assert response["Referrer-Policy"] == "no-referrer"
        assert response["X-Robots-Tag"] == "noindex, nofollow"
        assert not response.cookies

    def test_only_reading(self, client, url):
        assert client.post(url).status_code == 405
        assert client.head(url).status_code == 200
        with CaptureQueriesContext(connection) as captured:
            client.get(url)
        assert {query["sql"].split()[0] for query in captured} == {"SELECT"}


class TestRefresh:
    def test_whoever_has_it_is_told_that_nothing_changed(self, client, url, clock):
        etag = client.get(url)["ETag"]
        clock.move_to(NOW + timedelta(days=4))
        again = client.get(url, headers={"If-None-Match": etag})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)
        assert again["Referrer-Policy"] == "no-referrer"

    def test_a_promise_or_a_meeting_moved_is_told(self, client, cast, url):
        etag = client.get(url)["ETag"]
        make_follow_up(cast.owner)
        second = client.get(url, headers={"If-None-Match": etag})
        assert second.status_code == 200
        Practice.objects.filter(slug="lumina").update(meeting_time="10:00")
        third = client.get(url, headers={"If-None-Match": second["ETag"]})
        assert third.status_code == 200

    def test_the_next_week_is_told(self, client, url, clock):
        etag = client.get(url)["ETag"]
        clock.move_to(datetime(2026, 11, 30, 5, tzinfo=UTC))
        assert client.get(url, headers={"If-None-Match": etag}).status_code == 200


class TestWrongAddress:
    def wrong(self, cast):
        """A token that never was, one that was taken back and one of someone who has left."""
        revoked = make_calendar(cast.marketer)
        calendars.revoke(by=seat_for(cast.marketer))
        gone = make_calendar(cast.member)
        Staff.objects.filter(pk=cast.member.pk).update(is_active=False)
        return ["n" * len(gone), revoked, gone]

    @pytest.mark.parametrize(("times", "status"), [(1, 404), (MOST_WRONG + 1, 429)])
    def test_they_cannot_be_told_apart(self, cast, times, status):
        found = []
        for number, token in enumerate(self.wrong(cast)):
            client = Client(REMOTE_ADDR=f"10.0.0.{number}")
            for _ in range(times):
                with CaptureQueriesContext(connection) as captured:
                    response = client.get(url_of(token))
            assert response.status_code == status
            assert response["Referrer-Policy"] == "no-referrer"
            found.append((response.content, dict(response.headers), len(captured)))
        assert found[0] == found[1] == found[2]

    def test_a_right_one_is_served_meanwhile(self, client, url):
        for number in range(MOST_WRONG + 2):
            client.get(url_of(f"wrong-{number}"))
        assert client.get(url_of("wrong")).status_code == 429
        assert client.get(url).status_code == 200

    @pytest.mark.parametrize("token", ["x" * 5000, "-", "_"])
    def test_a_strange_one_is_a_wrong_one(self, client, db, token):
        assert client.get(url_of(token)).status_code == 404


def test_four_statements_for_one_promise_and_for_30(client, cast, url):
    counts = []
    for _ in range(2):
        make_follow_up(cast.owner)
        with CaptureQueriesContext(connection) as captured:
            client.get(url)
        counts.append(len(captured))
        for number in range(29):
            make_follow_up(cast.owner, f"Number {number}")
    # The first also writes that the address was used.
    assert counts == [5, 4]
