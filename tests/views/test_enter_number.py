import re

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from funnel.actions import kpis, stand_ins
from funnel.domain import numbers
from funnel.models import KPI, WeeklyEntry
from funnel.views import enter_number
from tests.cast import make_cast
from tests.factories import (
    TODAY,
    WEEK,
    close_week,
    make_entry,
    make_kpi,
    make_ownership,
    root_seat,
    seat_for,
)

pytestmark = pytest.mark.django_db

MOST_STATEMENTS = 13


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


def address(kpi="appointments", week=WEEK, slug="lumina"):
    return reverse("enter-number", args=[slug, week, kpi])


def post(client, person, value, *, kpi="appointments", week=WEEK, slug="lumina", **typed):
    client.force_login(person.user)
    return client.post(address(kpi, week, slug), {"value": value, **typed})


def refused(response, field, sentence):
    """The page of a refused form, after checking the place of its error."""
    assert response.status_code == 200
    text = response.content.decode()
    form = response.context["refused"]
    assert form.errors[field] == [sentence]
    own_id = form[field].auto_id
    tag = re.search(rf'<(input|textarea)[^>]* id="{own_id}"[^>]*>', text)[0]
    assert 'aria-invalid="true"' in tag
    assert f"{own_id}_error" in tag
    assert "autofocus" in tag
    assert sentence.replace("'", "&#x27;") in text[text.index(f'id="{own_id}_error"') :]
    assert text.count("autofocus") == 1
    return text


def test_saves_and_leads_back_with_a_message(client, cast):
    response = post(client, cast.owner, "27", note="short week", version="")
    assert response.status_code == 302
    assert response.url == reverse("enter", args=["lumina", WEEK])
    entry = WeeklyEntry.objects.get()
    assert (entry.value, entry.note, entry.entered_by) == (27, "short week", cast.owner.user)
    text = client.get(response.url).content.decode()
    assert "Saved: 27 appointments." in text
    assert "Done: every number of yours is in." in text


def test_the_next_missing_number_has_the_cursor_afterwards(client, cast):
    make_ownership(make_kpi(cast.practice, "Reviews", "Front desk"), cast.owner)
    text = client.get(post(client, cast.owner, "27").url).content.decode()
    assert "Done:" not in text
    assert text.index('id="reviews"') < text.index("autofocus")


def test_pressing_the_button_twice_saves_once(client, cast):
    first, second = post(client, cast.owner, "27"), post(client, cast.owner, "27")
    assert first.url == second.url
    assert (first.status_code, second.status_code) == (302, 302)
    assert WeeklyEntry.history.count() == 1


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", numbers.EMPTY),
        ("-3", numbers.NEGATIVE),
        ("2.5", numbers.NOT_WHOLE),
        ("twenty", numbers.NOT_A_NUMBER),
        ("٢٧", numbers.NOT_A_NUMBER),
        ("1000000000", numbers.TOO_LARGE),
        ("9" * 5000, numbers.TOO_LONG),
        ("2\x007", numbers.NOT_A_NUMBER),
    ],
)
def test_refuses_what_is_no_number_with_its_sentence(client, cast, typed, sentence):
    text = refused(post(client, cast.owner, typed, note="short week"), "value", sentence)
    assert "short week</textarea>" in text
    assert f'name="value" value="{typed}"' in text or typed in ("", "2\x007")
    assert not WeeklyEntry.objects.exists()


def test_refuses_a_form_without_a_number(client, cast):
    client.force_login(cast.owner.user)
    refused(client.post(address()), "value", numbers.EMPTY)


def test_what_was_typed_stays_where_one_became_the_stand_in_a_moment_ago(client, cast, monkeypatch):
    """After the page's first statement, which finds its cached parts."""
    cast.member.roles.add(cast.appointments.role)
    client.force_login(cast.member.user)
    client.get(reverse("enter", args=["lumina", WEEK]))
    take_stand = enter_number.take_stand

    def later(seat, slug, day):
        days = {"starts_on": TODAY, "ends_on": TODAY}
        stand_ins.name(by=seat_for(cast.admin), kpi=cast.appointments, staff=cast.member, **days)
        return take_stand(seat, slug, day)

    monkeypatch.setattr(enter_number, "take_stand", later)
    text = client.post(address(), {"value": "x27", "note": "By phone"}).content.decode()
    assert 'value="x27"' in text
    assert "By phone" in text


def test_a_refused_correction_leaves_the_number_as_it_was(client, cast):
    make_entry(cast.appointments, 27)
    text = refused(post(client, cast.owner, "-1", version="1"), "value", numbers.NEGATIVE)
    assert 'name="version" value="1"' in text
    assert WeeklyEntry.objects.get().value == 27


def test_refuses_a_future_week(client, cast):
    response = post(client, cast.owner, "27", week=WEEK.plus(2))
    refused(response, "value", "This week has not started yet.")


def test_refuses_a_week_before_the_practice_began(client, cast):
    cast.practice.began_on = WEEK.monday
    cast.practice.save()
    response = post(client, cast.owner, "27", week=WEEK.previous)
    refused(response, "value", "Lumina Aesthetics had not started yet in this week.")


def test_refuses_a_closed_week_and_keeps_what_was_typed(client, cast):
    close_week(cast.manager)
    response = post(client, cast.owner, "27", note="short week")
    sentence = "This week is closed. A manager can reopen it, with a reason."
    text = refused(response, "value", sentence)
    assert 'value="27"' in text
    assert "short week</textarea>" in text
    assert not WeeklyEntry.objects.exists()


def test_refuses_a_calculated_kpi_which_is_otherwise_not_on_the_page(client, cast):
    total = make_kpi(
        cast.practice,
        "Leads of a month",
        calculation=KPI.Calculation.TOTAL,
        source=cast.leads,
        window=4,
    )
    make_ownership(total, cast.manager)
    sentence = "Leads of a month is calculated from other numbers: it cannot be entered."
    for person in (cast.manager, cast.admin):
        response = post(client, person, "27", kpi=total.slug, note="typed", reason="because")
        assert 'value="27"' in refused(response, "value", sentence)
        sheet = client.get(reverse("enter", args=["lumina", WEEK])).content.decode()
        assert "Leads of a month" not in sheet
    assert not WeeklyEntry.objects.exists()


def test_refuses_an_archived_kpi(client, cast):
    kpis.archive(by=root_seat(cast.practice), kpi=cast.appointments, today=TODAY, from_week=WEEK)
    response = post(client, cast.manager, "27", reason="late")
    refused(response, "value", "Appointments is archived: no numbers can be entered.")
    assert not WeeklyEntry.objects.exists()


def test_refuses_a_manager_without_a_reason(client, cast):
    text = refused(
        post(client, cast.manager, "27"),
        "reason",
        "Enter the reason why you enter it for the owner.",
    )
    assert 'value="27"' in text
    assert not WeeklyEntry.objects.exists()


def test_a_manager_with_a_reason_enters_for_the_owner(client, cast):
    post(client, cast.manager, "27", reason="Maya is ill")
    entry = WeeklyEntry.objects.get()
    assert (entry.entered_for, entry.reason) == (cast.owner, "Maya is ill")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"note": "x" * 501}, "A note has at most 500 characters."),
        ({"note": "a\x00b"}, "Write it again without special characters."),
    ],
)
def test_refuses_a_note_that_cannot_be_kept(client, cast, typed, sentence):
    text = refused(post(client, cast.owner, "27", **typed), "note", sentence)
    assert 'value="27"' in text


@pytest.mark.parametrize("version", ["abc", "-1", "9" * 400, "1\x00", "٣"])
def test_a_version_made_up_never_overwrites(client, cast, version):
    make_entry(cast.appointments, 27)
    assert post(client, cast.owner, "30", version=version).status_code == 409
    assert WeeklyEntry.objects.get().value == 27


# An improbable number


@pytest.fixture
def usual(cast):
    """Ninety appointments a week."""
    for back in (1, 2):
        make_entry(cast.appointments, 90, WEEK.plus(-back))
    return cast


def test_asks_about_an_improbable_number_and_keeps_it(client, usual):
    response = post(client, usual.owner, "271", note="open day")
    text = response.content.decode()
    assert response.status_code == 200
    assert "That is more than 3 times the usual 90 a week. Is 271 right?" in text
    assert 'name="value" value="271"' in text
    assert "open day</textarea>" in text
    assert 'name="confirm" value="yes">Yes, 271 is right</button>' in text
    assert 'aria-describedby="appointments-question"' in text
    assert not WeeklyEntry.objects.filter(week=WEEK.monday).exists()


def test_the_enter_key_never_confirms(client, usual):
    text = post(client, usual.owner, "271").content.decode()
    buttons = text[text.index("entry-card__buttons") :]
    assert buttons.index("Save a different number") < buttons.index('name="confirm"')


def test_saves_an_improbable_number_after_yes(client, usual):
    assert post(client, usual.owner, "271", confirm="yes").status_code == 302
    assert WeeklyEntry.objects.get(week=WEEK.monday).value == 271


def test_asks_again_unless_the_answer_is_yes(client, usual):
    assert post(client, usual.owner, "271", confirm="no").status_code == 200
    assert not WeeklyEntry.objects.filter(week=WEEK.monday).exists()


# Someone was faster


@pytest.fixture
def clash(client, cast):
    """Sam saved 28 after Maya was shown an empty card; she now sends 30."""
    post(client, cast.stand_in, "28", note="by phone")
    return post(client, cast.owner, "30", note="counted <twice>", version="")


def test_someone_in_between_is_shown_with_both_numbers(clash):
    assert clash.status_code == 409
    text = clash.content.decode()
    for shown in (
        "Sam saved Appointments in the meantime.",
        "28 appointments",
        "by phone",
        "By Sam for Maya, Tue, Nov 24, 10:00 AM",
        "30 appointments",
        "counted &lt;twice&gt;",
    ):
        assert shown in text
    assert WeeklyEntry.objects.get().value == 28


def test_the_choice_is_to_keep_theirs_or_to_save_mine(client, clash, cast):
    text = clash.content.decode()
    assert f'href="{reverse("enter", args=["lumina", WEEK])}">Keep 28 appointments</a>' in text
    form = clash.context["form"]
    again = {"value": form["value"].value(), "note": form["note"].value(), "version": "1"}
    for name, value in (("value", "30"), ("version", "1")):
        assert f'<input type="hidden" name="{name}" value="{value}">' in text
    assert client.post(address(), again).status_code == 302
    entry = WeeklyEntry.objects.get()
    assert (entry.value, entry.note, entry.version) == (30, "counted <twice>", 2)
    assert entry.entered_by == cast.owner.user


def test_the_choice_can_clash_again(client, clash, cast):
    post(client, cast.stand_in, "29", version="1")
    response = post(client, cast.owner, "30", version="1")
    assert response.status_code == 409
    assert "Keep 29 appointments" in response.content.decode()


def test_my_own_other_window_is_told_as_mine(client, cast):
    post(client, cast.owner, "28")
    text = post(client, cast.owner, "30").content.decode()
    assert "You saved Appointments in the meantime." in text
    assert "By you, in another window" in text


def test_a_managers_reason_and_yes_survive_the_choice(client, usual):
    post(client, usual.owner, "100")
    response = post(client, usual.manager, "271", reason="Maya is ill", confirm="yes")
    text = response.content.decode()
    assert response.status_code == 409
    assert '<input type="hidden" name="reason" value="Maya is ill">' in text
    assert '<input type="hidden" name="confirm" value="yes">' in text


# Who, and how


def test_a_stand_in_enters_until_their_last_day(client, cast):
    assert post(client, cast.stand_in, "27").status_code == 302
    with time_machine.travel("2026-12-02T15:00Z", tick=False):
        assert post(client, cast.stand_in, "28", version="1").status_code == 403
    assert WeeklyEntry.objects.get().value == 27


@pytest.mark.parametrize(
    ("who", "status"), [("member", 403), ("marketer", 403), ("viewer", 403), ("stranger", 404)]
)
def test_nobody_else_enters(client, cast, who, status):
    person = getattr(cast, who)
    assert post(client, person, "27", reason="please").status_code == status
    assert not WeeklyEntry.objects.exists()


def test_anonymous_is_sent_to_sign_in(client, cast):
    response = client.post(address(), {"value": "27"})
    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))
    assert not WeeklyEntry.objects.exists()


def test_a_kpi_of_another_practice_or_of_none_is_404(client, cast):
    make_kpi(cast.stranger.practice, "Reviews")
    for kpi in ("reviews", "no-such-kpi"):
        assert post(client, cast.manager, "27", kpi=kpi).status_code == 404


def test_reading_the_address_leads_to_the_weeks_page(client, cast):
    client.force_login(cast.owner.user)
    response = client.get(address())
    assert response.status_code == 302
    assert response.url == reverse("enter", args=["lumina", WEEK])


def test_nothing_but_reading_and_posting_is_answered(client, cast):
    client.force_login(cast.owner.user)
    assert client.put(address()).status_code == 405
    assert client.delete(address()).status_code == 405


def test_a_form_without_the_token_is_refused(cast):
    client = Client(enforce_csrf_checks=True)
    assert post(client, cast.owner, "27").status_code == 403
    assert not WeeklyEntry.objects.exists()


# Cost


# Outside a transaction of the test, so that BEGIN and COMMIT are counted as they are.
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kpi_count", [3, 15])
@pytest.mark.parametrize("typed", ["80", "271", "-1"])
@pytest.mark.parametrize("is_first", [True, False])
def test_takes_no_more_than_thirteen_statements(client, usual, kpi_count, typed, is_first):
    for number in range(kpi_count - 3):
        make_kpi(usual.practice, f"Number {number}")
    if not is_first:
        make_entry(usual.leads, 300)
    client.force_login(usual.manager.user)
    client.get(reverse("enter", args=["lumina"]))
    with CaptureQueriesContext(connection) as statements:
        client.post(address(), {"value": typed, "reason": "Maya is ill"})
    assert len(statements) <= MOST_STATEMENTS
