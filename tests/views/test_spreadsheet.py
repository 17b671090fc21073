from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from funnel.forms.spreadsheet import TOO_OFTEN
from funnel.models import Import, WeeklyEntry
from funnel.sheets import bounds, reading
from funnel.views.spreadsheet import UPLOADS
from tests.cast import make_cast
from tests.factories import WEEK, make_import

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
TEXT = b"Week,Leads\n2026-W47,95\n"


@pytest.fixture(autouse=True)
def clock():
    cache.clear()
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def cast():
    return make_cast()


def url(slug="lumina"):
    return reverse("import", args=[slug])


def words(response):
    return " ".join(response.content.decode().split())


def page(client, person, query=""):
    client.force_login(person.user)
    return client.get(url() + query)


def send(client, person, content=TEXT, name="numbers.csv", **fields):
    client.force_login(person.user)
    return client.post(url(), {"file": SimpleUploadedFile(name, content), **fields})


@pytest.mark.parametrize("who", ["manager", "admin"])
def test_a_manager_chooses_a_file(client, cast, who):
    response = page(client, getattr(cast, who))
    assert response.status_code == 200
    assert "Import numbers from a spreadsheet" in words(response)
    assert 'enctype="multipart/form-data"' in words(response)
    assert reverse("export-file", args=["lumina", "entries-wide", "xlsx"]) in words(response)


def test_a_file_that_is_read_leads_to_its_page_and_writes_nothing(client, cast):
    response = send(client, cast.manager)
    draft = Import.objects.get()
    assert response.status_code == 302
    assert response.url == reverse("import-file", args=["lumina", draft.pk])
    assert (draft.file_name, draft.new) == ("numbers.csv", 1)
    assert not WeeklyEntry.objects.exists()


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"", "a.csv", reading.NOTHING),
        (b"x", "a.exe", reading.OTHER),
        (b"PK\x03\x04", "a.xlsx", "The workbook cannot be read."),
        (b"Dear,all\n", "a.csv", "No weeks were found."),
        (b"Week,Leads\n2026-W47,5\0\n", "a.csv", bounds.UNREADABLE),
        (b"x" * (bounds.MAX_BYTES + 1), "a.csv", reading.TOO_BIG),
        (b"x" * 6_100_000, "a.csv", reading.TOO_BIG),
    ],
    ids=["empty", "another kind", "damaged", "no weeks", "nul", "too big", "far too big"],
)
def test_a_file_that_is_not_read_says_why(client, cast, content, name, sentence):
    response = send(client, cast.manager, content, name)
    assert response.status_code == 200
    assert sentence in words(response)
    assert not Import.objects.exists()


def test_no_file_is_asked_for(client, cast):
    client.force_login(cast.manager.user)
    for typed in ({}, {"file": "text"}, {"file": "\0"}):
        assert "Choose a .csv or .xlsx file." in words(client.post(url(), typed))
    assert not Import.objects.exists()


def test_too_many_files_wait(client, cast):
    for _ in range(UPLOADS.most):
        assert send(client, cast.manager).status_code == 302
    response = send(client, cast.manager)
    assert TOO_OFTEN in words(response)
    assert send(client, cast.admin).status_code == 302


def test_names_are_text_and_never_markup(client, cast):
    make_import(cast.admin, ["Week", "Leads"], [str(WEEK), 5], name="<i>x</i>.csv")
    text = words(page(client, cast.manager))
    assert "&lt;i&gt;x&lt;/i&gt;.csv" in text
    assert "<i>" not in text


def test_lists_what_was_imported(client, cast, clock):
    draft = make_import(cast.manager, ["Week", "Leads"], [str(WEEK), 5])
    assert "not imported yet" in words(page(client, cast.manager))
    address = reverse("import-file", args=["lumina", draft.pk])
    client.post(address, {"do": "import", "reason": "x"})
    assert "1 new, 0 changed" in words(page(client, cast.manager))
    client.post(address, {"do": "undo"})
    text = words(page(client, cast.manager))
    assert "undone</span> by Ana, Nov 24, 2026, 10:00 AM" in text  # In New York.
    clock.shift(timedelta(days=2))
    make_import(cast.admin, ["Week", "Leads"], [str(WEEK), 5], name="late.csv")
    clock.shift(timedelta(days=2))
    assert "late.csv" not in words(page(client, cast.manager))


@pytest.mark.parametrize(
    ("wished", "offered"),
    [
        ("/start/lumina/5/", True),
        ("/practices/lumina/?a=b&c=d", True),
        ("https://evil.example/", False),
        ("//evil.example/", False),
        ("javascript:alert(1)", False),
        ("start/", False),
        ("", False),
    ],
)
def test_the_way_back_leads_to_a_page_of_ours_or_nowhere(client, cast, wished, offered):
    client.force_login(cast.manager.user)
    text = words(client.get(url(), {"next": wished}))
    assert ("Back to the start" in text) == offered
    response = send(client, cast.manager, next=wished)
    assert ("?next=" in response.url) == offered
    assert "evil" not in response.url
    if offered:
        assert "Back to the start" not in words(client.get(response.url))
        client.post(response.url, {"do": "import", "reason": "x", "next": wished})
        assert "Back to the start" in words(client.get(response.url))


@pytest.mark.parametrize("who", ["viewer", "member", "owner", "stand_in"])
def test_whoever_is_no_manager_gets_403(client, cast, who):
    assert page(client, getattr(cast, who)).status_code == 403
    assert send(client, getattr(cast, who)).status_code == 403
    assert not Import.objects.exists()


def test_a_stranger_gets_404_as_for_no_such_practice(client, cast):
    client.force_login(cast.stranger.user)
    for slug in ("lumina", "nowhere"):
        assert client.get(url(slug)).status_code == 404
        assert client.post(url(slug), {}).status_code == 404


def test_anonymous_is_asked_to_sign_in(client, cast):
    for response in (client.get(url()), client.post(url(), {})):
        assert response.url.startswith(reverse("account_login"))


def test_nothing_else_than_reading_and_sending(client, cast):
    client.force_login(cast.manager.user)
    assert client.put(url()).status_code == 405
    assert client.head(url()).status_code == 200


@pytest.mark.parametrize("many", [1, 19])
def test_three_statements_for_one_import_and_many(client, cast, django_assert_num_queries, many):
    made = {"practice": cast.practice, "file_name": "x", "made_by": cast.superuser}
    for _ in range(many):
        Import.objects.create(**made, made_at=NOW, done_at=NOW, done_by=cast.superuser)
    client.force_login(cast.manager.user)
    with django_assert_num_queries(3):
        client.get(url())
