import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bench.data import fill
from bench.shapes import Shape
from funnel import parts
from funnel.actions import screens
from funnel.domain.weeks import Week
from funnel.models import KPI, Screen
from tests.cast import make_cast
from tests.factories import (
    TODAY,
    make_entry,
    make_kpi,
    make_screen,
    make_target,
    remove_kpis,
    seat_for,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
MOST_WRONG = 20


@pytest.fixture(autouse=True)
def clock():
    cache.clear()
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


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
        make_entry(kpi, value, note="Ask Kim.")
    return cast


def url(token):
    return reverse("tv", args=[token])


def wall(client, practice, **fields):
    """The page of a new screen there."""
    response = client.get(url(make_screen(practice, **fields)[1]))
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


class TestPage:
    def test_shows_the_week_that_has_ended_to_whoever_stands_before_it(self, client, story):
        text = wall(client, story.practice)
        for shown in (
            "Lumina Aesthetics · Nov 16 – 22, 2026",
            "15 patients acquired, 5 fewer than expected.",
            "at Appointments (Front desk): 4.5 patients, about $14,400.",
            "30.0%",
            "target 40, missed",
            "The last 13 weeks",
            "Where the gap came from",
            "−$4,800",
            "$16,000",
        ):
            assert shown in text

    def test_nothing_that_was_written_no_name_no_mail_address_and_no_link(self, client, story):
        text = wall(client, story.practice)
        for hidden in ("Tom", "Maya", "Dana", "Sam", "Ana", "Ask Kim.", "set up", "@", "<form"):
            assert hidden not in text
        assert story.leads.definition not in text
        assert 'href="/' not in text.replace('href="/static/', "")
        assert "csrf" not in text

    def test_names_of_owners_where_that_is_allowed(self, client, story):
        text = wall(client, story.practice, shows_names=True)
        for shown in ("Tom, Marketing", "Maya, Front desk", "(Front desk, Maya)"):
            assert shown in text
        for hidden in ("Sam", "Ana", "Ask Kim.", "set up", "@"):
            assert hidden not in text

    def test_nothing_of_another_practice_and_nobodys_session_matters(self, client, story):
        make_entry(KPI.objects.get(practice__slug="harbor", slug="leads"), 4321)
        _, token = make_screen(story.practice)
        signed_in = Client()
        signed_in.force_login(story.stranger.user)
        assert signed_in.get(url(token)).content == client.get(url(token)).content
        assert b"Harbor" not in signed_in.get(url(token)).content
        assert b"4,321" not in signed_in.get(url(token)).content

    def test_the_address_stands_nowhere_in_the_page(self, client, story):
        screen, token = make_screen(story.practice)
        assert screen.token_start not in client.get(url(token)).content.decode()

    def test_a_kpi_without_an_owner_is_loud(self, client, story):
        story.appointments.ownerships.all().delete()
        text = wall(client, story.practice)
        assert "Appointments has no owner and lost 4.5 patients ($14,400)." in text
        assert "no owner</span>, Front desk" in text

    def test_of_many_without_an_owner_the_rest_is_counted(self, client, story):
        for number in range(3):
            make_kpi(story.practice, f"Number {number}")
        assert "And 1 more without an owner." in wall(client, story.practice)

    def test_a_missing_number_waits_for_the_role(self, client, cast):
        text = wall(client, cast.practice)
        assert "the number is missing, waiting for Patient coordinator." in text

    def test_a_practice_without_a_funnel_has_a_page(self, client, cast):
        remove_kpis(cast.practice)
        text = wall(client, cast.practice)
        assert "This practice has no funnel yet." in text
        views = re.findall('<section class="view[^>]*>', text)
        assert len(views) == 3
        assert all(" hidden" in view for view in views)

    def test_names_of_kpis_are_text_and_never_markup(self, client, story):
        KPI.objects.filter(pk=story.leads.pk).update(name="<b>Leads</b>")
        text = wall(client, story.practice)
        assert "<b>" not in text
        assert "&lt;b&gt;Leads&lt;/b&gt;" in text

    def test_no_cache_no_search_engine_and_no_other_site_hears_of_it(self, client, story):
        response = client.get(url(make_screen(story.practice)[1]))
        assert response["Cache-Control"] == "private, no-store"
        assert response["Referrer-Policy"] == "no-referrer"
        assert response["X-Robots-Tag"] == "noindex, nofollow"
        assert not response.cookies

    def test_only_reading(self, client, story):
        _, token = make_screen(story.practice)
        assert client.post(url(token)).status_code == 405
        assert client.head(url(token)).status_code == 200


class TestRefresh:
    def test_whoever_has_it_is_told_that_nothing_changed(self, client, story):
        _, token = make_screen(story.practice)
        etag = client.get(url(token))["ETag"]
        again = client.get(url(token), headers={"If-None-Match": etag})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)
        assert again["Referrer-Policy"] == "no-referrer"

    def test_the_compressed_page_is_the_same_page(self, client, story):
        _, token = make_screen(story.practice)
        packed = client.get(url(token), headers={"Accept-Encoding": "gzip"})
        assert packed["Content-Encoding"] == "gzip"
        known = {"If-None-Match": packed["ETag"], "Accept-Encoding": "gzip"}
        assert client.get(url(token), headers=known).status_code == 304

    def test_a_number_entered_meanwhile_is_told(self, client, story):
        _, token = make_screen(story.practice)
        etag = client.get(url(token))["ETag"]
        make_entry(story.patients, 16, version=1)
        again = client.get(url(token), headers={"If-None-Match": etag})
        assert again.status_code == 200
        assert b"16 patients acquired" in again.content

    def test_another_day_is_another_answer(self, client, story, clock):
        """On which someone's ownership may have ended."""
        _, token = make_screen(story.practice)
        etag = client.get(url(token))["ETag"]
        clock.shift(timedelta(days=1))
        assert client.get(url(token), headers={"If-None-Match": etag}).status_code == 200

    def test_whoever_has_it_is_answered_without_the_board(
        self, client, story, django_assert_num_queries
    ):
        _, token = make_screen(story.practice)
        etag = client.get(url(token))["ETag"]
        with django_assert_num_queries(1):
            assert client.get(url(token), headers={"If-None-Match": etag}).status_code == 304
        make_entry(story.leads, 91, version=1)
        assert client.get(url(token), headers={"If-None-Match": etag}).status_code == 200

    def test_on_monday_it_turns_to_the_next_week(self, client, story, clock):
        _, token = make_screen(story.practice)
        clock.move_to(datetime(2026, 11, 29, 12, tzinfo=UTC))
        etag = client.get(url(token))["ETag"]
        clock.move_to(datetime(2026, 11, 30, 4, 59, tzinfo=UTC))  # Still Sunday in New York.
        assert client.get(url(token), headers={"If-None-Match": etag}).status_code == 304
        clock.move_to(datetime(2026, 11, 30, 5, tzinfo=UTC))
        text = client.get(url(token), headers={"If-None-Match": etag}).content.decode()
        assert "Nov 23 – 29, 2026" in text

    def test_that_it_was_seen_is_noted(self, client, story, clock):
        _, token = make_screen(story.practice)
        client.get(url(token))
        clock.move_to(NOW + timedelta(minutes=4))
        client.get(url(token))
        assert Screen.objects.get().last_used == NOW
        clock.move_to(NOW + timedelta(minutes=5))
        client.get(url(token))
        assert Screen.objects.get().last_used == NOW + timedelta(minutes=5)


def test_three_statements_one_where_it_is_stored_and_one_more_every_five_minutes(client):
    """For 3 and 15 KPIs, and a decade: the screen, the board's two, and that it was seen."""
    small = Shape("small", 1, stages=3, others=0, weeks=13)
    large = Shape("large", 1, stages=5, others=10, weeks=520)
    fill((small, large), Week.running(TODAY))
    for slug in ("small", "large"):
        counts = []
        for is_stored in (False, True, False):
            if not is_stored:
                parts.cache.clear()
            with CaptureQueriesContext(connection) as captured:
                assert client.get(url(slug)).status_code == 200
            counts.append(len(captured))
        assert counts == [4, 1, 3]


class TestWrongAddress:
    def wrong(self, cast, clock):
        """A token that never was, a revoked one and an expired one, each once a right one."""
        screen, revoked = make_screen(cast.practice, "Revoked")
        screens.revoke(by=seat_for(cast.manager), screen=screen)
        _, expired = make_screen(cast.practice, "Expired", expires_on=TODAY + timedelta(days=1))
        clock.move_to(NOW + timedelta(days=2))
        return {"never": "n" * len(revoked), "revoked": revoked, "expired": expired}

    def answers(self, tokens, times=1):
        """By token, what each address answers someone with an address of their own."""
        found = {}
        for number, (name, token) in enumerate(tokens.items()):
            client = Client(REMOTE_ADDR=f"10.0.0.{number}")
            for _ in range(times):
                with CaptureQueriesContext(connection) as captured:
                    response = client.get(url(token))
            found[name] = (
                response.status_code,
                response.content,
                dict(response.headers),
                len(captured),
            )
        return found

    def test_wrong_revoked_and_expired_cannot_be_told_apart(self, cast, clock):
        found = self.answers(self.wrong(cast, clock))
        assert found["never"] == found["revoked"] == found["expired"]
        assert found["never"][0] == 404
        assert b"This page does not exist." in found["never"][1]
        assert found["never"][2]["Referrer-Policy"] == "no-referrer"

    def test_neither_can_they_once_there_were_too_many(self, cast, clock):
        found = self.answers(self.wrong(cast, clock), times=MOST_WRONG + 1)
        assert found["never"] == found["revoked"] == found["expired"]
        assert found["never"][0] == 429

    def test_the_twenty_first_in_a_minute_has_to_wait(self, client, clock):
        clock.move_to(NOW + timedelta(seconds=12))
        answered = [client.get(url(f"wrong-{n}")).status_code for n in range(MOST_WRONG + 2)]
        assert answered == [404] * MOST_WRONG + [429, 429]
        response = client.get(url("wrong"))
        assert response["Retry-After"] == "48"
        assert response.content == b"Too many wrong addresses. Wait a minute."
        clock.move_to(NOW + timedelta(seconds=60))
        assert client.get(url("wrong")).status_code == 404

    def test_a_right_one_is_served_meanwhile(self, client, story):
        _, token = make_screen(story.practice)
        for number in range(MOST_WRONG + 1):
            client.get(url(f"wrong-{number}"))
        assert client.get(url("wrong")).status_code == 429
        assert client.get(url(token)).status_code == 200

    def test_another_address_is_counted_by_itself(self, client, db):
        for number in range(MOST_WRONG + 1):
            client.get(url(f"wrong-{number}"))
        assert Client(REMOTE_ADDR="10.0.0.9").get(url("wrong")).status_code == 404

    def test_all_processes_count_together_in_a_table(self, client, db):
        client.get(url("wrong"))
        with connection.cursor() as cursor:
            cursor.execute("SELECT cache_key FROM django_cache")
            keys = [key for (key,) in cursor.fetchall()]
        assert [key for key in keys if ":wrong-screens:127.0.0.1:" in key]

    def test_a_refused_one_writes_nothing(self, client, db):
        for number in range(MOST_WRONG):
            client.get(url(f"wrong-{number}"))
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url("wrong")).status_code == 429
        assert {query["sql"].split()[0] for query in captured} == {"SELECT"}

    def test_a_wrong_one_is_not_noted_as_seen(self, client, cast):
        screen, token = make_screen(cast.practice)
        screens.revoke(by=seat_for(cast.manager), screen=screen)
        client.get(url(token))
        assert Screen.objects.get().last_used is None

    @pytest.mark.parametrize("token", ["x" * 5000, "-", "_"])
    def test_a_strange_one_is_a_wrong_one(self, client, db, token):
        assert client.get(url(token)).status_code == 404
