"""What a practice's team calls whoever did something."""

from django.db.models import CharField, F, OuterRef, Subquery
from django.db.models.functions import Coalesce

from funnel.models import Practice, Staff


def called(practice: Practice, who: str) -> Coalesce:
    """The name, at the practice, of the user in that column; the address of one without a place
    there, None for nobody. No query of its own."""
    places = Staff.objects.filter(practice=practice, user=OuterRef(who))
    return Coalesce(
        Subquery(places.values("name")[:1]), F(f"{who}__email"), output_field=CharField()
    )
