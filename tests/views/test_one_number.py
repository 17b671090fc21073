import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from funnel.actions import entries, meetings
from funnel.actions.refusals import Busy
from funnel.models import KPI, Meeting, Practice, WeeklyEntry
from funnel.views import one_number
from tests.cast import make_cast
from tests.factories import (
    TODAY,
    WEEK,
    link_for,
    make_entry,
    make_kpi,
    make_numbers,
    make_ownership,
    make_staff,
    make_target,
    seat_for,
)

pytestmark = pytest.mark.django_db

# Lumina meets on Tuesday at nine in New York.
MEETING = datetime(2026, 11, 24, 14, tzinfo=UTC)
NOW = MEETING - timedelta(hours=2)
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
    """Maya's, for appointments."""
    return link_for(cast.owner, cast.appointments)


def text_of(response):
    return " ".join(response.content.decode().split())


def stored():
    return list(WeeklyEntry.objects.values_list("value", "note"))


class TestPage:
    def test_opens_one_field_without_signing_in(self, client, cast, url):
        response = client.get(url)
        text = text_of(response)
        assert response.status_code == 200
        for shown in ("<h1>Appointments</h1>", WEEK.label, cast.appointments.definition):
            assert shown in text
        assert re.findall(r'<(?:input|textarea)[^>]* name="(\w+)"', text) == [
            "csrfmiddlewaretoken",
            "value",
            "note",
        ]
        field = re.search(r'<input[^>]*name="value"[^>]*>', text)[0]
        for said in ('inputmode="numeric"', "autofocus", 'autocomplete="off"'):
            assert said in field

    def test_shows_nothing_else_and_leads_nowhere(self, client, cast, url):
        make_target(cast.appointments, 4040)
        make_entry(cast.leads, 9797, note="Ask Kim.")
        make_numbers(cast.appointments, [3333] * 13, WEEK.previous)
        for reader in (client, signed_in(cast.superuser), signed_in(cast.owner.user)):
            text = re.sub(r'value="\w{64}"', "", text_of(reader.get(url)))
            for hidden in ("Maya", "Sam", "umina", "Leads", "9,797", "3,333", "4,040", "Kim", "@"):
                assert hidden not in text, hidden
                assert hidden.replace(",", "") not in text, hidden
            assert 'href="/' not in text.replace('href="/static/', "")

    def test_the_address_stands_nowhere_in_the_page(self, client, url):
        assert url.split("/")[2][:20] not in client.get(url).content.decode()

    def test_a_kpi_with_decimals_takes_them(self, client, cast):
        kpi = make_kpi(cast.practice, "Rating", unit="decimal")
        make_ownership(kpi, cast.manager)
        link = link_for(cast.manager, kpi)
        assert 'inputmode="decimal"' in text_of(client.get(link))
        assert "Rating: 4.7 saved." in text_of(client.post(link, {"value": "4.7"}))

    def test_names_are_text_and_never_markup(self, client, cast, url):
        KPI.objects.filter(pk=cast.appointments.pk).update(name="<b>Calls</b>")
        assert "&lt;b&gt;Calls&lt;/b&gt;" in text_of(client.get(url))
        assert "<b>" not in text_of(client.get(url))

    def test_no_cache_no_search_engine_and_no_other_site_hears_of_it(self, client, url):
        for response in (client.get(url), client.post(url, {"value": "27"}), client.get(url)):
            assert response["Cache-Control"] == "private, no-store"
            assert response["X-Robots-Tag"] == "noindex, nofollow"
            is_form = b"<form" in response.content
            expected = "strict-origin" if is_form else "no-referrer"
            assert response["Referrer-Policy"] == expected

    def test_no_other_method(self, client, url):
        for method in (client.put, client.delete, client.patch):
            assert method(url).status_code == 405


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


class TestScanners:
    def test_whatever_reads_it_first_changes_nothing(self, client, cast, url):
        before = Meeting.objects.count()
        for _ in range(3):
            for read in (client.get, client.head):
                with CaptureQueriesContext(connection) as captured:
                    assert read(url).status_code == 200
                assert {query["sql"].split()[0] for query in captured} == {"SELECT"}
        assert (stored(), Meeting.objects.count()) == ([], before)
        assert client.post(url, {"value": "27"}).status_code == 200
        assert stored() == [(27, "")]

    def test_head_is_answered_without_a_page(self, client, url):
        response = client.head(url)
        assert (response.status_code, response.content) == (200, b"")

    def test_a_post_needs_the_pages_own_token(self, url):
        client = Client(enforce_csrf_checks=True)
        assert client.post(url, {"value": "27"}).status_code == 403
        assert stored() == []
        token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', text_of(client.get(url)))[1]
        typed = {"value": "27", "csrfmiddlewaretoken": token}
        # As a browser sends it under strict-origin, and as it would under no-referrer.
        forged = client.post(url, typed, headers={"Origin": "null"})
        assert (forged.status_code, stored()) == (403, [])
        ours = client.post(url, typed, headers={"Origin": "http://testserver"})
        assert (ours.status_code, stored()) == (200, [(27, "")])


class TestSaving:
    def test_saves_it_as_the_persons_own(self, client, cast, url):
        response = client.post(url, {"value": "27", "note": "A holiday on Thursday."})
        assert "27 appointments saved." in text_of(response)
        assert "Lumina" not in text_of(response)
        entry = WeeklyEntry.objects.get()
        assert (entry.value, entry.note, entry.week) == (27, "A holiday on Thursday.", WEEK.monday)
        assert (entry.entered_by, entry.entered_for) == (cast.owner.user, None)
        assert entry.history.get().history_user == cast.owner.user

    def test_a_stand_in_saves_it_for_the_owner(self, client, cast):
        client.post(link_for(cast.stand_in, cast.appointments), {"value": "27"})
        entry = WeeklyEntry.objects.get()
        assert (entry.entered_by, entry.entered_for) == (cast.stand_in.user, cast.owner)

    def test_is_the_links_persons_whoever_is_signed_in(self, cast, url):
        signed_in(cast.stranger.user).post(url, {"value": "27"})
        assert WeeklyEntry.objects.get().entered_by == cast.owner.user

    def test_neither_a_reason_nor_a_version_that_is_sent_along_counts(self, client, cast, url):
        typed = {"value": "27", "reason": "Mine.", "version": "5", "week": "2026-W46"}
        client.post(url, typed)
        entry = WeeklyEntry.objects.get()
        assert (entry.reason, entry.version, entry.week) == ("", 1, WEEK.monday)

    def test_after_that_it_is_over(self, client, url):
        client.post(url, {"value": "27"})
        response = client.get(url)
        assert response.status_code == 410
        text = text_of(response)
        assert "This link has expired." in text
        for hidden in ("27", "Appointments", "appointments", "Lumina", WEEK.label):
            assert hidden not in text

    def test_a_second_click_and_a_reload_are_told_the_same(self, client, url, clock):
        for minutes in (0, 5, 9):
            clock.move_to(NOW + timedelta(minutes=minutes))
            response = client.post(url, {"value": "27"})
            assert response.status_code == 200
            assert "27 appointments saved." in text_of(response)
        assert WeeklyEntry.history.count() == 1

    def test_nobody_finds_out_later_by_guessing(self, client, url, clock):
        client.post(url, {"value": "27"})
        clock.move_to(NOW + timedelta(minutes=10))
        answers = [client.post(url, {"value": str(guess)}) for guess in (26, 27)]
        assert [answer.status_code for answer in answers] == [409, 409]
        assert text_of(answers[0]).replace("26", "27") == text_of(answers[1])

    def test_another_number_afterwards_is_not_saved_and_not_lost(self, client, url):
        client.post(url, {"value": "27"})
        response = client.post(url, {"value": "28"})
        assert response.status_code == 409
        assert "Your number, 28, is not saved." in text_of(response)
        assert stored() == [(27, "")]

    def test_saved_by_someone_else_in_between(self, client, cast, url):
        client.get(url)
        make_entry(cast.appointments, 31)
        response = client.post(url, {"value": "27"})
        assert response.status_code == 409
        assert "Your number, 27, is not saved." in text_of(response)
        assert "31" not in text_of(response)
        assert stored() == [(31, "")]
        assert client.get(url).status_code == 410

    def test_saved_by_someone_else_while_this_one_is_being_saved(
        self, client, cast, url, monkeypatch
    ):
        real = entries._entries_near

        def late(*args):
            WeeklyEntry.objects.create(
                practice=cast.practice,
                kpi=cast.appointments,
                week=WEEK.monday,
                value=31,
                entered_at=NOW,
                entered_by=cast.stand_in.user,
            )
            return real(*args)

        monkeypatch.setattr(entries, "_entries_near", late)
        response = client.post(url, {"value": "27"})
        assert response.status_code == 409
        assert "Your number, 27, is not saved." in text_of(response)
        assert "31" not in text_of(response)


class TestRefused:
    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ({"value": ""}, "Enter the number."),
            ({"value": "abc"}, ""),
            ({"value": "-1"}, ""),
            ({"value": "2.5"}, ""),
            ({"value": "9" * 30}, ""),
            ({"value": "\0"}, ""),
            ({"value": "27", "note": "a\0b"}, "Write it again without special characters."),
            ({"value": "27", "note": "x" * 501}, "A note has at most 500 characters."),
            ({}, ""),
        ],
        ids=str,
    )
    def test_says_why_and_keeps_what_was_typed(self, client, cast, url, typed, sentence):
        response = client.post(url, typed)
        text = text_of(response)
        assert response.status_code == 200
        assert stored() == []
        assert sentence in text or "▲" in text
        assert "invalid" in text
        if typed.get("note", "").isprintable() and typed.get("value", "").isprintable():
            assert f'value="{typed.get("value", "")}"' in text or not typed.get("value")
            assert typed.get("note", "") in text

    def test_an_improbable_number_is_asked_back_without_telling_others(self, client, cast, url):
        make_numbers(cast.appointments, [33] * 13, WEEK.previous)
        make_entry(cast.leads, 97)
        response = client.post(url, {"value": "270", "note": "Really."})
        text = re.sub(r'value="\w{64}"', "", text_of(response))
        assert "That is far from the usual numbers. Is 270 right?" in text
        for hidden in ("33", "97", "Leads"):
            assert hidden not in text
        assert not cast.appointments.entries.filter(week=WEEK.monday).exists()
        assert 'aria-describedby="appointments-question"' in text
        first, second = re.findall(r"<button[^>]*>[^<]*", text)[:2]
        assert "Save a different number" in first
        assert "Yes, 270 is right" in second
        client.post(url, {"value": "270", "note": "Really.", "confirm": "yes"})
        assert cast.appointments.entries.get(week=WEEK.monday).value == 270

    def test_while_someone_holds_the_week_it_asks_to_press_again(self, client, url, monkeypatch):
        def busy(**_):
            raise Busy("Someone else is saving here right now.")

        monkeypatch.setattr(one_number.entries, "record", busy)
        response = client.post(url, {"value": "27"})
        assert response.status_code == 503
        assert '<input type="hidden" name="value" value="27">' in response.content.decode()

    def test_a_week_closed_while_it_is_being_saved_says_so(self, client, cast, url, monkeypatch):
        real = meetings.lock

        def closing(practice, week):
            Meeting.objects.update_or_create(
                practice=practice,
                week=week.monday,
                defaults={"closed_at": NOW, "closed_by": cast.manager.user},
            )
            return real(practice, week)

        monkeypatch.setattr(meetings, "lock", closing)
        assert "This week is closed." in text_of(client.post(url, {"value": "27"}))
        assert stored() == []


class TestOver:
    """All answered alike, whatever ended the link; test_access_links.py has the causes."""

    def ended_by_the_meeting(self, cast, clock):
        clock.move_to(MEETING)

    def ended_by_another_owner(self, cast, clock):
        ivy = make_staff(cast.practice, "Ivy", "Front desk")
        make_ownership(cast.appointments, ivy, TODAY)

    def ended_by_the_start(self, cast, clock):
        meetings.start(by=seat_for(cast.manager), week=WEEK, today=TODAY)

    def ended_by_use(self, cast, clock):
        make_entry(cast.appointments, 27)

    def test_all_look_the_same(self, cast, url, clock):
        pages = set()
        for end in (self.ended_by_use, self.ended_by_another_owner, self.ended_by_the_start):
            end(cast, clock)
            response = Client().get(url)
            assert response.status_code == 410
            pages.add(response.content)
        self.ended_by_the_meeting(cast, clock)
        pages.add(Client().get(url).content)
        assert len(pages) == 1
        assert b"Sign in" in pages.pop()

    def test_what_was_typed_is_not_saved_and_not_lost(self, client, cast, url, clock):
        self.ended_by_the_meeting(cast, clock)
        response = client.post(url, {"value": "27"})
        assert response.status_code == 410
        assert "Your number, 27, is not saved." in text_of(response)
        assert stored() == []

    @pytest.mark.parametrize(
        ("typed", "shown"),
        [
            ("<b>" + "9" * 50, "&lt;b&gt;" + "9" * 17 + ","),
            ("2\0\n7", "27,"),
            ("\0", "has expired"),
        ],
    )
    def test_what_was_typed_is_shown_as_text(self, client, cast, url, clock, typed, shown):
        self.ended_by_the_meeting(cast, clock)
        assert shown in text_of(client.post(url, {"value": typed}))


class TestWrongAddress:
    def test_wrong_ones_get_404_and_from_the_twenty_first_in_a_minute_429(self, client, url, clock):
        clock.move_to(NOW + timedelta(seconds=12))
        wrong = [f"/e/wrong-{number}/" for number in range(MOST_WRONG + 1)]
        answered = [client.get(path).status_code for path in wrong]
        assert answered == [404] * MOST_WRONG + [429]
        response = client.get(url[:-2] + "/")
        assert (response.status_code, response["Retry-After"]) == (429, "48")
        assert response["Referrer-Policy"] == "no-referrer"
        clock.move_to(NOW + timedelta(seconds=60))
        assert client.get("/e/wrong/").status_code == 404

    def test_a_right_one_is_served_meanwhile(self, client, url):
        for number in range(MOST_WRONG + 1):
            client.get(f"/e/wrong-{number}/")
        assert client.get(url).status_code == 200

    def test_one_changed_by_a_letter_is_a_wrong_one(self, client, url):
        changed = url[:-2] + ("B/" if url[-2] == "A" else "A/")
        assert client.get(changed).status_code == 404
        assert client.post(changed, {"value": "27"}).status_code == 404
        assert stored() == []

    @pytest.mark.parametrize("token", ["x" * 5000, ".", "a.b", "%00", "%FF", "ü", "a:b"])
    def test_a_strange_one_is_a_wrong_one(self, client, db, token):
        assert client.get(f"/e/{token}/").status_code == 404


def statements(client, url, **typed):
    with CaptureQueriesContext(connection) as captured:
        response = client.post(url, typed) if typed else client.get(url)
    assert response.status_code == 200
    return len([query for query in captured if "SAVEPOINT" not in query["sql"]])


def test_four_statements_to_read_and_nine_to_save_for_3_kpis_and_for_13(client, cast, url):
    Meeting.objects.create(practice=cast.practice, week=WEEK.monday)
    assert statements(client, url) == 4
    for number in range(10):
        kpi = make_kpi(cast.practice, f"Number {number}", "Front desk")
        make_ownership(kpi, cast.owner)
        make_numbers(kpi, [9] * 14)
    assert statements(client, url) == 4
    assert statements(client, url, value="27") == 9
