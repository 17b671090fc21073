import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.urls import reverse

from funnel.models import AddressChange, User
from tests.sending import send_all

pytestmark = pytest.mark.django_db(transaction=True)

URL = "/address/"
PASSWORD = "a-long-enough-one"


@pytest.fixture
def maya(client):
    """Signed in, and asked for the password once more."""
    user = User.objects.create_user("maya@lumina.example", PASSWORD)
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    # Its messages.
    client.get(URL)
    return user


def test_says_the_address_and_sends_two_links(client, maya, mailoutbox):
    assert maya.email in client.get(URL).content.decode()
    response = client.post(URL, {"new_email": "new@lumina.example"}, follow=True)
    text = response.content.decode()
    assert "We sent two mails" in text
    send_all()
    assert "new@lumina.example waits to be confirmed from both addresses" in text
    assert len(mailoutbox) == 2


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Write the new address."),
        ("maya", "Write it as in maya@lumina.example."),
        ("MAYA@lumina.example", "You sign in with this address already."),
    ],
)
def test_a_refused_one_keeps_what_was_typed(client, maya, typed, sentence):
    text = client.post(URL, {"new_email": typed}).content.decode()
    assert sentence in text
    assert f'value="{typed}"' in text or not typed
    assert not AddressChange.objects.exists()


def test_a_known_and_an_unknown_address_are_answered_alike(client, maya):
    User.objects.create_user("dana@lumina.example")
    answers = []
    for address in ("dana@lumina.example", "nobody@lumina.example"):
        response = client.post(URL, {"new_email": address}, follow=True)
        answers.append(response.content.decode().replace(address, "…"))
    first, second = (re_token(text) for text in answers)
    assert first == second


def re_token(text):
    """The page without the token of its form."""
    head, *rest = text.split('name="csrfmiddlewaretoken" value="')
    return head + "".join(part.split('"', 1)[1] for part in rest)


def test_an_open_browser_is_not_enough(client, maya, mailoutbox):
    """An hour after the password was typed it is asked for again."""
    session = client.session
    for record in session[AUTHENTICATION_METHODS_SESSION_KEY]:
        record["at"] -= 3600
    session.save()
    for response in (client.get(URL), client.post(URL, {"new_email": "new@lumina.example"})):
        assert response.url.startswith(reverse("account_reauthenticate"))
    assert (mailoutbox, AddressChange.objects.count()) == ([], 0)


def test_anonymous_is_asked_to_sign_in(client):
    assert client.get(URL).url.startswith(reverse("account_login"))
