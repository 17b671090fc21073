import pytest
import time_machine
from django.contrib.messages import get_messages
from django.core import mail

from funnel.actions import invitations
from funnel.models import Practice, Staff
from tests.factories import (
    answer_start,
    make_staff,
    make_start,
    make_superuser,
    make_target,
    root_seat,
)
from tests.sending import send_all
from tests.views.starting import TUESDAY, address, doors, leads_on, page_of, reached, stored

pytestmark = pytest.mark.django_db

URL = address("summary")


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel(TUESDAY, tick=False):
        yield


@pytest.fixture
def practice(client):
    """Nora owns leads, Maya appointments, no one patients acquired; Ada looks."""
    practice, ada = reached(Practice.Step.SUMMARY)
    answer_start(practice)
    client.force_login(ada.user)
    return practice


def finish(client, **typed):
    response = client.post(URL, typed)
    send_all()
    return response


def told(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_says_who_answers_for_what_and_when_they_meet(client, practice):
    make_target(practice.kpis.get(slug="leads"), 1200)
    text = page_of(client.get(URL))
    for words in (
        "Newton Skin is ready, except for 1 owner",
        "Patients acquired has no owner. Each patient lost there costs $3,200",
        "Maya, Receptionist",
        "1,200",
        "You meet on Mondays at 9:00 AM (New York time).",
        "<b>Monday, Nov 30</b>, about Nov 23 – 29, 2026",
        "An invitation goes to Maya (maya@newton.example), Nora (root@example.com).",
        "Send 2 invitations and finish",
    ):
        assert words in text
    assert "is its admin yet" not in text


def test_sending_invites_everyone_else_once_and_ends_on_the_dashboard(client, practice):
    response = finish(client, do="invite")
    assert response.url == practice.get_absolute_url()
    assert sorted(message.to[0] for message in mail.outbox) == [
        "maya@newton.example",
        "root@example.com",
    ]
    assert told(response) == ["An invitation is on its way to Maya, Nora."]
    practice.refresh_from_db()
    assert practice.start_step is None


def test_one_may_finish_without_inviting(client, practice):
    response = finish(client, do="finish")
    assert response.url == practice.get_absolute_url()
    assert mail.outbox == []
    practice.refresh_from_db()
    assert practice.start_step is None


def test_whoever_was_invited_is_not_invited_again_unless_asked(client, practice):
    maya = Staff.objects.get(name="Maya")
    invitations.invite(by=root_seat(practice), staff=maya)
    invitations.invite(by=root_seat(practice), staff=Staff.objects.get(name="Nora"))
    send_all()
    mail.outbox.clear()
    text = page_of(client.get(URL))
    assert "Already invited. Send again?" in text
    assert "Maya (maya@newton.example), Nov 24" in text
    finish(client, do="invite", again=[maya.pk])
    assert [message.to for message in mail.outbox] == [["maya@newton.example"]]


def test_choosing_someone_elses_staff_says_its_sentence_and_sends_nothing(client, practice):
    before = stored()
    for again in ("999999", str(2**63), "\0"):
        response = client.post(URL, {"do": "invite", "again": again})
        assert "Choose people of this practice." in page_of(response)
    assert (stored(), mail.outbox) == (before, [])


def test_a_practice_without_an_admin_is_told_so(client):
    practice = make_start(your_name="")
    Practice.objects.update(start_step=Practice.Step.SUMMARY)
    client.force_login(make_superuser())
    text = page_of(client.get(URL))
    assert "The practice has no admin yet" in text
    assert ">Finish</button>" in text
    make_staff(practice, "Ada", access="admin")
    assert "is its admin yet" not in page_of(client.get(URL))


def test_the_doors(client, practice):
    doors(client, practice, "summary", do="finish")


def test_leads_to_where_the_start_is(client, practice):
    leads_on(client, practice, "summary")


@pytest.mark.parametrize("many", [0, 30])
def test_five_statements_for_few_and_many(client, practice, django_assert_num_queries, many):
    for number in range(many):
        make_staff(practice, f"Name{number}", "Doctor")
    with django_assert_num_queries(5):
        client.get(URL)
