import pytest
import time_machine
from django.urls import reverse

from funnel.models import Baseline
from tests.cast import make_cast
from tests.factories import WEEK, make_kpi, make_numbers
from tests.kept import kept

pytestmark = pytest.mark.django_db

TYPED = {"from_week": "2026-11-18", "reason": "A second phone line"}


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@kept
def cast():
    cast = make_cast()
    make_numbers(cast.appointments, [20, 30] * 6)
    return cast


def address(kpi="appointments", slug="lumina"):
    return reverse("baseline", args=[slug, kpi])


def post(client, person, typed=TYPED, **which):
    client.force_login(person.user)
    return client.post(address(**which), typed)


def test_a_manager_sets_one_and_sees_it(client, cast):
    response = post(client, cast.manager)
    assert response.url == reverse("history", args=["lumina", "appointments"])
    begun = Baseline.objects.get()
    assert (begun.kpi, begun.from_week, begun.reason) == (
        cast.appointments,
        WEEK.monday,
        "A second phone line",
    )
    assert begun.begun_by == cast.manager.user
    text = " ".join(client.get(response.url).content.decode().split())
    assert "Baseline of Appointments set from Nov 16 – 22, 2026." in text
    assert "Set from Nov 16, 2026 by Ana: A second phone line; from 1 of the 20 weeks" in text
    assert "End this baseline" in text
    assert "Baseline set. A second phone line" in text
    assert ", by Ana" in text


@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    [
        ({"reason": " "}, "reason", "Enter a reason for the new baseline."),
        ({"reason": "x" * 201}, "reason", "A reason has at most 200 characters."),
        ({"reason": "a\x00b"}, "reason", "Write it again without special characters."),
        ({"from_week": ""}, "from_week", "Choose a day of its first week."),
        ({"from_week": "soon"}, "from_week", "Choose a day of its first week."),
        ({"from_week": "2026-12-01"}, "from_week", "This week has not started yet."),
        (
            {"from_week": "2020-01-06"},
            "from_week",
            "Lumina Aesthetics had not started yet in this week.",
        ),
    ],
)
def test_a_refused_one_says_why_keeps_what_was_typed_and_changes_nothing(
    client, cast, changed, field, sentence
):
    typed = TYPED | changed
    response = post(client, cast.manager, typed)
    form = response.context["form"]
    assert response.status_code == 200
    assert form.errors == {field: [sentence]}
    text = response.content.decode()
    assert sentence in text
    assert '<details class="more" open>' in text
    # A form's field cannot hold a null character, nor can a page.
    kept = [value.strip().replace("\x00", "\ufffd") for value in typed.values()]
    assert all(value in text.replace("\x00", "\ufffd") for value in kept)
    assert not Baseline.objects.exists()


def test_twice_in_one_week_is_refused(client, cast):
    post(client, cast.manager)
    response = post(client, cast.manager, {**TYPED, "from_week": "2026-11-22", "reason": "Again"})
    assert response.context["form"].errors == {
        "from_week": ["A baseline already starts in this week."]
    }
    assert 'value="Again"' in response.content.decode()
    assert Baseline.objects.get().reason == "A second phone line"


@pytest.mark.parametrize("who", ["owner", "member", "viewer", "stand_in"])
def test_who_is_no_manager_is_refused(client, cast, who):
    assert post(client, getattr(cast, who)).status_code == 403
    assert not Baseline.objects.exists()


def test_a_stranger_gets_404_as_for_no_such_kpi(client, cast):
    make_kpi(cast.stranger.practice, "Lasers")
    assert post(client, cast.stranger).status_code == 404
    assert post(client, cast.manager, kpi="lasers").status_code == 404
    assert post(client, cast.manager, kpi="nothing").status_code == 404
    assert not Baseline.objects.exists()


def test_anonymous_is_asked_to_sign_in(client, cast):
    response = client.post(address(), TYPED)
    assert response.url.startswith(reverse("account_login"))
    assert not Baseline.objects.exists()


def test_reading_leads_to_the_kpis_page_and_other_methods_nowhere(client, cast):
    client.force_login(cast.manager.user)
    assert client.get(address()).url == reverse("history", args=["lumina", "appointments"])
    assert client.put(address()).status_code == 405
