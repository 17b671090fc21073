from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from funnel.actions import tokens
from funnel.models import ApiToken
from tests.cast import make_cast
from tests.factories import make_token, seat_for

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
TYPED = {"name": "Monday's report", "expires_on": "2026-12-24", "once": "one form"}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def cast():
    return make_cast()


def url(slug="lumina"):
    return reverse("tokens", args=[slug])


def page(client, person):
    client.force_login(getattr(person, "user", person))
    response = client.get(url())
    return response, " ".join(response.content.decode().split())


def post(client, person, **changes):
    client.force_login(getattr(person, "user", person))
    response = client.post(url(), {**TYPED, **changes})
    return response, " ".join(response.content.decode().split())


@pytest.mark.parametrize("who", ["viewer", "member", "owner", "manager", "admin"])
def test_whoever_has_none_is_taught(client, cast, who):
    response, text = page(client, getattr(cast, who))
    assert response.status_code == 200
    assert "There is no token yet" in text
    assert 'value="2027-02-22"' in text
    assert ('name="may_write"' in text) == (who != "viewer")
    assert reverse("api:openapi-view") in text


def test_lists_each_token_with_what_its_person_asks_of_it(client, cast):
    token, text = make_token(cast.owner, "<b>Report</b>")
    tokens.used(token, NOW)
    off, _ = make_token(cast.owner, "Old", may_write=False)
    tokens.revoke(by=seat_for(cast.manager), token=off)
    _, shown = page(client, cast.owner)
    for part in (
        "Your tokens",
        "&lt;b&gt;Report&lt;/b&gt;",
        f"Starts with <code>{token.token_start}</code>",
        "Reads, and enters numbers as you.",
        "Created by you, Nov 24, 2026.",
        "active</span>, expires Dec 24, 2026",
        "Last used Tue, Nov 24, 10:00 AM",  # In New York.
        "Only reads.",
        "revoked</span> by Ana, Nov 24, 2026",
        "Not used yet",
    ):
        assert part in shown
    assert text not in shown
    assert reverse("token", args=["lumina", token.pk]) in shown
    assert reverse("token", args=["lumina", off.pk]) not in shown


def test_a_manager_sees_whose_each_is(client, cast):
    make_token(cast.owner)
    _, shown = page(client, cast.manager)
    assert "The practice’s tokens" in shown
    assert "enters numbers as Maya." in shown
    assert "Created by Maya" in shown


def test_one_that_ran_out_and_one_whose_person_left_say_so(client, cast, clock):
    make_token(cast.owner, "Report")
    make_token(cast.member, "Export")
    cast.member.user.is_active = False
    cast.member.user.save()
    _, shown = page(client, cast.manager)
    assert "inactive</span>: Lee no longer works here" in shown
    clock.move_to(NOW + timedelta(days=40))
    _, shown = page(client, cast.manager)
    assert "expired</span> after Dec 24, 2026" in shown


def test_a_made_token_is_told_once_and_works(client, cast):
    response, shown = post(client, cast.owner, may_write="on")
    assert response.status_code == 200
    token = ApiToken.objects.get()
    assert (token.name, token.may_write, token.staff) == ("Monday's report", True, cast.owner)
    text = response.context["text"]
    assert f'value="{text}"' in shown
    assert "It will not be shown again" in shown
    assert "reads and enters numbers as you until Dec 24, 2026" in shown
    client.logout()
    header = {"Authorization": f"Bearer {text}"}
    assert client.get(response.context["example"], headers=header).status_code == 200
    _, again = page(client, cast.owner)
    assert text not in again


def test_without_a_tick_and_for_a_viewer_it_only_reads(client, cast):
    _, shown = post(client, cast.owner)
    assert "Anyone who has it reads the numbers until" in shown
    post(client, cast.viewer, may_write="on")
    assert [token.may_write for token in ApiToken.objects.all()] == [False, False]


def test_a_double_click_and_a_reload_make_one_token_and_tell_the_same_text(client, cast):
    first, _ = post(client, cast.owner)
    second, shown = post(client, cast.owner)
    assert ApiToken.objects.count() == 1
    assert first.context["text"] == second.context["text"]
    assert first.context["text"] in shown
    post(client, cast.owner, once=second.context["form"]["once"].value())
    assert ApiToken.objects.count() == 2


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("name", "", "Say what uses it, as in “Monday&#x27;s report”."),
        ("name", "\0", "Write it again without special characters."),
        ("expires_on", "soon", "Choose a day, as in 2026-12-31."),
        ("expires_on", "2026-11-24", "Choose a day after today, within a year."),
        ("expires_on", "2028-01-01", "Choose a day after today, within a year."),
        ("once", "", "The form came incomplete. Open this page again."),
    ],
)
def test_bad_input_says_its_sentence_and_loses_nothing(client, cast, field, typed, sentence):
    response, shown = post(client, cast.owner, may_write="on", **{field: typed})
    assert sentence in shown
    assert response.context["made"] is None
    assert not ApiToken.objects.exists()
    kept = {**TYPED, "may_write": True, field: typed}
    form = response.context["form"]
    assert {name: form[name].value() for name in kept} == kept


def test_a_superuser_without_a_place_sees_all_and_makes_none(client, cast):
    make_token(cast.owner)
    response, shown = page(client, cast.superuser)
    assert response.status_code == 200
    assert "Created by Maya" in shown
    assert "Create a token" not in shown
    assert post(client, cast.superuser)[0].status_code == 403
    assert ApiToken.objects.count() == 1


def test_a_stranger_gets_404_as_for_no_such_practice(client, cast):
    client.force_login(cast.stranger.user)
    for slug in ("lumina", "nowhere"):
        assert client.get(url(slug)).status_code == 404
        assert client.post(url(slug), TYPED).status_code == 404
    assert not ApiToken.objects.exists()


def test_anonymous_is_asked_to_sign_in(client, cast):
    for response in (client.get(url()), client.post(url(), TYPED)):
        assert response.url.startswith(reverse("account_login"))
    assert not ApiToken.objects.exists()


def test_nothing_else_than_reading_and_making(client, cast):
    client.force_login(cast.owner.user)
    assert client.put(url()).status_code == 405
    assert client.head(url()).status_code == 200


@pytest.mark.parametrize("many", [1, 15])
def test_three_statements_for_one_and_many(client, cast, django_assert_num_queries, many):
    for _ in range(many):
        make_token(cast.owner)
    client.force_login(cast.manager.user)
    with django_assert_num_queries(3):
        client.get(url())
