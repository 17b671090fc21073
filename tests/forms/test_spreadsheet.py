"""forms/spreadsheet.py: the file, what is answered of it, and the last word before writing."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from funnel.domain.numbers import DecimalSign
from funnel.domain.sheet_dates import Order, Sunday
from funnel.domain.sheet_questions import Answers
from funnel.forms.spreadsheet import (
    TOO_OFTEN,
    CorrectingForm,
    QuestionsForm,
    UploadForm,
    WritingForm,
)
from funnel.sheets import bounds, reading

KPIS = [("leads", "Leads"), ("appointments", "Appointments")]
ASKED = {
    "date": "03/04/2026",
    "order_guess": "day",
    "sunday": "2026-11-15",
    "number": "1,234",
    "names": ["Walk-ins", "Other"],
    "sheets": ["One", "Two"],
}
TYPED = {
    "sheet": "Two",
    "order": "day",
    "sunday": "begins",
    "sign": ",",
    "name-0": "leads",
    "name-1": "-",
}


def upload(content=b"Week,Leads\n2026-W47,5\n", name="numbers.csv", **how):
    return UploadForm({}, {"file": SimpleUploadedFile(name, content)}, **how)


def asking(data=None, questions=None, answered=None):
    questions = ASKED if questions is None else questions
    return QuestionsForm(data, questions=questions, answered=answered or Answers(), kpis=KPIS)


def test_reads_the_file():
    form = upload()
    assert form.is_valid()
    assert form.sheets == {"the file": [["Week", "Leads"], ["2026-W47", "5"]]}
    assert form.file_name == "numbers.csv"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("a<b>.csv", "a<b>.csv"),
        ("a\u202egnp.csv", "agnp.csv"),
        ("a\n\x07b.csv", "ab.csv"),
        ("../../etc/numbers.csv", "numbers.csv"),
        ("x" * 300 + ".csv", "x" * 116 + ".csv"),
    ],
)
def test_a_files_name_is_kept_without_what_cannot_be_printed(name, kept):
    form = upload(name=name)
    assert form.is_valid()
    assert form.file_name == kept


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        (UploadForm({}, {}), "Choose a .csv or .xlsx file."),
        (UploadForm({}, {}, length=bounds.MAX_BYTES + 1), reading.TOO_BIG),
        (upload(b"x" * (bounds.MAX_BYTES + 1)), reading.TOO_BIG),
        (upload(is_too_often=True), TOO_OFTEN),
        (upload(b""), reading.NOTHING),
        (upload(b"PK\x03\x04", "a.xlsx"), "The workbook cannot be read. Open it, save it again as "
         ".xlsx, and choose that file."),
        (upload(name="a.pdf"), reading.OTHER),
    ],
    ids=["none", "none came", "too big", "too often", "empty", "damaged", "another kind"],
)  # fmt: skip
def test_says_what_is_wrong_with_the_file(form, sentence):
    assert not form.is_valid()
    assert form.errors == {"file": [sentence]}


def test_asks_what_is_open_and_nothing_else():
    assert list(asking(questions={}).fields) == []
    form = asking()
    assert [field.label for field in form.choices] == [
        "Which sheet holds the numbers?",
        "What does 03/04/2026 mean?",
        "Nov 15, 2026 is a Sunday. Which week does it mean?",
        "How are numbers such as 1,234 written?",
    ]
    assert [field.label for field in form.names] == ["Walk-ins", "Other"]
    assert form["order"].value() == "day"


def test_each_choice_says_what_it_comes_to():
    form = asking()
    assert [label for _, label in form.fields["order"].choices] == [
        "the month comes first: Mar 4, 2026",
        "the day comes first: Apr 3, 2026",
    ]
    assert [label for _, label in form.fields["sunday"].choices] == [
        "it starts the week of Nov 16 – 22, 2026",
        "it ends the week of Nov 9 – 15, 2026",
    ]
    mixed = asking(questions={"date": "17/04/2026"})
    assert [label for _, label in mixed.fields["order"].choices] == [
        "the month comes first: then it is not a date",
        "the day comes first: Apr 17, 2026",
    ]


def test_takes_the_answers_and_keeps_earlier_ones():
    form = asking(TYPED, answered=Answers(names={"Before": "appointments"}))
    assert form.is_valid()
    assert form.answers() == Answers(
        sheet="Two",
        order=Order.DAY,
        sunday=Sunday.BEGINS,
        sign=DecimalSign.COMMA,
        names={"Before": "appointments", "Walk-ins": "leads", "Other": ""},
    )


def test_answers_that_were_not_asked_for_stay():
    before = Answers("One", Order.MONTH, Sunday.ENDS, DecimalSign.POINT, {"Walk-ins": "leads"})
    form = asking({}, questions={}, answered=before)
    assert form.is_valid()
    assert form.answers() == before


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("sheet", "Three", "Choose one."),
        ("order", "", "Choose one."),
        ("sunday", "never", "Choose one."),
        ("sign", ";", "Choose one."),
        ("name-0", "", "Choose which number “Walk-ins” is, or leave it out."),
        ("name-0", "h-secret", "Choose from the list."),
        ("name-1", "\0", "Choose from the list."),
    ],
)
def test_says_what_is_missing_and_keeps_the_rest(field, typed, sentence):
    form = asking({**TYPED, field: typed})
    assert not form.is_valid()
    assert form.errors == {field: [sentence]}
    assert {name: form[name].value() for name in TYPED} == {**TYPED, field: typed}


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Enter a reason for correcting closed weeks."),
        ("x" * 201, "A reason has at most 200 characters."),
        ("a\0b", "Write it again without special characters."),
    ],
)
def test_a_correction_has_its_reason(typed, sentence):
    form = CorrectingForm({"correcting": typed})
    assert not form.is_valid()
    assert form.errors == {"correcting": [sentence]}


def test_what_is_left_out_is_agreed_to_only_where_something_is():
    assert "leaves_out" not in WritingForm(stopped=0, reason="x").fields
    form = WritingForm({"reason": "x"}, stopped=2, reason="x")
    assert form.fields["leaves_out"].label == "Leave out the 2 numbers that cannot be imported"
    assert not form.is_valid()
    assert form.errors == {
        "leaves_out": ["Confirm that they are left out, or fix the file and choose it again."]
    }
    assert WritingForm({"reason": "x", "leaves_out": "on"}, stopped=2, reason="x").is_valid()
    one = WritingForm(stopped=1, reason="x")
    assert one.fields["leaves_out"].label == "Leave out the 1 number that cannot be imported"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Enter the reason why you enter these numbers for their owners."),
        ("x" * 201, "A reason has at most 200 characters."),
        ("a\0b", "Write it again without special characters."),
    ],
)
def test_the_reason_is_offered_and_needed(typed, sentence):
    assert WritingForm(stopped=0, reason="Imported.")["reason"].value() == "Imported."
    form = WritingForm({"reason": typed}, stopped=0, reason="Imported.")
    assert not form.is_valid()
    assert form.errors == {"reason": [sentence]}
