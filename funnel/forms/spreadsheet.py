from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from funnel.domain import sheet_dates
from funnel.domain.numbers import DecimalSign
from funnel.domain.sheet_dates import Order, Sunday
from funnel.domain.sheet_questions import Answers
from funnel.domain.weeks import Week
from funnel.forms.entry import UNREADABLE
from funnel.sheets.bounds import MAX_BYTES, FileRefused
from funnel.sheets.reading import NOTHING, TOO_BIG, Sheets, read

LONGEST_NAME = 120
LEFT_OUT = "-"
TOO_OFTEN = "Too many files at once. Wait ten minutes, then choose it again."
CHOOSE = "Choose a .csv or .xlsx file."
DATE_LABELS = {Order.MONTH: "the month comes first: {day}", Order.DAY: "the day comes first: {day}"}
SIGN_LABELS = {
    DecimalSign.POINT: "with a point before decimals, as in 1,234.50",
    DecimalSign.COMMA: "with a comma before decimals, as in 1.234,50",
}


class UploadForm(forms.Form):
    """`length` is the request's: too large a file is missing."""

    use_required_attribute = False

    file = forms.FileField(
        label="Spreadsheet",
        allow_empty_file=True,
        help_text=f"A .csv or .xlsx file of up to {MAX_BYTES // 1_000_000} MB, without patients’ "
        "names. You see a preview before anything is saved.",
        error_messages={"required": CHOOSE, "invalid": CHOOSE},
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
    )

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *,
        length: int = 0,
        is_too_often: bool = False,
    ) -> None:
        super().__init__(data, files)
        self.is_too_often = is_too_often
        if length > MAX_BYTES and not (files and files.get("file")):
            self.fields["file"].error_messages["required"] = TOO_BIG
        self.sheets: Sheets = {}
        self.file_name = ""

    def clean_file(self) -> "UploadedFile[Any]":
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if self.is_too_often:
            raise forms.ValidationError(TOO_OFTEN)
        if (file.size or 0) > MAX_BYTES:
            raise forms.ValidationError(TOO_BIG)
        name = "".join(letter for letter in file.name or "" if letter.isprintable()).strip()
        try:
            self.sheets = read(file.read(), name)
        except FileRefused as refused:
            raise forms.ValidationError(refused.sentence) from None
        if not self.sheets:
            raise forms.ValidationError(NOTHING)
        self.file_name = name[-LONGEST_NAME:]
        return file


class QuestionsForm(forms.Form):
    """One field per question."""

    use_required_attribute = False

    def __init__(
        self,
        data: Any = None,
        *,
        questions: Mapping[str, Any],
        answered: Answers,
        kpis: Sequence[tuple[str, str]],
    ) -> None:
        super().__init__(data)
        self.answered = answered
        self.asked: dict[str, str] = {}
        if sheets := questions.get("sheets"):
            self._ask("sheet", "Which sheet holds the numbers?", [(name, name) for name in sheets])
        if said := questions.get("date"):
            choices = [(order.value, _date_label(said, order)) for order in Order]
            guess = questions.get("order_guess")
            self._ask("order", f"What does {said} mean?", choices, guess)
        if sunday := questions.get("sunday"):
            self._ask_sunday(date.fromisoformat(sunday))
        if number := questions.get("number"):
            choices = [(sign.value, label) for sign, label in SIGN_LABELS.items()]
            self._ask("sign", f"How are numbers such as {number} written?", choices)
        for place, name in enumerate(questions.get("names", ())):
            self.asked[f"name-{place}"] = name
            self.fields[f"name-{place}"] = forms.ChoiceField(
                label=name,
                choices=[("", "Choose what it is"), *kpis, (LEFT_OUT, "Leave it out")],
                error_messages={
                    "required": f"Choose which number “{name}” is, or leave it out.",
                    "invalid_choice": "Choose from the list.",
                },
            )

    @property
    def choices(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name not in self.asked]

    @property
    def names(self) -> list[forms.BoundField]:
        return [self[name] for name in self.asked]

    def answers(self) -> Answers:
        given = self.cleaned_data
        before = self.answered
        names = {
            said: "" if given[field] == LEFT_OUT else given[field]
            for field, said in self.asked.items()
        }
        return Answers(
            sheet=given.get("sheet") or before.sheet,
            order=Order(given["order"]) if "order" in given else before.order,
            sunday=Sunday(given["sunday"]) if "sunday" in given else before.sunday,
            sign=DecimalSign(given["sign"]) if "sign" in given else before.sign,
            names={**before.names, **names},
        )

    def _ask_sunday(self, day: date) -> None:
        week = Week.of(day)
        choices = [
            (Sunday.BEGINS.value, f"it starts the week of {week.next.label}"),
            (Sunday.ENDS.value, f"it ends the week of {week.label}"),
        ]
        month_and_day = sheet_dates.said(day)
        self._ask("sunday", f"{month_and_day} is a Sunday. Which week does it mean?", choices)

    def _ask(
        self, name: str, label: str, choices: Sequence[tuple[str, str]], guess: str | None = None
    ) -> None:
        self.fields[name] = forms.ChoiceField(
            label=label,
            choices=choices,
            initial=guess,
            widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
            error_messages={"required": "Choose one.", "invalid_choice": "Choose one."},
        )


class CorrectingForm(forms.Form):
    use_required_attribute = False

    correcting = forms.CharField(
        label="Reason for the correction",
        max_length=200,
        error_messages=UNREADABLE
        | {
            "required": "Enter a reason for correcting closed weeks.",
            "max_length": "A reason has at most 200 characters.",
        },
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class WritingForm(forms.Form):
    """Leaving out `stopped` numbers must be confirmed."""

    use_required_attribute = False

    reason = forms.CharField(
        label="Why you enter them for the owners",
        max_length=200,
        help_text="Shown beside the numbers that other people own.",
        error_messages=UNREADABLE
        | {
            "required": "Enter the reason why you enter these numbers for their owners.",
            "max_length": "A reason has at most 200 characters.",
        },
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data: Any = None, *, stopped: int, reason: str) -> None:
        super().__init__(data, initial={"reason": reason})
        if stopped:
            what = "1 number that" if stopped == 1 else f"{stopped:,} numbers that"
            self.fields["leaves_out"] = forms.BooleanField(
                label=f"Leave out the {what} cannot be imported",
                error_messages={
                    "required": "Confirm that they are left out, or fix the file and choose it "
                    "again."
                },
            )


def _date_label(said: str, order: Order) -> str:
    dated = sheet_dates.read(said, serials=True)
    day = dated.day(order) if dated else None
    return DATE_LABELS[order].format(day=sheet_dates.said(day) if day else "then it is not a date")
