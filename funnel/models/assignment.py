from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from funnel.models.kpi import KPI
    from funnel.models.ownership import Ownership
    from funnel.models.staff import Staff


@dataclass(frozen=True, slots=True)
class Assignment:
    """A KPI with its owner on a day; `stage` counts from 1."""

    kpi: "KPI"
    ownership: "Ownership | None"
    stands_in: bool = False
    target: Decimal | None = None
    stage: int | None = None
    is_closed: bool = False

    @property
    def owner(self) -> "Staff | None":
        return self.ownership.staff if self.ownership else None
