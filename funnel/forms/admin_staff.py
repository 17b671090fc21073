from typing import Any

from django import forms

from funnel.forms.admin import RehearsedForm
from funnel.models import Role, Staff


class StaffForm(RehearsedForm):
    roles = forms.ModelMultipleChoiceField(
        Role.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="What they may own, whatever their title.",
    )

    class Meta:
        model = Staff
        fields = ["name", "title", "roles", "access", "is_active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["roles"].queryset = self.practice.roles.all()  # type: ignore[attr-defined]


class StaffAddForm(StaffForm):
    not_yet = frozenset({"user"})

    email = forms.EmailField(
        label="E-mail address",
        max_length=254,
        help_text="They sign in with it. It cannot be changed here later.",
    )

    class Meta:
        model = Staff
        fields = ["name", "title", "roles", "access"]
