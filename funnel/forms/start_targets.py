"""What the practice aims at each week, as someone typed it at the guided start."""

from typing import Any

from django import forms

from funnel.forms.start import OptionalNumberField
from funnel.models import KPI


class TargetsForm(forms.Form):
    """One field a KPI, each loaded `with_target`; empty for no target."""

    use_required_attribute = False

    def __init__(self, data: Any = None, *, kpis: list[KPI]) -> None:
        super().__init__(
            data, auto_id="target-%s", initial={kpi.slug: kpi.target_value for kpi in kpis}
        )
        for kpi in kpis:
            self.fields[kpi.slug] = OptionalNumberField(whole=kpi.is_whole, label=kpi.name)
