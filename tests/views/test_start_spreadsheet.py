from datetime import date

import pytest
import time_machine
from django.core.exceptions import ValidationError

from funnel.actions import starts
from funnel.models import Practice
from tests.factories import WEEK
from tests.views.starting import TUESDAY, address, doors, leads_on, page_of, reached, stored

pytestmark = pytest.mark.django_db

URL = address("spreadsheet")
IMPORT = "/practices/newton-skin/import/?next=%2Fstart%2Fnewton-skin%2Fsummary%2F"


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel(TUESDAY, tick=False):
        yield


@pytest.fixture
def practice(client):
    practice, ada = reached(Practice.Step.SPREADSHEET)
    client.force_login(ada.user)
    return practice


def test_asks_for_a_file_and_lets_one_go_on_without(client, practice):
    text = page_of(client.get(URL))
    assert "Skip" in text
    assert 'value="2026-11-23"' in text
    assert client.post(URL, {"do": "go", "began_on": "nonsense"}).url == address("summary")
    practice.refresh_from_db()
    assert (practice.start_step, practice.began_on) == (Practice.Step.SUMMARY, WEEK.next.monday)


def test_a_file_with_earlier_numbers_moves_the_first_day_back(client, practice):
    assert client.post(URL, {"do": "import", "began_on": "2024-01-08"}).url == IMPORT
    practice.refresh_from_db()
    assert (practice.start_step, practice.began_on) == (Practice.Step.SUMMARY, date(2024, 1, 8))
    assert f'href="{address("summary")}"' in page_of(client.get(IMPORT))


@pytest.mark.parametrize("day", ["", "2026-11-24"])
def test_a_file_without_earlier_numbers_leaves_the_first_day(client, practice, day):
    assert client.post(URL, {"do": "import", "began_on": day}).url == IMPORT
    practice.refresh_from_db()
    assert practice.began_on == WEEK.next.monday


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("soon", "Choose a day, as in 2024-01-08."),
        ("2027-01-01", "This day is in the future."),
        ("1999-12-31", "Choose a day from 2000 on."),
    ],
)
def test_bad_input_says_its_sentence_changes_nothing_and_loses_nothing(
    client, practice, typed, sentence
):
    before = stored()
    response = client.post(URL, {"do": "import", "began_on": typed})
    assert sentence in page_of(response)
    assert response.context["form"]["began_on"].value() == typed
    assert stored() == before


def test_the_doors(client, practice):
    doors(client, practice, "spreadsheet", do="go")


def test_leads_to_where_the_start_is(client, practice):
    leads_on(client, practice, "spreadsheet")


def test_five_statements(client, practice, django_assert_num_queries):
    with django_assert_num_queries(5):
        client.get(URL)


def test_what_the_action_refuses_is_said_beside_its_field(client, practice, monkeypatch):
    def refuse(**_):
        raise ValidationError({"began_on": "It was changed in the meantime."})

    monkeypatch.setattr(starts, "bring_numbers", refuse)
    text = page_of(client.post(URL, {"do": "import", "began_on": "2024-01-08"}))
    assert "It was changed in the meantime." in text
