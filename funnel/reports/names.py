"""What a practice's team calls whoever did something, and its files each number."""

from collections import Counter
from collections.abc import Iterable

from django.db.models import CharField, F, OuterRef, Subquery
from django.db.models.functions import Coalesce

from funnel.models import KPI, Practice, Staff


def called(practice: Practice, who: str) -> Coalesce:
    """The name, at the practice, of the user in that column; the address of one without a place
    there, None for nobody. No query of its own."""
    places = Staff.objects.filter(practice=practice, user=OuterRef(who))
    return Coalesce(
        Subquery(places.values("name")[:1]), F(f"{who}__email"), output_field=CharField()
    )


def in_files(kpis: Iterable[KPI]) -> dict[int, str]:
    """The names of a practice's KPIs by id, no two the same: an archived one that shares its name
    is called by its short name. `kpis` are all of the practice. No query of its own."""
    every = list(kpis)
    known = Counter(kpi.name.casefold() for kpi in every)
    return {
        kpi.pk: kpi.slug if kpi.is_archived and known[kpi.name.casefold()] > 1 else kpi.name
        for kpi in every
    }
