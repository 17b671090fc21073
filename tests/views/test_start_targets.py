from decimal import Decimal

import pytest
import time_machine

from funnel.actions import starts
from funnel.models import Practice, Target
from tests.factories import WEEK, close_week, make_staff, root_seat
from tests.views.starting import TUESDAY, address, doors, leads_on, page_of, reached, stored

pytestmark = pytest.mark.django_db

URL = address("targets")
TYPED = {"leads": "1,000", "appointments": "40", "patients-acquired": "20"}


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel(TUESDAY, tick=False):
        yield


@pytest.fixture
def practice(client):
    practice, ada = reached(Practice.Step.TARGETS)
    client.force_login(ada.user)
    return practice


def targets():
    return dict(Target.objects.values_list("kpi__slug", "value"))


def test_targets_are_set_and_shown_again(client, practice):
    assert client.post(URL, TYPED).url == address("spreadsheet")
    assert targets() == {
        "leads": Decimal(1000),
        "appointments": Decimal(40),
        "patients-acquired": Decimal(20),
    }
    text = page_of(client.get(URL))
    for value in ("1000", "40", "20"):
        assert f'value="{value}"' in text


def test_a_field_that_is_emptied_takes_its_target_back(client, practice):
    client.post(URL, TYPED)
    client.post(URL, {**TYPED, "leads": "", "appointments": "50"})
    assert targets() == {"appointments": Decimal(50), "patients-acquired": Decimal(20)}


def test_one_may_start_without(client, practice):
    assert client.post(URL, {**TYPED, "leads": "many", "do": "without"}).url == address(
        "spreadsheet"
    )
    assert targets() == {}
    practice.refresh_from_db()
    assert practice.start_step == Practice.Step.SPREADSHEET


def test_empty_fields_are_a_start_without_too(client, practice):
    assert client.post(URL, {}).url == address("spreadsheet")
    assert targets() == {}


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("4.5", "Enter a whole number, without decimals."),
        ("-4", "Enter 0 or more. This number cannot be negative."),
        ("four\0", "Enter the number in digits only, as in 1234 or 1,234."),
    ],
)
def test_bad_input_says_its_sentence_changes_nothing_and_loses_nothing(
    client, practice, typed, sentence
):
    before = stored()
    bad = {**TYPED, "appointments": typed}
    response = client.post(URL, bad)
    assert sentence in page_of(response)
    form = response.context["form"]
    assert {name: form[name].value() for name in bad} == bad
    assert stored() == before


def test_what_a_closed_week_keeps_is_said_in_words(client, practice):
    starts.bring_numbers(by=root_seat(practice), began_on=WEEK.monday)
    practice.refresh_from_db()
    client.post(URL, TYPED)
    close_week(make_staff(practice, "Mo", access="manager"))
    before = stored()
    text = page_of(client.post(URL, {**TYPED, "leads": ""}))
    assert f"The week {WEEK.label} is closed." in text
    assert stored() == before


def test_the_doors(client, practice):
    doors(client, practice, "targets", **TYPED)


def test_leads_to_where_the_start_is(client, practice):
    leads_on(client, practice, "targets")


def test_five_statements(client, practice, django_assert_num_queries):
    with django_assert_num_queries(5):
        client.get(URL)
