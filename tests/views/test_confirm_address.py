from datetime import UTC, datetime

import pytest

from funnel.actions import addresses
from funnel.models import User
from tests.sending import send_all

pytestmark = pytest.mark.django_db(transaction=True)

OLD, NEW = "maya@lumina.example", "new@lumina.example"


@pytest.fixture
def paths(mailoutbox):
    """The mailed pages, by recipient."""
    user = User.objects.create_user(OLD)
    addresses.ask(by=user, email=NEW, now=datetime.now(UTC))
    send_all()
    return {
        mail.to[0]: "/address/" + mail.body.split("/address/")[1].split()[0] for mail in mailoutbox
    }


def test_reading_changes_nothing_and_the_button_confirms(client, paths):
    text = client.get(paths[NEW]).content.decode()
    assert "Yes, change it" in text
    assert NEW in text
    assert User.objects.get().email == OLD
    text = client.post(paths[NEW]).content.decode()
    assert f"open the mail to {OLD}" in text
    assert User.objects.get().email == OLD
    text = client.post(paths[OLD]).content.decode()
    assert "Your address is changed" in text
    assert User.objects.get().email == NEW


def test_a_used_and_a_wrong_link_are_not_there(client, paths):
    for path in paths.values():
        client.post(path)
    for path in (*paths.values(), "/address/wrong/"):
        assert client.get(path).status_code == 404
        assert client.post(path).status_code == 404


def test_an_address_that_is_taken_by_then_is_refused(client, paths):
    User.objects.create_user(NEW)
    client.post(paths[OLD])
    response = client.post(paths[NEW])
    assert response.status_code == 409
    assert "Someone already signs in with this address." in response.content.decode()


def test_the_address_of_the_page_is_told_to_nobody(client, paths):
    response = client.get(paths[OLD])
    assert response["Referrer-Policy"] == "strict-origin"
    assert "noindex" in response["X-Robots-Tag"]
    assert "no-store" in response["Cache-Control"]
