"""The rooms of the house and who belongs to whom: what tests/test_architecture.py goes by."""

# domain <- models <- {access, outbox} <- {actions, reports, forms} <- {charts, senders}
# <- {views, api, admin, jobs, commands}
DOMAIN = {"domain"}
MODELS = DOMAIN | {"models"}
ACCESS = MODELS | {"access", "access_links"}
OUTBOX = DOMAIN | {"models", "outbox"}
READS = ACCESS | {"reports"}
SENDERS = READS | {"actions", "outbox", "outbound", "senders"}
PAGES = READS | {
    "actions",
    "outbox",
    "forms",
    "charts",
    "etags",
    "ics",
    "limits",
    "outbound",
    "parts",
    "sheets",
}
MAY_IMPORT = {
    "domain": DOMAIN,
    "converters": DOMAIN,
    "models": MODELS,
    "migrations": MODELS | {"migrations"},
    "apps": set(),
    "access": ACCESS - {"access_links"},
    "access_links": ACCESS,
    "etags": set(),
    "limits": set(),
    "outbound": DOMAIN,
    # Rendered texts: their key has the reader.
    "parts": ACCESS,
    # Files of tables: bytes to rows and back.
    "sheets": DOMAIN | {"sheets"},
    "outbox": OUTBOX,
    "actions": ACCESS | {"actions", "outbox"},
    # Each kind of message, written when it is sent.
    "senders": SENDERS,
    "jobs": SENDERS,
    "reports": READS,
    "forms": ACCESS | {"forms", "sheets"},
    "charts": DOMAIN | {"reports"},
    "ics": DOMAIN | {"reports"},
    "templatetags": DOMAIN | {"reports", "templatetags"},
    "views": PAGES | {"views"},
    "api": PAGES | {"api"},
    "admin": PAGES | {"admin"},
    "demo": ACCESS | {"actions", "demo"},
    "management": PAGES | {"demo", "jobs", "management"},
    "urls": {"converters", "views", "api"},
}

# The rooms of reports/: series <- all others; the meeting and the setup show a board, an export the
# scorecard.
REPORTS_MAY_IMPORT = {
    "series": {"series"},
    "board": {"series", "board"},
    "scorecard": {"series", "scorecard"},
    "history": {"series", "history"},
    "entry": {"series", "entry"},
    "meeting": {"series", "board", "meeting"},
    "exports": {"series", "scorecard", "setup", "exports"},
    "setup": {"series", "board", "setup"},
}

# Files that are part of another and tested through it.
PARTS = {
    "outbox/outcome": "outbox/test_delivery",
    "senders/letters": "senders/test_recap",
    "senders/links": "senders/test_recap",
}
# Views with a template of another name.
TEMPLATES = {"home": "group", "enter_number": "enter_conflict"}

# Public functions of actions/ that write or take `by`, and raise no version: why each does not.
IN_THE_CALLERS_BLOCK = "it is part of an action, which raises the version"
WRITES_NOTHING = "it writes nothing"
NO_PAGE = "no page of the practice shows what it writes"
NO_NEW_VERSION = {
    "entries.announce": IN_THE_CALLERS_BLOCK,
    "entries.check_probable": WRITES_NOTHING,
    "entries.fill": WRITES_NOTHING,
    "entries.is_news": WRITES_NOTHING,
    "entries.update_all": IN_THE_CALLERS_BLOCK,
    "imports.lock": WRITES_NOTHING,
    "imports.plan": WRITES_NOTHING,
    "imports.understood": WRITES_NOTHING,
    "meetings.changed": IN_THE_CALLERS_BLOCK,
    "meetings.lock": IN_THE_CALLERS_BLOCK,
    "meetings.lock_all": IN_THE_CALLERS_BLOCK,
    "meetings.open_for": IN_THE_CALLERS_BLOCK,
    "addresses.ask": f"{NO_PAGE}: of a practice",
    "first_admin.make": f"{NO_PAGE}: there is no practice yet",
    "jobs.claim": f"{NO_PAGE}: of a practice",
    "jobs.finish": f"{NO_PAGE}: of a practice",
    "jobs.register": f"{NO_PAGE}: of a practice",
    "reminders.forget": f"{NO_PAGE}: that a reminder is queued",
    "reminders.queue": f"{NO_PAGE}: that a reminder is queued",
    "secrets.make": IN_THE_CALLERS_BLOCK,
    "secrets.revoke": IN_THE_CALLERS_BLOCK,
    "secrets.revoke_all": IN_THE_CALLERS_BLOCK,
    "secrets.store": IN_THE_CALLERS_BLOCK,
    "secrets.note_use": "the lists of secrets show when each was last used, and are never cached",
    "webhooks.again": "the page of a webhook shows its messages, and is never cached",
    "webhooks.test": "the page of a webhook shows its messages, and is never cached",
}
