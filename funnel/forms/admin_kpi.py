"""A KPI, and on the same page who answers for it, who stands in, and what it aims at."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from funnel.domain.numbers import NumberRefused, parse
from funnel.domain.weeks import Week
from funnel.forms.admin import OfPracticeForm, RehearsedForm, day_field
from funnel.models import KPI, Role, Staff

ITSELF = ("name", "slug", "definition", "role", "unit", "direction")
# Closed once numbers were entered: they would be nobody's.
CALCULATED = ("calculation", "source", "divisor", "window")
OWNER = ("owner", "owner_from", "owner_until")
STAND_IN = ("stand_in", "stand_in_from", "stand_in_to")
TARGET = ("target", "target_from")


class KPIAddForm(OfPracticeForm):
    """A new number."""

    role = forms.ModelChoiceField(Role.objects.none(), help_text="The responsibility that owns it.")
    source = forms.ModelChoiceField(
        KPI.objects.none(),
        required=False,
        label="Calculated from",
        empty_label="nothing: it is entered",
        help_text="Of a ratio the upper number, of a moving total the one that is added up.",
    )
    divisor = forms.ModelChoiceField(
        KPI.objects.none(),
        required=False,
        label="Divided by",
        empty_label="nothing",
        help_text="Of a ratio the lower number.",
    )

    class Meta:
        model = KPI
        fields = ITSELF + CALCULATED

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].queryset = self.practice.roles.all()  # type: ignore[attr-defined]
        # One that is declared stays in the form although the admin takes it out.
        if "calculation" not in self.fields:
            del self.fields["source"], self.fields["divisor"]
            return
        entered = self.practice.kpis.active().entered().exclude(pk=self.instance.pk)
        for name in ("source", "divisor"):
            self.fields[name].queryset = entered.in_order()  # type: ignore[attr-defined]


class KPIForm(RehearsedForm, KPIAddForm):
    """A number as it stands. What is left empty below it stays as it is; an archived one takes
    neither owner nor stand-in nor target."""

    owner = forms.ModelChoiceField(
        Staff.objects.none(),
        required=False,
        label="New owner",
        empty_label="no change",
        help_text="Whoever works here, holds the role and may enter numbers.",
    )
    owner_from = day_field(required=False, label="From", help_text="The first day it is theirs.")
    owner_until = day_field(
        required=False,
        label="Or end the ownership on",
        help_text="The last day. From then on nobody owns the number, until you say who.",
    )
    stand_in = forms.ModelChoiceField(
        Staff.objects.none(),
        required=False,
        label="New stand-in",
        empty_label="nobody",
        help_text="May enter the number between two days. The owner stays the owner.",
    )
    stand_in_from = day_field(required=False, label="From")
    stand_in_to = day_field(required=False, label="To", help_text="Both days included.")
    target = forms.CharField(
        required=False,
        label="New target",
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        help_text="Empty: no change. Earlier weeks keep theirs.",
    )
    target_from = day_field(
        required=False, label="From the week of", help_text="Any day of that week will do."
    )

    class Meta:
        model = KPI
        fields = ITSELF + CALCULATED

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.is_archived:
            for name in OWNER + STAND_IN + TARGET:
                del self.fields[name]
            return
        people = Staff.objects.active().may_enter().filter(practice=self.practice)
        eligible = Staff.objects.eligible_for(self.instance.role)
        self.fields["owner"].queryset = eligible  # type: ignore[attr-defined]
        self.fields["stand_in"].queryset = people  # type: ignore[attr-defined]
        self.fields["owner_from"].initial = self.today
        self.fields["target_from"].initial = Week.of(self.today).monday

    @property
    def changes_row(self) -> bool:
        """Whether anything of the KPI itself is other than it was."""
        return bool(set(self.changed_data) & set(ITSELF + CALCULATED))

    def clean_target(self) -> Decimal | None:
        """None when left empty."""
        text = self.cleaned_data["target"]
        if not text.strip():
            return None
        try:
            return parse(text, whole=self.instance.is_whole)
        except NumberRefused as refusal:
            raise ValidationError(refusal.sentence) from refusal

    def clean_target_from(self) -> Week | None:
        """The week the day is in."""
        day = self.cleaned_data["target_from"]
        try:
            return None if day is None else Week.of(day)
        except (ValueError, OverflowError) as refusal:
            raise ValidationError("Choose a day of this century.") from refusal

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if said.get("owner") and said.get("owner_until"):
            self.add_error("owner_until", "Choose a new owner or end the ownership, not both.")
        for what, days in (
            ("owner", ["owner_from"]),
            ("stand_in", ["stand_in_from", "stand_in_to"]),
            ("target", ["target_from"]),
        ):
            for day in days:
                if said.get(what) is not None and day in said and not said[day]:
                    self.add_error(day, "Choose a day.")
        if said.get("stand_in_to") and "stand_in" in said and not said["stand_in"]:
            self.add_error("stand_in", "Choose who stands in.")
        return said


class AssignOwnerForm(forms.Form):
    """One person for several KPIs, from one day."""

    staff = forms.ModelChoiceField(Staff.objects.none(), label="Owner")
    starts_on = day_field(label="From", help_text="The first day the numbers are theirs.")

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["staff"].queryset = people  # type: ignore[attr-defined]
