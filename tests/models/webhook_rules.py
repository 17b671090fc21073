"""The table of constraints, for other programs: their tokens and webhooks."""

from funnel.models import ApiToken, JobRun, Message, Webhook
from tests.factories import TODAY
from tests.models.rules import NOW, Rule


def root(world):
    """The user who acts."""
    return world.root


def hook(world):
    """The one webhook of the practice, made on demand."""
    fields = plain_rows(world)[Webhook] | {"salt": "f" * 64}
    return Webhook.objects.filter(salt="f" * 64).first() or Webhook.objects.create(**fields)


PERSON = {"webhook": None, "staff": lambda world: world.person}
ADDRESS = {"webhook": None, "email": "nora@lumina.example"}
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
        "funnel_message_once",
        Message,
        "This message is queued already.",
        beside={"state": "dead", "due_at": None},
        good={"key": "webhook:1:entry:1:2"},
        bad={"event": "week.closed"},
    ),
    *(
        Rule(
            "funnel_message_one_recipient",
            Message,
            "A message is of a known kind and has one recipient of it.",
            good=good,
            bad=bad,
        )
        for good, bad in (
            ({"kind": "recap", **PERSON}, {"kind": "letter"}),
            ({"kind": "reminder", **PERSON}, {"kind": "reminder"}),
            ({"kind": "unowned", **PERSON}, {"staff": lambda world: world.person}),
            ({"kind": "invitation", **PERSON}, {"webhook": None}),
            ({"kind": "password", **ADDRESS}, {"email": "a@b.example"}),
            ({"kind": "address", **ADDRESS}, {"kind": "address", **ADDRESS, "email": ""}),
            ({}, {"kind": "password", **ADDRESS, **PERSON}),
        )
    ),
    Rule(
        "funnel_message_state_known",
        Message,
        "A message has no such state.",
        good={"state": "cancelled", "due_at": None},
        bad={"state": "lost", "due_at": None},
    ),
    *(
        Rule(
            "funnel_message_due_while_waiting",
            Message,
            "A message has a next time exactly while it waits.",
            good={"state": "dead", "due_at": None},
            bad=bad,
        )
        for bad in ({"due_at": None}, {"state": "dead"})
    ),
    *(
        Rule(
            "funnel_message_delivered_once",
            Message,
            "A delivered message states when, and no other does.",
            good={"state": "delivered", "due_at": None, "delivered_at": NOW},
            bad=bad,
        )
        for bad in ({"delivered_at": NOW}, {"state": "delivered", "due_at": None})
    ),
    Rule(
        "funnel_jobrun_once",
        JobRun,
        "This job already has its row.",
        beside={},
        good={"name": "reminders"},
        bad={"detail": "The same again."},
    ),
    *(
        Rule(
            "funnel_jobrun_outcome_known",
            JobRun,
            "A run that ended has either succeeded or failed.",
            good={"ended_at": NOW, "outcome": "failed"},
            bad=bad,
        )
        for bad in (
            {"ended_at": NOW},
            {"outcome": "succeeded"},
            {"ended_at": NOW, "outcome": "perhaps"},
        )
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
        Message: {
            "kind": "webhook",
            "webhook": hook,
            "event": "entry.saved",
            "key": "webhook:1:entry:1:1",
            "body": "{}",
            "queued_at": NOW,
            "due_at": NOW,
        },
        JobRun: {"name": "deliver", "due_at": NOW},
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
