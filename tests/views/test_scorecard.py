import re

import pytest
import time_machine
from django.urls import reverse

from funnel import parts
from funnel.actions import ownership
from funnel.models import KPI
from tests.cast import make_cast
from tests.factories import (
    BEGAN,
    TODAY,
    WEEK,
    make_entry,
    make_kpi,
    make_numbers,
    make_ownership,
    make_practice,
    make_target,
    remove_kpis,
    root_seat,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


def page(client, user, slug="lumina", **query):
    client.force_login(user)
    return client.get(reverse("scorecard", args=[slug]), query)


def text_of(client, user, **query):
    response = page(client, user, **query)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize("who", ["owner", "viewer", "manager", "admin"])
def test_everyone_in_the_practice_sees_it(client, cast, who):
    make_target(cast.leads, 100)
    make_entry(cast.leads, 96)
    text = text_of(client, getattr(cast, who).user)
    for shown in ("Aug 24 – Nov 22, 2026", "Tom", "96", "missed", "Leads to appointments"):
        assert shown in text


def test_a_superuser_sees_it(client, cast):
    assert page(client, cast.superuser).status_code == 200


def test_by_weeks_months_and_quarters(client, cast):
    assert "13-week average" in text_of(client, cast.viewer.user)
    assert "beside Nov 2025" in text_of(client, cast.viewer.user, by="month")
    assert "beside Q4 2025" in text_of(client, cast.viewer.user, by="quarter")


def test_every_link_keeps_what_was_asked_for(client, cast):
    asked = {"by": "month", "until": "2026-W30", "order": "oldest", "running": "hide"}
    text = text_of(client, cast.viewer.user, **asked)
    links = [link.replace("&amp;", "&") for link in re.findall(r'href="(\?[^"]*)"', text)]
    assert "?until=2026-W30&order=oldest&running=hide" in links
    assert "?by=month&until=2026-W30&running=hide" in links
    assert "?by=month&until=2026-W30&order=oldest" in links
    assert "?by=month&order=oldest&running=hide" in links
    client.force_login(cast.viewer.user)
    for link in links:
        assert client.get(reverse("scorecard", args=["lumina"]) + link).status_code == 200


def test_a_day_leads_to_the_weeks_before_it(client, cast):
    card = page(client, cast.viewer.user, day="2026-07-01").context["card"]
    assert str(card.weeks[-1]) == "2026-W27"


@pytest.mark.parametrize(
    "query",
    [{"until": "2026-W48"}, {"until": "2030-W01"}, {"until": "1999-W01"}, {"until": "rubbish"},
     {"day": "never"}, {"by": "year"}, {"order": "x"}, {"running": "?"}],
)  # fmt: skip
def test_what_makes_no_sense_is_the_default(client, cast, query):
    default = page(client, cast.viewer.user).context["card"]
    parts.cache.clear()
    assert page(client, cast.viewer.user, **query).context["card"] == default


def test_the_running_week_hides(client, cast):
    assert "Nov 23" in text_of(client, cast.viewer.user)
    hidden = text_of(client, cast.viewer.user, running="hide")
    assert "Nov 23" not in hidden
    assert "Show the current week" in hidden


def test_an_unowned_number_stands_on_top(client, cast):
    ownership.end(by=root_seat(cast.practice), kpi=cast.leads, ends_on=TODAY.replace(day=23))
    text = text_of(client, cast.viewer.user)
    assert "Leads has no owner." in text
    assert text.index("has no owner") < text.index("<table")
    make_kpi(cast.practice, "Fees")
    make_kpi(cast.practice, "Calls")
    assert "Leads, Fees and Calls have no owner." in text_of(client, cast.viewer.user)


def test_an_owner_is_led_to_their_own_cells_and_a_viewer_to_none(client, cast):
    assert f"/enter/{WEEK}/#appointments" in text_of(client, cast.owner.user)
    assert f"/enter/{WEEK}/#" not in text_of(client, cast.viewer.user)


def test_a_cells_address_is_a_card_of_the_entry_page(client, cast):
    text = text_of(client, cast.owner.user)
    path, anchor = re.search(rf'href="(\S+/enter/{WEEK}/)#([\w-]+)"', text).groups()
    assert f'id="{anchor}"' in client.get(path).content.decode()


def test_names_are_text_and_never_markup(client, cast):
    KPI.objects.filter(pk=cast.leads.pk).update(name="<b>Leads</b>")
    cast.leads.ownerships.all().delete()
    text = text_of(client, cast.viewer.user)
    assert "<b>Leads" not in text
    assert "&lt;b&gt;Leads&lt;/b&gt; has no owner." in text


def test_a_practice_without_numbers_is_taught(client, cast):
    remove_kpis(cast.practice)
    assert "There are no numbers yet." in text_of(client, cast.viewer.user)
    assert "Add the first KPI" in text_of(client, cast.admin.user)


def test_a_practice_in_its_first_week_is_told_so(client, cast):
    make_practice("fresh", began_on=TODAY)
    first = page(client, cast.superuser, "fresh", by="month").content.decode()
    assert "No week has ended yet." in first
    hidden = page(client, cast.superuser, "fresh", running="hide").content.decode()
    assert "Nothing has ended yet." in hidden
    assert page(client, cast.superuser, "fresh").context["card"].sections


def test_a_stranger_gets_404_as_for_no_such_practice(client, cast):
    assert page(client, cast.stranger.user).status_code == 404
    assert page(client, cast.stranger.user, "nowhere").status_code == 404


def test_anonymous_is_asked_to_sign_in(client, cast):
    response = client.get(reverse("scorecard", args=["lumina"]))
    assert response.url.startswith(reverse("account_login"))


def test_only_reading(client, cast):
    client.force_login(cast.admin.user)
    assert client.post(reverse("scorecard", args=["lumina"])).status_code == 405


@pytest.mark.parametrize("more", [0, 12])
@pytest.mark.parametrize(("by", "statements"), [("week", 4), ("month", 4), ("quarter", 4)])
def test_the_same_statements_for_three_and_fifteen_kpis(
    client, cast, django_assert_num_queries, more, by, statements
):
    for number in range(more):
        kpi = make_kpi(cast.practice, f"Number {number}")
        make_ownership(kpi, cast.manager, BEGAN)
        make_numbers(kpi, [5] * 20)
    client.force_login(cast.viewer.user)
    with django_assert_num_queries(statements):
        client.get(reverse("scorecard", args=["lumina"]), {"by": by})
