import re

import pytest
import time_machine

from funnel.models import KPI, Ownership, Practice, Staff
from tests.factories import TODAY, answer_start, make_practice, make_staff, make_target
from tests.views.starting import TUESDAY, address, doors, page_of, reached, stored

pytestmark = pytest.mark.django_db

Step = Practice.Step
NONE = {
    "leads-who": "none",
    "appointments-who": "none",
    "patients-acquired-who": "none",
    "patients-acquired-role": "Patient coordinator",
}
TEAM = {
    "leads-who": "new",
    "leads-name": "Tom",
    "leads-title": "Office manager",
    "leads-email": "tom@newton.example",
    "appointments-who": "new",
    "appointments-name": "Maya",
    "appointments-email": "maya@newton.example",
    "patients-acquired-role": "Doctor",
    "patients-acquired-who": "new",
    "patients-acquired-name": "Dee",
    "patients-acquired-title": "MD",
    "patients-acquired-email": "dee@newton.example",
}
URL = address("who")


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel(TUESDAY, tick=False):
        yield


@pytest.fixture
def practice(client):
    practice, ada = reached(Step.WHO)
    client.force_login(ada.user)
    return practice


def owners():
    return dict(Ownership.objects.on(TODAY).values_list("kpi__slug", "staff__name"))


def test_asks_the_three_questions_in_the_fields_own_words(client, practice):
    text = page_of(client.get(URL))
    for words in (
        "Who manages your marketing?",
        "Usually an office or marketing manager.",
        "Who books at the front desk?",
        "Who plays the larger role in turning appointments into patients?",
        "No one yet? Each patient lost there costs $3,200, unnoticed.",
    ):
        assert words in text
    for kpi in practice.kpis.all():
        assert kpi.definition in text
    assert text.count('<option value="new" selected>') == 3
    # Shown to browsers without our script.
    assert text.count('<fieldset class="start-new" data-new>') == 3


def test_with_targets_it_says_what_no_one_would_put_at_risk(client, practice):
    for kpi, value in zip(practice.kpis.order_by("pk"), (100, 40, 20), strict=True):
        make_target(kpi, value)
    assert "No one yet? All 20 patients ($64,000) of your weekly target" in page_of(client.get(URL))


def test_people_are_added_as_one_goes_and_own_what_they_answer_for(client, practice):
    assert client.post(URL, TEAM).url == address("targets")
    assert owners() == {"leads": "Tom", "appointments": "Maya", "patients-acquired": "Dee"}
    told = Staff.objects.exclude(name__in=["Nora", "Ada"]).order_by("name")
    assert list(told.values_list("name", "title", "user__email", "roles__name")) == [
        ("Dee", "MD", "dee@newton.example", "Doctor"),
        ("Maya", "", "maya@newton.example", "Front desk"),
        ("Tom", "Office manager", "tom@newton.example", "Marketing"),
    ]
    assert KPI.objects.get(slug="patients-acquired").role.name == "Doctor"


def test_going_back_shows_what_was_saved_and_changing_it_works(client, practice):
    client.post(URL, TEAM)
    tom = Staff.objects.get(name="Tom")
    text = page_of(client.get(URL))
    assert f'<option value="{tom.pk}" selected>Tom, Office manager</option>' in text
    assert re.search(r'value="Doctor"[^>]*checked', text)
    changed = {**NONE, "leads-who": tom.pk, "appointments-who": tom.pk}
    assert client.post(URL, changed).url == address("targets")
    assert owners() == {"leads": "Tom", "appointments": "Tom"}
    assert KPI.objects.get(slug="patients-acquired").role.name == "Patient coordinator"
    assert '<option value="none" selected>No one yet</option>' in page_of(client.get(URL))


def test_whoever_starts_may_choose_themselves(client, practice):
    nora = Staff.objects.get(name="Nora")
    client.post(URL, {**NONE, "leads-who": nora.pk})
    assert owners() == {"leads": "Nora"}


def test_no_one_yet_is_an_answer(client, practice):
    assert client.post(URL, NONE).url == address("targets")
    assert owners() == {}
    assert page_of(client.get(URL)).count('<option value="none" selected>') == 3


def test_a_double_click_adds_each_person_once(client, practice):
    client.post(URL, TEAM)
    assert client.post(URL, TEAM).url == address("targets")
    assert Staff.objects.filter(practice=practice).count() == 5
    assert len(owners()) == 3


def test_nothing_answered_asks_for_it_and_changes_nothing(client, practice):
    before = stored()
    text = page_of(client.post(URL, {}))
    assert text.count("Choose the owner, add someone, or choose “No one yet”.") == 3
    assert "Choose the doctor or the patient coordinator." in text
    assert stored() == before


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("leads-name", "", "Enter their name, as the team calls them."),
        ("leads-email", "tom", "Write an e-mail address, as in tom@practice.example."),
        ("appointments-title", "\0", "Write it again without special characters."),
        ("leads-who", "none", "You entered a new person."),
        ("patients-acquired-who", str(2**63), "Choose the owner, add someone"),
        ("patients-acquired-role", "Boss", "Choose the doctor or the patient coordinator."),
    ],
)
def test_bad_input_says_its_sentence_changes_nothing_and_loses_nothing(
    client, practice, field, typed, sentence
):
    before = stored()
    bad = {**TEAM, field: typed}
    response = client.post(URL, bad)
    assert sentence in page_of(response)
    forms = [form for _, form in response.context["questions"]]
    shown = {it.html_name: it.value() for form in forms for it in form}
    assert {name: shown[name] for name in bad} == bad
    assert stored() == before


def test_what_the_action_refuses_stands_beside_its_question(client, practice):
    vic = make_staff(practice, "Vic", access="viewer")
    before = stored()
    chosen = {"appointments-who": vic.pk, "appointments-name": "", "appointments-email": ""}
    response = client.post(URL, {**TEAM, **chosen})
    assert "Vic is a viewer. Make them a member first." in page_of(response)
    refused = [duty.kpi.slug for duty, form in response.context["questions"] if form.errors]
    assert refused == ["appointments"]
    assert stored() == before


def test_nobody_of_another_practice_can_be_chosen(client, practice):
    hal = make_staff(make_practice("harbor"), "Hal", "Marketing")
    before = stored()
    text = page_of(client.post(URL, {**NONE, "leads-who": hal.pk}))
    assert "Choose the owner" in text
    assert "Hal" not in text
    assert stored() == before


def test_names_are_text_and_never_markup(client, practice):
    client.post(URL, {**TEAM, "leads-name": "<b>Tom</b>"})
    assert "&lt;b&gt;Tom&lt;/b&gt;" in page_of(client.get(URL))


def test_the_doors(client, practice):
    doors(client, practice, "who", **TEAM)


def test_a_finished_start_shows_the_dashboard(client, practice):
    Practice.objects.update(start_step=None)
    for answer in (client.get(URL), client.post(URL, TEAM)):
        assert answer.url == practice.get_absolute_url()
    assert owners() == {}


@pytest.mark.parametrize("many", [0, 30])
def test_five_statements_for_few_and_many(client, practice, django_assert_num_queries, many):
    answer_start(practice)
    for number in range(many):
        make_staff(practice, f"Name{number}", "Doctor")
    with django_assert_num_queries(5):
        client.get(URL)
