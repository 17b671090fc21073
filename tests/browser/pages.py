"""Every page there is to look at, and who sees it."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib import admin
from django.urls import reverse
from django.utils import timezone

from funnel.actions import addresses, importing
from funnel.domain.weeks import Week
from funnel.models import KPI, FollowUp, Practice, Staff
from tests.factories import (
    TODAY,
    WEEK,
    link_for,
    make_import,
    make_screen,
    make_told_webhook,
    seat_for,
)

DASHBOARD = "/practices/lumina/"
PAST = WEEK.back(5)[0]
# Its meeting was opened again, and a number of it corrected.
CORRECTED = WEEK.plus(-3)
CLOSED = WEEK.back(7)[0]
RUNNING = Week.running(TODAY)


@dataclass(frozen=True)
class Page:
    """An address, and the status it is answered with."""

    path: str
    status: int = 200


def signed_out() -> Iterator[Page]:
    """What anyone can open."""
    for name in (
        "account_login",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key_done",
    ):
        yield Page(reverse(name))
    yield Page(reverse("account_reset_password_from_key", args=["1", "not-a-key"]))
    yield Page(reverse("account_signup"), 404)


def of_a_wall() -> Iterator[Page]:
    """What hangs on a wall, without names and with them, and what a wrong address leads to."""
    for slug, shows_names in (("lumina", True), ("harbor", False)):
        practice = Practice.objects.get(slug=slug)
        _, token = make_screen(practice, shows_names=shows_names)
        yield Page(reverse("tv", args=[token]))
    yield Page(reverse("tv", args=["wrong"]), 404)


def of_a_link() -> Iterator[Page]:
    """Pages of dana's one-number links: the running week's field; a started meeting; and the links
    that confirm her new address."""
    dana = Staff.objects.get(practice__slug="lumina", name="Dana")
    patients = KPI.objects.get(practice__slug="lumina", slug="patients-acquired")
    yield Page(link_for(dana, patients, RUNNING))
    yield Page(link_for(dana, patients, WEEK), 410)
    yield Page(reverse("one-number", args=["wrong"]), 404)
    now = timezone.now()
    change = addresses.ask(by=dana.user, email="dana.w@lumina.example", now=now)
    for mailbox in ("old", "new"):
        token = addresses.signed(change, mailbox)
        yield Page(reverse("confirm-address", args=[token]))
    yield Page(reverse("confirm-address", args=["wrong"]), 404)


def of_an_owner() -> Iterator[Page]:
    """A member's: dana owns patients acquired at Lumina."""
    yield Page(DASHBOARD)
    yield Page(reverse("enter", args=["lumina"]))
    yield Page(reverse("enter", args=["lumina", PAST]))
    yield Page(reverse("responsibilities", args=["lumina"]))
    for name in ("follow-ups", "meetings", "mails", "export", "tokens"):
        yield Page(reverse(name, args=["lumina"]))
    for name in ("recap", "seen-board"):
        yield Page(reverse(name, args=["lumina", CORRECTED]))
    yield Page("/practices/harbor/", 404)
    yield Page("/admin/login/", 403)


def of_an_account() -> Iterator[Page]:
    """Anyone's own, after they have just signed in."""
    for name in (
        "account_change_password",
        "address",
        "account_logout",
        "account_reauthenticate",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_list_webauthn",
        "mfa_add_webauthn",
        "usersessions_list",
    ):
        yield Page(reverse(name))


def of_codes() -> Iterator[Page]:
    """Of someone with an authenticator app, after they have signed in with it."""
    for name in (
        "mfa_index",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_deactivate_totp",
        "mfa_reauthenticate",
    ):
        yield Page(reverse(name))


def of_a_passkey(key: int = 1) -> Iterator[Page]:
    """Of someone with a passkey of that number, after they have signed in with it."""
    yield Page(reverse("mfa_list_webauthn"))
    yield Page(reverse("mfa_edit_webauthn", args=[key]))
    yield Page(reverse("mfa_remove_webauthn", args=[key]))


def of_a_viewer() -> Iterator[Page]:
    """Someone's who only looks."""
    yield Page(DASHBOARD)
    yield Page(reverse("scorecard", args=["lumina"]))
    yield Page(reverse("enter", args=["lumina"]), 403)
    yield Page(reverse("export", args=["lumina"]))
    yield Page(reverse("export", args=["lumina"]) + "?from=2026-W47&to=2026-W46", 400)
    yield Page(reverse("tokens", args=["lumina"]))
    yield Page(reverse("meeting", args=["lumina", WEEK]))


def of_a_group_manager() -> Iterator[Page]:
    """A user with two practices, one with a KPI without an owner."""
    yield Page("/")
    yield Page("/practices/harbor/")
    yield Page(reverse("screens", args=["harbor"]))
    yield from of_imports()
    for show in ("open", "done", "dropped"):
        yield Page(reverse("follow-ups", args=["lumina"]) + f"?show={show}")
    for follow_up in FollowUp.objects.filter(practice__slug="lumina")[:2]:
        yield Page(reverse("follow-up", args=["lumina", follow_up.pk]))
    yield Page(reverse("recap", args=["lumina", CORRECTED]))
    yield Page(reverse("responsibilities", args=["harbor"]))
    yield Page(reverse("enter", args=["harbor"]))
    for query in ("", "?by=month", "?by=quarter&order=oldest"):
        yield Page(reverse("scorecard", args=["lumina"]) + query)
    yield Page(reverse("scorecard", args=["harbor"]))
    yield Page(reverse("history", args=["lumina", "appointments"]))
    yield Page(reverse("history", args=["lumina", "appointments"]) + "?weeks=26&from=2026-W40")
    yield Page(reverse("history", args=["lumina", "cost-per-lead"]))
    yield Page(reverse("history", args=["lumina", "google-rating"]) + "?weeks=all")
    yield Page(reverse("meeting", args=["harbor", WEEK]))
    yield Page(reverse("short-week", args=["harbor", WEEK]))
    yield Page(reverse("meeting", args=["lumina", WEEK]))
    yield Page(reverse("meeting", args=["lumina", CLOSED]))
    yield Page(f"{DASHBOARD}?weeks=26")
    yield Page(f"{DASHBOARD}?weeks=52")
    yield Page(reverse("dashboard", args=["lumina", RUNNING]))
    yield Page(reverse("dashboard", args=["lumina", PAST]))


def of_imports() -> Iterator[Page]:
    """A file with questions, one with numbers of every kind, and one that was imported."""
    ana, gwen = (Staff.objects.get(practice__slug="lumina", name=name) for name in ("Ana", "Gwen"))
    asked = make_import(ana, ["Week", "Leads", "Walk-ins"], ["03/04/2026", "1,234", 5])
    done = make_import(gwen, ["Week", "Leads"], [str(RUNNING), 61])
    list(importing.apply(by=seat_for(gwen), draft=done, leaves_out=False, today=TODAY))
    shown = make_import(
        gwen,
        ["Week", "KPI", "Value"],
        [str(RUNNING), "Leads", 600],
        [str(RUNNING), "Appointments", 27],
        [str(RUNNING), "Appointments", 28],
        [str(PAST), "Leads", 1],
        ["soon", "Leads", 1],
    )
    yield Page(reverse("import", args=["lumina"]))
    for imported in (asked, done, shown):
        yield Page(reverse("import-file", args=["lumina", imported.pk]))


def of_an_admin_of_an_empty_practice() -> Iterator[Page]:
    """The first pages of a practice without owners or numbers."""
    yield Page("/practices/empty/")
    yield Page(reverse("enter", args=["empty"]))
    for name in ("follow-ups", "meetings", "mails"):
        yield Page(reverse(name, args=["empty"]))
    yield Page(reverse("responsibilities", args=["empty"]))
    yield Page(reverse("scorecard", args=["empty"]))
    yield Page(reverse("history", args=["empty", "leads"]))
    yield Page(reverse("meeting", args=["empty", WEEK]))


def of_a_start() -> Iterator[Page]:
    """The guided start of `make_start`'s practice, at its last step, with a KPI of nobody."""
    yield Page(reverse("start"))
    for name in ("practice", "who", "targets", "spreadsheet", "summary"):
        yield Page(reverse(f"start-{name}", args=["newton-skin"]))
    # Its first day.
    yield Page("/")
    for name in ("dashboard", "enter", "responsibilities", "scorecard", "follow-ups"):
        yield Page(reverse(name, args=["newton-skin"]))


def of_an_empty_installation() -> Iterator[Page]:
    """What anyone sees while no one can sign in."""
    yield Page(reverse("start"))


OF_THE_HOST = {"JobRun", "Message", "User"}


def of_an_admin() -> Iterator[Page]:
    """Django admin as Harbor's admin sees it, and what else is an admin's."""
    yield Page("/practices/harbor/")
    hook = make_told_webhook(Staff.objects.get(user__email="admin@harbor.example"))
    yield Page(reverse("webhooks", args=["harbor"]))
    yield Page(reverse("webhook", args=["harbor", hook.pk]))
    yield Page(reverse("admin:index"))
    yield Page(reverse("admin:app_list", args=["funnel"]))
    for model in admin.site._registry:
        opts = model._meta
        if opts.object_name in OF_THE_HOST:
            continue
        yield Page(reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist"))
    for name in ("kpi", "kpigroup", "staff", "role"):
        yield Page(reverse(f"admin:funnel_{name}_add"))
    for row in (
        KPI.objects.get(practice__slug="harbor", slug="appointments"),
        Staff.objects.get(practice__slug="harbor", name="Finn"),
        Practice.objects.get(slug="harbor"),
    ):
        for what in ("change", "history"):
            yield Page(reverse(f"admin:funnel_{row._meta.model_name}_{what}", args=[row.pk]))


def of_a_superuser() -> Iterator[Page]:
    """What only a superuser sees of the admin."""
    yield Page(reverse("admin:funnel_jobrun_changelist"))
    yield Page(reverse("admin:funnel_message_changelist"))
    yield Page(reverse("admin:funnel_user_changelist"))
    yield Page(reverse("admin:funnel_practice_add"))
    yield Page(reverse("admin:funnel_kpi_add"))
