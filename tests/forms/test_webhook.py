"""forms/webhook.py"""

import pytest

from funnel.forms.webhook import WebhookForm

NO_ADDRESS = "This is no address. Write it as in https://example.com/kpi, without a password."
PRIVATE = "This address is of a private network, which is not called."
NO_HTTPS = "Write an address that begins with https."
TYPED = {"url": "https://example.com/kpi?key=1", "wants_entries": "on", "once": "k"}


def form(**changes):
    return WebhookForm({**TYPED, **changes})


def test_reads_what_was_typed():
    filled = form()
    assert filled.is_valid()
    assert filled.cleaned_data == {
        "url": "https://example.com/kpi?key=1",
        "wants_entries": True,
        "wants_closings": False,
        "wants_unowned": False,
        "once": "k",
    }


def test_offers_everything_and_another_word_each_time():
    one, other = WebhookForm(), WebhookForm()
    assert one["wants_unowned"].value() is True
    assert one["once"].value() != other["once"].value()


@pytest.mark.parametrize("url", ["https://8.8.8.8/x", "https://[2606:4700:4700::1111]:8443/"])
def test_a_public_number_will_do(url):
    assert form(url=url).is_valid()


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "Write the address, as in https://example.com/kpi."),
        ("  ", "Write the address, as in https://example.com/kpi."),
        ("https://" + "x" * 500, "Use at most 500 characters."),
        ("https://a\0b", "Write it again without special characters."),
        ("example.com", NO_ADDRESS),
        ("https://", NO_ADDRESS),
        ("https://exa mple.com", NO_ADDRESS),
        ("https://example.com:port/", NO_ADDRESS),
        ("https://example.com:99999/", NO_ADDRESS),
        ("https://me:secret@example.com/", NO_ADDRESS),
        ("https://[::1", NO_ADDRESS),
        ("https://ex\u00e4mple.com/", NO_ADDRESS),
        ("http://example.com/", NO_HTTPS),
        ("javascript://example.com/", NO_HTTPS),
        ("https://127.0.0.1/", PRIVATE),
        ("https://10.0.0.8/", PRIVATE),
        ("https://169.254.169.254/latest", PRIVATE),
        ("https://[::1]/", PRIVATE),
        ("https://[::ffff:10.0.0.1]/", PRIVATE),
        ("https://2130706433/", PRIVATE),
        ("https://localhost/", PRIVATE),
    ],
)
def test_says_what_is_wrong_with_an_address_and_keeps_it(url, sentence):
    filled = form(url=url)
    assert not filled.is_valid()
    assert filled.errors == {"url": [sentence]}
    assert filled["url"].value() == url


def test_a_private_host_will_do_where_the_settings_allow_it(settings):
    settings.WEBHOOK_PRIVATE_HOSTS = ["10.0.0.8"]
    assert form(url="http://10.0.0.8/kpi").is_valid()
    assert not form(url="http://10.0.0.9/kpi").is_valid()


def test_something_is_to_be_told():
    filled = form(wants_entries="")
    assert filled.errors == {
        "wants_unowned": ["Choose at least one thing that the address is told."]
    }


@pytest.mark.parametrize("once", ["", "x" * 61, "a\0b"])
def test_a_form_that_lost_its_word_is_not_taken(once):
    assert form(once=once).errors == {"once": ["The form came incomplete. Open this page again."]}
