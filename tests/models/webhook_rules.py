"""The table of constraints, for other programs: what they come with, and what they are told."""

from funnel.models import ApiToken, Delivery, Webhook
from tests.factories import TODAY
from tests.models.rules import NOW, Rule


def root(world):
    """Whoever did it."""
    return world.root


def hook(world):
    """The one webhook of the practice, made on demand."""
    fields = plain_rows(world)[Webhook] | {"salt": "f" * 64}
    return Webhook.objects.filter(salt="f" * 64).first() or Webhook.objects.create(**fields)


RULES = (
    Rule(
        "funnel_webhook_wants_something",
        Webhook,
        "Choose at least one thing that the address is told.",
        good={"wants_entries": False, "wants_closings": False},
        bad={"wants_entries": False, "wants_closings": False, "wants_unowned": False},
    ),
    Rule(
        "funnel_webhook_once",
        Webhook,
        "This webhook is made already.",
        beside={"revoked_at": NOW, "revoked_by": root},
        good={"salt": "b" * 64},
        bad={"url": "https://example.com/other"},
    ),
    *(
        Rule(
            "funnel_webhook_revoked_by_someone",
            Webhook,
            "State when it was revoked, and by whom.",
            good={"revoked_at": NOW, "revoked_by": root},
            bad=bad,
        )
        for bad in ({"revoked_at": NOW}, {"revoked_by": root})
    ),
    Rule(
        "funnel_delivery_once",
        Delivery,
        "This address is told of it already.",
        beside={"delivered": NOW, "next_try": None},
        good={"key": "entry:1:2"},
        bad={"event": "week.closed"},
    ),
    Rule(
        "funnel_delivery_arrived_once",
        Delivery,
        "What has arrived is not sent again.",
        good={"delivered": NOW, "next_try": None},
        bad={"delivered": NOW},
    ),
    Rule(
        "funnel_apitoken_token_once",
        ApiToken,
        "This secret is already in use.",
        beside={"revoked_at": NOW, "revoked_by": root},
        good={"token_hash": "b" * 64},
        bad={"name": "Another report"},
    ),
    *(
        Rule(
            "funnel_apitoken_revoked_by_someone",
            ApiToken,
            "State when it was revoked, and by whom.",
            good={"revoked_at": NOW, "revoked_by": root},
            bad=bad,
        )
        for bad in ({"revoked_at": NOW}, {"revoked_by": root})
    ),
)


def plain_rows(world):
    """By model, the fields of a row that breaks nothing."""
    return {
        Webhook: {
            "practice": world.practice,
            "url": "https://example.com/kpi",
            "salt": "a" * 64,
            "made_at": NOW,
            "made_by": world.root,
        },
        Delivery: {
            "webhook": hook,
            "event": "entry.saved",
            "key": "entry:1:1",
            "body": "{}",
            "queued": NOW,
            "next_try": NOW,
        },
        ApiToken: {
            "practice": world.practice,
            "staff": world.person,
            "name": "Monday's report",
            "token_start": "kpi_Qk3f9a",
            "token_hash": "a" * 64,
            "expires_on": TODAY,
            "made_at": NOW,
            "made_by": world.root,
        },
    }
