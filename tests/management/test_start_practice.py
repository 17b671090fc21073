"""manage.py start_practice: many practices from a file."""

from datetime import date, time
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.core import mail
from django.core.management import CommandError, call_command

from funnel.models import Ownership, Practice, Staff, Target, User
from kpi_practice.env import BASE_DIR
from tests.factories import TODAY, WEEK, make_superuser
from tests.sending import send_all

pytestmark = pytest.mark.django_db

EXAMPLE = BASE_DIR / "deploy/practices.example.toml"


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def root():
    return make_superuser()


@pytest.fixture
def file(tmp_path):
    return tmp_path / "practices.toml"


def start(path, **options):
    out = StringIO()
    call_command("start_practice", path, stdout=out, **options)
    return out.getvalue().splitlines()


def refusal(path, **options):
    with pytest.raises(CommandError) as refused:
        start(path, **options)
    return str(refused.value)


def test_founds_the_practices_of_the_example(root):
    assert start(EXAMPLE) == [
        "lumina-aesthetics: created with 3 people.",
        "harbor-skin-laser: created with 0 people; no owner: leads, appointments, "
        "patients-acquired.",
        "Created 2 practices.",
    ]
    lumina = Practice.objects.get(slug="lumina-aesthetics")
    assert (lumina.time_zone, lumina.currency) == ("America/New_York", "USD")
    value = lumina.patient_values.get()
    assert (value.value, value.from_week) == (Decimal(3200), WEEK.next.monday)
    assert lumina.began_on == WEEK.next.monday
    assert (lumina.meeting_weekday, lumina.meeting_time) == (0, time(9))
    assert lumina.start_step is None
    held = Ownership.objects.values_list("kpi__slug", "staff__name", "starts_on")
    assert sorted(held) == [
        ("appointments", "Maya", TODAY),
        ("leads", "Ana", TODAY),
        ("patients-acquired", "Dana", TODAY),
    ]
    assert Staff.objects.get(name="Ana").access == "admin"
    assert dict(Target.objects.values_list("kpi__slug", "value")) == {
        "leads": 100,
        "appointments": 40,
        "patients-acquired": 20,
    }
    assert mail.outbox == []


def test_a_second_run_changes_nothing_and_says_so(root):
    start(EXAMPLE)
    before = [model.history.count() for model in (Practice, Staff, Ownership, Target)]
    assert start(EXAMPLE) == [
        "lumina-aesthetics: already exists, nothing was changed.",
        "harbor-skin-laser: already exists, nothing was changed.",
        "Created 0 practices.",
    ]
    assert [model.history.count() for model in (Practice, Staff, Ownership, Target)] == before


def test_a_dry_run_says_the_same_and_changes_nothing(root):
    told = start(EXAMPLE, dry_run=True, invite=True)
    assert told[0] == "lumina-aesthetics: would be created with 3 people."
    assert told[-1] == "Would create 2 practices."
    assert not Practice.objects.exists()
    assert list(User.objects.all()) == [root]
    assert mail.outbox == []


def test_people_are_invited_where_that_is_asked_for(root):
    told = start(EXAMPLE, invite=True)
    assert "lumina-aesthetics: invited Ana, Dana, Maya." in told
    assert "harbor-skin-laser: invited no one." in told
    assert send_all() == {"delivered": 3}


def test_one_practice_that_is_refused_leaves_the_others(root, file):
    file.write_text(
        '[[practice]]\nname = "One"\ntime_zone = "UTC"\n'
        '[[practice.people]]\nname = "Vic"\nemail = "vic@one.example"\naccess = "viewer"\n'
        'answers_for = ["leads"]\n'
        '[[practice]]\nname = "Two"\ntime_zone = "UTC"\n'
        '[[practice.people]]\nname = "Ann"\nemail = "a@two.example"\n'
        '[[practice.people]]\nname = "Anne"\nemail = "A@two.example"\n'
        '[[practice]]\nname = "Three"\ntime_zone = "UTC"\nbegan_on = 2024-01-08\n'
    )
    assert refusal(file).splitlines() == [
        "one, leads: Vic is a viewer. Make them a member first.",
        "two, This person already has a place in this practice.",
    ]
    assert Practice.objects.get().began_on == date(2024, 1, 8)
    assert not User.objects.filter(email__contains="example").exclude(pk=root.pk).exists()


def test_a_first_day_that_no_calendar_holds_is_refused_in_words(root, file):
    file.write_text('[[practice]]\nname = "One"\ntime_zone = "UTC"\nbegan_on = 9999-12-31\n')
    assert refusal(file) == "one, began_on: Choose a day of this century."
    assert not Practice.objects.exists()


def test_a_file_that_is_wrong_anywhere_changes_nothing(root, file):
    file.write_text('[[practice]]\nname = "One"\ntime_zone = "UTC"\n[[practice]]\nname = "Two"\n')
    told = refusal(file)
    assert told.startswith(f"{file}: nothing was changed.\n")
    assert "practice 2 (Two), time_zone: Choose the time zone" in told
    assert not Practice.objects.exists()


def test_a_file_that_is_not_there_is_told(root, file):
    assert refusal(file) == f"{file} cannot be read: No such file or directory."
    assert "cannot be read" in refusal(Path(file).parent)


def test_somebody_founds_them(file):
    assert refusal(EXAMPLE) == "Create a superuser first: createsuperuser."
    make_superuser()
    User.objects.create_user("ana@lumina.example")
    assert refusal(EXAMPLE, by="ana@lumina.example") == "ana@lumina.example is not a superuser."
    second = make_superuser("second@example.com")
    start(EXAMPLE, by="Second@example.com")
    assert Practice.history.last().history_user == second
