"""The address of someone without a place in a practice is their name on its pages."""

from typing import Any

from allauth.account.signals import email_changed
from django.dispatch import receiver

from funnel.actions.writing import writing
from funnel.models import Practice


@receiver(email_changed, dispatch_uid="kpi_practice.address_changed")
def raise_versions(sender: Any, **given: Any) -> None:
    """Raise the version of every practice: a superuser may have written in any.

    allauth sends this once the address is stored, and has nothing else to call. A part rendered
    in between has the new address already.
    """
    with writing(*Practice.objects.values_list("pk", flat=True)):
        pass
