import re
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from funnel.forms.entry import UNKNOWN_VERSION, UNREADABLE
from funnel.models import KPI, FollowUp, Practice, Staff

A_YEAR = timedelta(days=366)


class FollowUpForm(forms.Form):
    """An unchanged past day is valid, to reword an overdue follow-up. One query when rendered."""

    use_required_attribute = False

    text = forms.CharField(
        label="What is to be done (no patient names)",
        max_length=300,
        error_messages=UNREADABLE
        | {
            "required": "Enter what is to be done.",
            "max_length": "Use at most 300 characters.",
        },
        widget=forms.TextInput(attrs={"autocomplete": "off", "enterkeyhint": "done"}),
    )
    owner = forms.ModelChoiceField(
        Staff.objects.none(),
        label="Who does it",
        empty_label="Choose who does it",
        error_messages={
            "required": "Choose who does it.",
            "invalid_choice": "Choose someone who works here.",
        },
    )
    due_on = forms.DateField(
        label="Until",
        input_formats=["%Y-%m-%d"],
        error_messages={
            "required": "Choose a due date.",
            "invalid": "Choose a day, as in 2026-12-01.",
        },
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    kpi = forms.ModelChoiceField(
        KPI.objects.none(),
        required=False,
        to_field_name="slug",
        error_messages={"invalid_choice": "Choose a KPI of this practice."},
        widget=forms.HiddenInput,
    )

    def __init__(
        self,
        data: Any = None,
        *,
        practice: Practice,
        today: date,
        kpi: KPI | None = None,
        owner: Staff | None = None,
        due_on: date | None = None,
        **kwargs: Any,
    ) -> None:
        proposed = {"kpi": kpi and kpi.slug, "owner": owner and owner.pk, "due_on": due_on}
        super().__init__(
            data,
            initial={**proposed, **kwargs.pop("initial", {})},
            auto_id=kwargs.pop("auto_id", "follow-up-%s"),
            **kwargs,
        )
        self.today = today
        staff = Staff.objects.active().filter(practice=practice)
        self._offer("owner", staff.select_related("user").order_by("name", "id"))
        if "kpi" in self.fields:
            self._offer("kpi", KPI.objects.filter(practice=practice))

    def clean_due_on(self) -> date:
        day: date = self.cleaned_data["due_on"]
        if day < self.today and day != self.initial["due_on"]:
            raise ValidationError("This day is in the past. Choose today or a later one.")
        if day > self.today + A_YEAR:
            raise ValidationError("Choose a day within a year.")
        return day

    def _offer(self, name: str, rows: Any) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - declared above
        field.queryset = rows


class ChangeForm(FollowUpForm):
    kpi = None  # type: ignore[assignment]
    version = forms.Field(required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, practice: Practice, today: date, follow_up: FollowUp
    ) -> None:
        super().__init__(
            data,
            practice=practice,
            today=today,
            owner=follow_up.owner,
            due_on=follow_up.due_on,
            initial={"text": follow_up.text, "version": follow_up.version},
            auto_id="change-%s",
        )

    def clean_version(self) -> int:
        text = self.cleaned_data["version"] or ""
        return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else UNKNOWN_VERSION


class DropForm(forms.Form):
    use_required_attribute = False

    reason = forms.CharField(
        label="Why it is dropped",
        max_length=200,
        error_messages=UNREADABLE
        | {
            "required": "Enter a reason for dropping it.",
            "max_length": "A reason has at most 200 characters.",
        },
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="drop-%s")
