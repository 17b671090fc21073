from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms

from funnel.forms.start import OptionalNumberField
from funnel.models import KPI


class TargetsForm(forms.Form):
    use_required_attribute = False

    def __init__(
        self, data: Any = None, *, targets: Mapping[KPI, Decimal | None], currency: str
    ) -> None:
        initial = {kpi.slug: target for kpi, target in targets.items()}
        super().__init__(data, auto_id="target-%s", initial=initial)
        for kpi in targets:
            self.fields[kpi.slug] = OptionalNumberField(
                unit=kpi.unit, currency=currency, label=kpi.name
            )
