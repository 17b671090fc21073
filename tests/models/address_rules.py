"""The table of constraints, for a user's new address."""

from funnel.models import AddressChange
from tests.models.rules import NOW, Rule

CONFIRMED = {"old_confirmed": NOW, "new_confirmed": NOW}

RULES = (
    Rule(
        "funnel_addresschange_once",
        AddressChange,
        "Another change of this address is waiting.",
        beside={},
        good={**CONFIRMED, "done": NOW},
        bad={"new_email": "third@lumina.example"},
    ),
    Rule(
        "funnel_addresschange_email_small",
        AddressChange,
        "Write the e-mail address in lowercase letters.",
        good={"new_email": "other@lumina.example"},
        bad={"new_email": "Other@lumina.example"},
    ),
    *(
        Rule(
            "funnel_addresschange_done_when_confirmed",
            AddressChange,
            "Both mailboxes confirm a new address.",
            good={**CONFIRMED, "done": NOW},
            bad={"done": NOW, **half},
        )
        for half in ({}, {"old_confirmed": NOW}, {"new_confirmed": NOW})
    ),
)


def plain_rows(world):
    """By model, the fields of a row that breaks nothing."""
    return {
        AddressChange: {
            "user": world.root,
            "old_email": "root@example.com",
            "new_email": "new@lumina.example",
            "asked": NOW,
        }
    }
