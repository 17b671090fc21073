"""forms/start_file.py: practices as a file names them, and what is wrong with a file."""

from datetime import date, time
from decimal import Decimal

import pytest

from funnel.forms.start_file import MOST_BYTES, PersonRow, PracticeFileRefused, read

HEAD = '[[practice]]\nname = "Newton Skin"\ntime_zone = "America/Denver"\n'
TOM = '[[practice.people]]\nname = "Tom"\nemail = "tom@newton.example"\n'


def refused(text):
    with pytest.raises(PracticeFileRefused) as refusal:
        read(text.encode() if isinstance(text, str) else text)
    return list(refusal.value.sentences)


def test_a_name_and_a_time_zone_are_enough():
    (row,) = read(HEAD.encode())
    assert row.slug == "newton-skin"
    assert row.settings == {
        "name": "Newton Skin",
        "slug": "newton-skin",
        "time_zone": "America/Denver",
        "currency": "USD",
        "meeting_weekday": 0,
        "meeting_time": time(9),
        "value_per_patient": None,
        "patients_role": "Patient coordinator",
    }
    assert (row.people, row.targets) == ((), {})


def test_everything_may_be_said():
    (row,) = read(
        (
            HEAD + 'slug = "newton"\ncurrency = "CAD"\nmeeting_weekday = "Thursday"\n'
            "meeting_time = 14:30:00\nvalue_per_patient = 3200.50\n"
            'patients_role = "Doctor"\nbegan_on = 2024-01-08\n'
            + TOM
            + 'title = "Manager"\naccess = "admin"\nanswers_for = ["leads", "appointments"]\n'
            "[practice.targets]\nleads = 100\n"
        ).encode()
    )
    assert row.settings["value_per_patient"] == Decimal("3200.50")
    assert (row.settings["meeting_weekday"], row.settings["meeting_time"]) == (3, time(14, 30))
    assert row.settings["began_on"] == date(2024, 1, 8)
    assert row.people == (
        PersonRow("Tom", "Manager", "tom@newton.example", "admin", ("leads", "appointments")),
    )
    assert row.targets == {"leads": Decimal(100)}


WHERE = "practice 1 (Newton Skin)"


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("", ["The file has no practice. Start with [[practice]]."]),
        ("practice = []", ["The file has no practice. Start with [[practice]]."]),
        ("practice = [3]", ["practice 1: write a [[practice]] table."]),
        ('title = "x"', ["title: unknown. The file contains [[practice]] tables."]),
        (
            HEAD + "value = 3\n",
            [
                f"{WHERE}, value: unknown. Known are name, time_zone, currency, meeting_weekday, "
                "meeting_time, value_per_patient, slug, patients_role, began_on."
            ],
        ),
        (
            HEAD + "value_per_patient = -1\n",
            [f"{WHERE}, value_per_patient: Enter 0 or more. This number cannot be negative."],
        ),
        (
            HEAD + "value_per_patient = 1e999999\n",
            [f"{WHERE}, value_per_patient: Enter the number in digits only, as in 1234 or 1,234."],
        ),
        (
            HEAD + "value_per_patient = nan\n",
            [f"{WHERE}, value_per_patient: Enter the number in digits only, as in 1234 or 1,234."],
        ),
        (
            HEAD + 'meeting_weekday = "Funday"\n',
            [f"{WHERE}, meeting_weekday: Choose a day from Monday to Sunday for the meeting."],
        ),
        (
            HEAD + 'slug = "no good"\n',
            [f"{WHERE}, slug: Write it in letters, digits and hyphens, as in lumina-downtown."],
        ),
        (
            HEAD + 'patients_role = "Nurse"\n',
            [f"{WHERE}, patients_role: Write Doctor or Patient coordinator."],
        ),
        (HEAD + "currency = true\n", [f"{WHERE}, currency: Choose a currency from the list."]),
        (
            '[[practice]]\nname = "a\\u0000b"\ntime_zone = "UTC"\n',
            ["practice 1 (a\0b), name: Write it again without special characters."],
        ),
        (
            '[[practice]]\nname = "美容"\ntime_zone = "UTC"\n',
            [
                "practice 1 (美容), slug: Enter a short name in lowercase letters, "
                "as in lumina-downtown."
            ],
        ),
        (HEAD + "people = 3\n", [f"{WHERE}, people: write [[practice.people]] tables."]),
        (HEAD + "people = [3]\n", [f"{WHERE}, person 1: write a [[practice.people]] table."]),
        (
            HEAD + "[[practice.people]]\n",
            [
                f"{WHERE}, person 1, name: Enter their name, as the team calls them.",
                f"{WHERE}, person 1, email: Enter their e-mail address: they sign in with it.",
            ],
        ),
        (
            HEAD + TOM + 'access = "boss"\n',
            [f"{WHERE}, person 1, access: Choose viewer, member, manager or admin."],
        ),
        (
            HEAD + TOM + 'answers_for = ["money"]\n',
            [
                f"{WHERE}, person 1, answers_for: write a list of leads, appointments, "
                "patients-acquired."
            ],
        ),
        (
            HEAD
            + TOM
            + 'answers_for = ["leads"]\n'
            + TOM.replace("Tom", "Ann").replace("tom@", "ann@")
            + 'answers_for = ["leads"]\n',
            [f"{WHERE}, leads: Tom and Ann are its owners. Name one."],
        ),
        (HEAD + "targets = 3\n", [f"{WHERE}, targets: write a [practice.targets] table."]),
        (
            HEAD + "[practice.targets]\nmoney = 3\n",
            [f"{WHERE}, targets, money: unknown. Write leads, appointments, patients-acquired."],
        ),
        (
            HEAD + "[practice.targets]\nleads = 4.5\n",
            [f"{WHERE}, targets, leads: Enter a whole number, without decimals."],
        ),
        (HEAD + HEAD, ["newton-skin: two practices have this short name."]),
    ],
)
def test_what_is_wrong_is_told_with_where_it_stands(text, sentences):
    assert refused(text) == sentences


def test_everything_that_is_wrong_is_told_at_once():
    text = '[[practice]]\n[[practice]]\nname = "Two"\ntime_zone = "Moon"\n'
    assert [it.split(":")[0] for it in refused(text)] == [
        "practice 1, name",
        "practice 1, time_zone",
        "practice 1, slug",
        "practice 2 (Two), time_zone",
    ]


def test_what_is_not_toml_is_told_with_its_line():
    assert "line 2" in refused("[[practice]]\nname = \n")[0]
    assert refused(b"\xff\xfe") == ["The file is not in UTF-8."]
    assert refused("x = " + "[" * 5000)[0].startswith("This is not TOML")


def test_a_file_has_a_bound():
    assert refused("#" * (MOST_BYTES + 1)) == ["The file has more than 1,000,000 bytes."]
