from decimal import Decimal
from itertools import pairwise
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import slugify

from funnel.domain.numbers import NumberRefused, parse
from funnel.domain.weeks import Week
from funnel.forms.admin import RehearsedForm, WeekField, day_field
from funnel.models import KPI, KPIGroup, Place, Role, Staff

ITSELF = ("name", "slug", "definition", "role", "unit", "direction")
PLACE = ("place", "group", "place_from")
OWNER = ("owner", "owner_from", "owner_until")
STAND_IN = ("stand_in", "stand_in_from", "stand_in_to")
TARGET = ("target", "target_from")

OUTSIDE, FIRST, ARCHIVE = "", "first", "archive"
DEFINITION = "{name} of the week, each person counted once."
REQUIRED = "This field is required."


class PlacedForm(RehearsedForm):
    place = forms.ChoiceField(
        required=False,
        label="Stage of the funnel?",
        help_text="Earlier weeks do not change.",
    )
    group = forms.ModelChoiceField(
        KPIGroup.objects.none(),
        required=False,
        empty_label="no group",
        help_text="Its heading on the scorecard, for a KPI outside the funnel.",
    )
    place_from = WeekField(label="From the week of", help_text="Any day of that week will do.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        week = self.practice.current_week(self.today)
        places = Place.objects.in_force(week.monday).filter(lineup__practice=self.practice)
        self.now = list(places.select_related("kpi", "role"))
        self.stages = {
            str(it.kpi_id): it for it in self.now if it.is_stage and it.kpi != self.instance
        }
        self.fields["place"].choices = self.places()  # type: ignore[attr-defined]
        self.fields["group"].queryset = self.practice.kpi_groups.all()  # type: ignore[attr-defined]
        self.fields["place_from"].initial = week.monday

    def places(self) -> list[tuple[str, str]]:
        names = [stage.kpi.name for stage in self.stages.values()]
        if not names:
            return [(OUTSIDE, "No"), (FIRST, "Yes, the only one")]
        between = [f"Yes, between {one} and {other}" for one, other in pairwise(names)]
        return [
            (OUTSIDE, "No"),
            (FIRST, f"Yes, first: before {names[0]}"),
            *zip(self.stages, [*between, f"Yes, last: after {names[-1]}"], strict=True),
        ]

    @property
    def placing(self) -> dict[str, Any]:
        said = self.cleaned_data
        place = said["place"]
        behind = self.stages.get(place)
        return {
            "from_week": said["place_from"],
            "is_stage": place != OUTSIDE,
            "after": behind.kpi if behind else None,
            "group": said["group"] if place == OUTSIDE else None,
        }


class KPIAddForm(PlacedForm):
    """A stage needs only name and place."""

    slug = forms.SlugField(
        max_length=60, required=False, label="Short name", help_text="Used in addresses."
    )
    definition = forms.CharField(
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What counts, in one unambiguous sentence. Optional for a stage: each person is "
        "then counted once.",
    )
    role = forms.ModelChoiceField(
        Role.objects.none(),
        required=False,
        empty_label="the role of the stage before",
        help_text="The responsibility that owns it.",
    )
    source = forms.ModelChoiceField(
        KPI.objects.none(),
        required=False,
        label="Calculated from",
        empty_label="nothing (it is entered)",
        help_text="Ratio: the number to divide. Moving total: the number to add up.",
    )
    divisor = forms.ModelChoiceField(
        KPI.objects.none(),
        required=False,
        label="Divided by",
        empty_label="nothing",
        help_text="Ratio: the number to divide by.",
    )

    class Meta:
        model = KPI
        fields = ITSELF + KPI.CALCULATION_FIELDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self)

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        name = said.get("name", "")
        said["slug"] = said.get("slug") or slugify(name)[:60]
        if said.get("place"):
            said["definition"] = said.get("definition") or DEFINITION.format(name=name)
            said["role"] = said.get("role") or self._role_beside(said["place"])
        for field in ("definition", "role"):
            if not said.get(field) and field not in self.errors:
                self.add_error(field, REQUIRED)
        return said

    def _role_beside(self, place: str) -> Role | None:
        """Of the stage before, or the next for a first."""
        beside = self.stages.get(place) or next(iter(self.stages.values()), None)
        return beside.role if beside else None


def _offer(form: Any) -> None:
    form.fields["role"].queryset = form.practice.roles.all()
    # A declared field stays in the form although the admin excludes it.
    if "calculation" not in form.fields:
        for name in KPI.PART_FIELDS:
            del form.fields[name]
        return
    entered = form.practice.kpis.active().entered().exclude(pk=form.instance.pk)
    for name in KPI.PART_FIELDS:
        form.fields[name].queryset = entered.in_order()


class KPIForm(PlacedForm):
    """Empty fields stay."""

    role = forms.ModelChoiceField(Role.objects.none(), help_text="The responsibility that owns it.")
    source = KPIAddForm.base_fields["source"]
    divisor = KPIAddForm.base_fields["divisor"]
    owner = forms.ModelChoiceField(
        Staff.objects.none(),
        required=False,
        label="New owner",
        empty_label="no change",
        help_text="Someone who works here, holds the role and may enter numbers.",
    )
    owner_from = day_field(
        required=False, label="From", help_text="The first day of the ownership."
    )
    owner_until = day_field(
        required=False,
        label="Or end the ownership on",
        help_text="The last day. After it the number has no owner until you assign one.",
    )
    stand_in = forms.ModelChoiceField(
        Staff.objects.none(),
        required=False,
        label="New stand-in",
        empty_label="nobody",
        help_text="May enter the number for the owner in this period.",
    )
    stand_in_from = day_field(required=False, label="From")
    stand_in_to = day_field(required=False, label="To", help_text="Both days included.")
    target = forms.CharField(
        required=False,
        label="New target",
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        help_text="Empty: no change. Earlier weeks do not change.",
    )
    target_from = WeekField(
        required=False, label="From the week of", help_text="Any day of that week will do."
    )

    class Meta:
        model = KPI
        fields = ITSELF + KPI.CALCULATION_FIELDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self)
        if self.instance.is_archived:
            for name in PLACE + OWNER + STAND_IN + TARGET:
                del self.fields[name]
            return
        self.fields["place"].initial, self.fields["group"].initial = self._present()
        people = Staff.objects.active().may_enter().filter(practice=self.practice)
        eligible = Staff.objects.eligible_for(self.instance.role)
        self.fields["owner"].queryset = eligible  # type: ignore[attr-defined]
        self.fields["stand_in"].queryset = people  # type: ignore[attr-defined]
        self.fields["owner_from"].initial = self.today
        self.fields["target_from"].initial = Week.of(self.today).monday

    def places(self) -> list[tuple[str, str]]:
        return [*super().places(), (ARCHIVE, "Archived")]

    def _present(self) -> tuple[str, int | None]:
        found = next((it for it in self.now if it.kpi == self.instance), None)
        if found is None or not found.is_stage:
            return OUTSIDE, found.group_id if found else None
        before = [key for key, it in self.stages.items() if it.position < found.position]
        return (before[-1] if before else FIRST), None

    @property
    def changes_row(self) -> bool:
        return bool(set(self.changed_data) & set(ITSELF + KPI.CALCULATION_FIELDS))

    @property
    def changes_place(self) -> bool:
        return bool(set(self.changed_data) & set(PLACE))

    @property
    def archives(self) -> bool:
        return self.cleaned_data.get("place") == ARCHIVE

    def clean_target(self) -> Decimal | None:
        text = self.cleaned_data["target"]
        if not text.strip():
            return None
        try:
            return parse(text, self.instance.unit, currency=self.practice.currency)
        except NumberRefused as refusal:
            raise ValidationError(refusal.sentence) from refusal

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
    staff = forms.ModelChoiceField(Staff.objects.none(), label="Owner")
    starts_on = day_field(label="From", help_text="The first day of the ownership.")

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["staff"].queryset = people  # type: ignore[attr-defined]
