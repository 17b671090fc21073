import pytest
import time_machine
from django.core.exceptions import ValidationError

from funnel.actions import practices
from funnel.models import Practice
from tests.factories import make_practice
from tests.views.starting import TUESDAY, address, doors, page_of, reached, stored

pytestmark = pytest.mark.django_db

TYPED = {
    "name": "Newton Skin",
    "time_zone": "America/Denver",
    "currency": "CAD",
    "meeting_weekday": "3",
    "meeting_time": "14:30",
    "value_per_patient": "",
}


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel(TUESDAY, tick=False):
        yield


@pytest.fixture
def practice(client):
    practice, ada = reached(Practice.Step.WHO)
    client.force_login(ada.user)
    return practice


def test_shows_what_was_saved(client, practice):
    text = page_of(client.get(address("practice")))
    for stored_value in ('value="Newton Skin"', 'value="3200"', 'value="09:00"'):
        assert stored_value in text
    assert '<option value="America/New_York" selected>' in text
    assert "Your name there" not in text


def test_saves_what_is_changed_and_goes_on(client, practice):
    assert client.post(address("practice"), TYPED).url == address("who")
    practice.refresh_from_db()
    assert (practice.time_zone, practice.currency) == ("America/Denver", "CAD")
    assert practice.patient_values.latest("from_week").value is None
    assert practice.slug == "newton-skin"


def test_bad_input_says_its_sentence_changes_nothing_and_loses_nothing(client, practice):
    before = stored()
    bad = {**TYPED, "name": "", "meeting_time": "noon"}
    response = client.post(address("practice"), bad)
    text = page_of(response)
    assert "Enter the name of the practice." in text
    assert "Write the time as in 09:00 or 14:30." in text
    form = response.context["form"]
    assert {name: form[name].value() for name in bad} == bad
    assert stored() == before


def test_another_practices_name_is_its_own_too(client, practice):
    make_practice("other", name="Other")
    client.post(address("practice"), {**TYPED, "name": "Other"})
    assert Practice.objects.filter(name="Other").count() == 2


def test_the_doors(client, practice):
    doors(client, practice, "practice", **TYPED)


def test_a_finished_start_shows_the_dashboard(client, practice):
    Practice.objects.update(start_step=None)
    for answer in (client.get(address("practice")), client.post(address("practice"), TYPED)):
        assert answer.url == practice.get_absolute_url()
    practice.refresh_from_db()
    assert practice.currency == "USD"


def test_five_statements(client, practice, django_assert_num_queries):
    with django_assert_num_queries(5):
        client.get(address("practice"))


def test_what_the_action_refuses_is_said_beside_its_field(client, practice, monkeypatch):
    def refuse(**_):
        raise ValidationError({"name": "It was changed in the meantime."})

    monkeypatch.setattr(practices, "change", refuse)
    text = page_of(client.post(address("practice"), TYPED))
    assert "It was changed in the meantime." in text
