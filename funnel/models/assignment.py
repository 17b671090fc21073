from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from funnel.models.kpi import KPI
    from funnel.models.ownership import Ownership
    from funnel.models.staff import Staff


@dataclass(frozen=True, slots=True)
class Assignment:
    """One KPI with who owns it on a day and what holds for it in a week: a row of
    `KPIQuerySet.assigned`.

    `kpi` comes with its role, `ownership` with its staff (None: nobody owns it that day).
    `stands_in`: the person it was loaded for stands in that day. `target`, `stage` (from 1, None
    outside the funnel) and `is_closed` are those of the week; None and False without one.
    """

    kpi: "KPI"
    ownership: "Ownership | None"
    stands_in: bool = False
    target: Decimal | None = None
    stage: int | None = None
    is_closed: bool = False

    @property
    def owner(self) -> "Staff | None":
        """The staff member who owns the KPI that day."""
        return self.ownership.staff if self.ownership else None
