from collections import Counter
from collections.abc import Iterable

from django.db.models import CharField, F, OuterRef, Subquery
from django.db.models.functions import Coalesce

from funnel.models import KPI, Practice, Staff


def called(practice: Practice, who: str) -> Coalesce:
    """Expression for a user's name: the address without a membership, None without user."""
    places = Staff.objects.filter(practice=practice, user=OuterRef(who))
    return Coalesce(
        Subquery(places.values("name")[:1]), F(f"{who}__email"), output_field=CharField()
    )


def in_files(kpis: Iterable[KPI]) -> dict[int, str]:
    """Unique names by KPI id, slugs for ambiguous archived ones; `kpis` are all of the practice."""
    every = list(kpis)
    known = Counter(kpi.name.casefold() for kpi in every)
    return {
        kpi.pk: kpi.slug if kpi.is_archived and known[kpi.name.casefold()] > 1 else kpi.name
        for kpi in every
    }
