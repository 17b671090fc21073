"""Every address of the project and what it answers to whom: the table is the decision.

`in` leads to the sign-in page, `->` anywhere else. An address that the table leaves out fails a
test. The stranger is admin of the practice next door: the admin is open to them, but nothing of
this practice in it.
"""

import re

import pytest
import time_machine
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from funnel.actions import practices
from funnel.actions.jobs import register
from funnel.domain.repeating import JOBS
from funnel.models import FollowUp, JobRun, KPIGroup, Message, Practice, Webhook, WeeklyEntry
from tests.cast import make_cast
from tests.factories import (
    WEEK,
    close_week,
    link_for,
    make_calendar,
    make_entry,
    make_follow_up,
    make_import,
    make_screen,
    make_target,
    make_webhook,
    root_seat,
)

pytestmark = pytest.mark.django_db

PEOPLE = (
    "anonymous",
    "stranger",
    "viewer",
    "member",
    "owner",
    "stand_in",
    "manager",
    "admin",
    "superuser",
)

# Read by the nine people above, in that order.
PAGES = """
home                                       in    ->    ->    ->    ->    ->    ->    ->    200
dashboard(slug)                            in    404   200   200   200   200   200   200   200
dashboard(slug,week)                       in    404   200   200   200   200   200   200   200
short-week(slug,week)                      in    404   403   403   403   403   200   200   200
enter(slug)                                in    404   403   200   200   200   200   200   200
enter(slug,week)                           in    404   403   200   200   200   200   200   200
enter-number(slug,week,kpi)                in    404   403   403   ->    ->    ->    ->    ->
responsibilities(slug)                     in    404   200   200   200   200   200   200   200
screens(slug)                              in    404   403   403   403   403   200   200   200
screen(slug,number)                        in    405   405   405   405   405   405   405   405
webhooks(slug)                             in    404   403   403   403   403   403   200   200
webhook(slug,number)                       in    404   403   403   403   403   403   200   200
import(slug)                               in    404   403   403   403   403   200   200   200
import-file(slug,number)                   in    404   403   403   403   403   200   200   200
tv(token)                                  200   200   200   200   200   200   200   200   200
one-number(token)                          200   200   200   200   200   200   200   200   200
calendar(token)                            200   200   200   200   200   200   200   200   200
scorecard(slug)                            in    404   200   200   200   200   200   200   200
history(slug,kpi)                          in    404   200   200   200   200   200   200   200
baseline(slug,kpi)                         in    404   403   403   403   403   ->    ->    ->
end-baseline(slug,kpi)                     in    405   405   405   405   405   405   405   405
follow-ups(slug)                           in    404   200   200   200   200   200   200   200
follow-up(slug,number)                     in    404   200   200   200   200   200   200   200
meetings(slug)                             in    404   200   200   200   200   200   200   200
recap(slug,week)                           in    404   200   200   200   200   200   200   200
seen-board(slug,week)                      in    404   200   200   200   200   200   200   200
meeting-reopen(slug,week)                  in    404   403   403   403   403   ->    ->    ->
export(slug)                               in    404   200   200   200   200   200   200   200
export-file(slug,what,fmt)                 in    404   200   200   200   200   200   200   200
mails(slug)                                in    404   200   200   200   200   200   200   200
meeting(slug)                              in    404   ->    ->    ->    ->    ->    ->    ->
meeting(slug,week)                         in    404   200   200   200   200   200   200   200
meeting-state(slug,week)                   in    404   200   200   200   200   200   200   200
meeting-agenda(slug,week)                  in    404   403   403   403   403   ->    ->    ->
meeting-attendance(slug,week)              in    404   403   403   403   403   ->    ->    ->
meeting-note(slug,week,part)               in    404   403   403   403   403   ->    ->    ->
meeting-note(slug,week,part,kpi)           in    404   403   403   403   403   ->    ->    ->
meeting-number(slug,week,kpi)              in    404   403   403   403   403   ->    ->    ->
meeting-follow-up(slug,week)               in    404   403   403   403   403   ->    ->    ->
meeting-close(slug,week)                   in    404   403   403   403   403   ->    ->    ->
address                                    in    ->    ->    ->    ->    ->    ->    ->    ->
confirm-address(token)                     404   404   404   404   404   404   404   404   404
join(slug)                                 in    405   405   405   405   405   405   405   405
start                                      in    403   403   403   403   403   403   403   200
start-practice(slug)                       in    404   403   403   403   403   403   200   200
start-who(slug)                            in    404   403   403   403   403   403   200   200
start-targets(slug)                        in    404   403   403   403   403   403   200   200
start-spreadsheet(slug)                    in    404   403   403   403   403   403   200   200
start-summary(slug)                        in    404   403   403   403   403   403   200   200
tokens(slug)                               in    404   200   200   200   200   200   200   200
token(slug,number)                         in    405   405   405   405   405   405   405   405
api:openapi-json                           200   200   200   200   200   200   200   200   200
api:openapi-view                           200   200   200   200   200   200   200   200   200
api:practices                              401   200   200   200   200   200   200   200   200
api:practice(slug)                         401   404   200   200   200   200   200   200   200
api:kpis(slug)                             401   404   200   200   200   200   200   200   200
api:board(slug,week)                       401   404   200   200   200   200   200   200   200
api:history(slug,kpi)                      401   404   200   200   200   200   200   200   200
api:entries(slug)                          401   404   200   200   200   200   200   200   200
api:entry(slug,kpi,week)                   405   405   405   405   405   405   405   405   405
api:batch(slug)                            405   405   405   405   405   405   405   405   405
api:short-weeks(slug)                      401   404   200   200   200   200   200   200   200
api:short-week(slug,week)                  405   405   405   405   405   405   405   405   405
api:follow-ups(slug)                       401   404   200   200   200   200   200   200   200
api:follow-up(slug,number)                 405   405   405   405   405   405   405   405   405
healthz                                    200   200   200   200   200   200   200   200   200
readyz                                     200   200   200   200   200   200   200   200   200
"""

# The same nine. Where an address has an id, it is that of something of this practice.
ADMIN = """
admin:index                                in    200   in    in    in    in    in    200   200
admin:app_list(app_label)                  in    200   in    in    in    in    in    200   200
admin:login                                in    ->    403   403   403   403   403   ->    ->
admin:logout                               in    405   ->    ->    ->    ->    ->    405   405
admin:password_change                      in    ->    in    in    in    in    in    ->    ->
admin:password_change_done                 in    200   in    in    in    in    in    200   200
admin:autocomplete                         in    403   in    in    in    in    in    403   403
admin:jsi18n                               in    200   in    in    in    in    in    200   200
admin:funnel_practice_changelist           in    200   in    in    in    in    in    200   200
admin:funnel_practice_add                  in    403   in    in    in    in    in    403   200
admin:funnel_practice_change(object_id)    in    ->    in    in    in    in    in    200   200
admin:funnel_practice_delete(object_id)    in    403   in    in    in    in    in    403   403
admin:funnel_practice_history(object_id)   in    ->    in    in    in    in    in    200   200
admin:funnel_role_changelist               in    200   in    in    in    in    in    200   200
admin:funnel_role_add                      in    200   in    in    in    in    in    200   200
admin:funnel_role_change(object_id)        in    ->    in    in    in    in    in    200   200
admin:funnel_role_delete(object_id)        in    403   in    in    in    in    in    403   403
admin:funnel_role_history(object_id)       in    ->    in    in    in    in    in    200   200
admin:funnel_kpigroup_changelist           in    200   in    in    in    in    in    200   200
admin:funnel_kpigroup_add                  in    200   in    in    in    in    in    200   200
admin:funnel_kpigroup_change(object_id)    in    ->    in    in    in    in    in    200   200
admin:funnel_kpigroup_delete(object_id)    in    403   in    in    in    in    in    403   403
admin:funnel_kpigroup_history(object_id)   in    ->    in    in    in    in    in    200   200
admin:funnel_staff_changelist              in    200   in    in    in    in    in    200   200
admin:funnel_staff_add                     in    200   in    in    in    in    in    200   200
admin:funnel_staff_change(object_id)       in    ->    in    in    in    in    in    200   200
admin:funnel_staff_delete(object_id)       in    403   in    in    in    in    in    403   403
admin:funnel_staff_history(object_id)      in    ->    in    in    in    in    in    200   200
admin:funnel_kpi_changelist                in    200   in    in    in    in    in    200   200
admin:funnel_kpi_add                       in    200   in    in    in    in    in    200   200
admin:funnel_kpi_change(object_id)         in    ->    in    in    in    in    in    200   200
admin:funnel_kpi_delete(object_id)         in    403   in    in    in    in    in    403   403
admin:funnel_kpi_history(object_id)        in    ->    in    in    in    in    in    200   200
admin:funnel_weeklyentry_changelist        in    200   in    in    in    in    in    200   200
admin:funnel_weeklyentry_add               in    403   in    in    in    in    in    403   403
admin:funnel_weeklyentry_change(object_id) in    ->    in    in    in    in    in    200   200
admin:funnel_weeklyentry_delete(object_id) in    403   in    in    in    in    in    403   403
admin:funnel_weeklyentry_history(object_id) in   ->    in    in    in    in    in    200   200
admin:funnel_meeting_changelist            in    200   in    in    in    in    in    200   200
admin:funnel_meeting_add                   in    403   in    in    in    in    in    403   403
admin:funnel_meeting_change(object_id)     in    ->    in    in    in    in    in    200   200
admin:funnel_meeting_delete(object_id)     in    403   in    in    in    in    in    403   403
admin:funnel_meeting_history(object_id)    in    ->    in    in    in    in    in    200   200
admin:funnel_followup_changelist           in    200   in    in    in    in    in    200   200
admin:funnel_followup_add                  in    403   in    in    in    in    in    403   403
admin:funnel_followup_change(object_id)    in    ->    in    in    in    in    in    200   200
admin:funnel_followup_delete(object_id)    in    403   in    in    in    in    in    403   403
admin:funnel_followup_history(object_id)   in    ->    in    in    in    in    in    200   200
admin:funnel_ownership_changelist          in    200   in    in    in    in    in    200   200
admin:funnel_ownership_add                 in    403   in    in    in    in    in    403   403
admin:funnel_ownership_change(object_id)   in    ->    in    in    in    in    in    200   200
admin:funnel_ownership_delete(object_id)   in    403   in    in    in    in    in    403   403
admin:funnel_ownership_history(object_id)  in    ->    in    in    in    in    in    200   200
admin:funnel_standin_changelist            in    200   in    in    in    in    in    200   200
admin:funnel_standin_add                   in    403   in    in    in    in    in    403   403
admin:funnel_standin_change(object_id)     in    ->    in    in    in    in    in    200   200
admin:funnel_standin_delete(object_id)     in    403   in    in    in    in    in    403   403
admin:funnel_standin_history(object_id)    in    ->    in    in    in    in    in    200   200
admin:funnel_target_changelist             in    200   in    in    in    in    in    200   200
admin:funnel_target_add                    in    403   in    in    in    in    in    403   403
admin:funnel_target_change(object_id)      in    ->    in    in    in    in    in    200   200
admin:funnel_target_delete(object_id)      in    403   in    in    in    in    in    403   403
admin:funnel_target_history(object_id)     in    ->    in    in    in    in    in    200   200
admin:funnel_user_changelist               in    403   in    in    in    in    in    403   200
admin:funnel_user_add                      in    403   in    in    in    in    in    403   403
admin:funnel_user_change(object_id)        in    403   in    in    in    in    in    403   200
admin:funnel_user_delete(object_id)        in    403   in    in    in    in    in    403   403
admin:funnel_user_history(object_id)       in    ->    in    in    in    in    in    ->    200
admin:funnel_jobrun_changelist             in    403   in    in    in    in    in    403   200
admin:funnel_jobrun_add                    in    403   in    in    in    in    in    403   403
admin:funnel_jobrun_change(object_id)      in    403   in    in    in    in    in    403   200
admin:funnel_jobrun_delete(object_id)      in    403   in    in    in    in    in    403   403
admin:funnel_jobrun_history(object_id)     in    ->    in    in    in    in    in    ->    200
admin:funnel_message_changelist            in    403   in    in    in    in    in    403   200
admin:funnel_message_add                   in    403   in    in    in    in    in    403   403
admin:funnel_message_change(object_id)     in    403   in    in    in    in    in    403   200
admin:funnel_message_delete(object_id)     in    403   in    in    in    in    in    403   403
admin:funnel_message_history(object_id)    in    ->    in    in    in    in    in    ->    200
"""

# The library's account pages, read anonymously and by a signed-in user. 404 means a second factor
# that this person does not have.
ACCOUNT = """
account_login                              200   ->
account_logout                             in    200
account_inactive                           404   404
account_signup                             404   404
account_reauthenticate                     in    200
account_email                              404   404
account_email_verification_sent            404   404
account_change_password                    in    200
account_set_password                       404   404
account_reset_password                     200   200
account_confirm_login_code                 404   404
account_confirm_email(key)                 404   404
account_reset_password_from_key_done       200   200
account_reset_password_from_key(uidb36,key) 200   200
account_reset_password_done                200   200
mfa_index                                  in    200
mfa_authenticate                           in    ->
mfa_reauthenticate                         in    ->
mfa_activate_totp                          in    ->
mfa_deactivate_totp                        in    404
mfa_view_recovery_codes                    in    ->
mfa_generate_recovery_codes                in    ->
mfa_download_recovery_codes                in    ->
mfa_list_webauthn                          in    200
mfa_add_webauthn                           in    ->
mfa_reauthenticate_webauthn                in    ->
mfa_remove_webauthn(pk)                    in    ->
mfa_edit_webauthn(pk)                      in    ->
mfa_login_webauthn                         in    ->
usersessions_list                          in    200
"""

# Maya owns appointments, Sam enters for her; leads are someone else's. `->` has saved.
ENTERING = """
appointments                               in    404   403   403   ->    ->    ->    ->    ->
leads                                      in    404   403   403   403   403   ->    ->    ->
nothing                                    in    404   403   404   404   404   404   404   404
"""


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def clients(cast):
    return {who: client_of(cast, who) for who in PEOPLE}


def client_of(cast, who):
    client = Client()
    if who != "anonymous":
        person = getattr(cast, who)
        client.force_login(getattr(person, "user", person))
    return client


def rows(table):
    """(address, what it answers) of each row."""
    return [(line.split()[0], line.split()[1:]) for line in table.strip().splitlines()]


def answer(response):
    """The status as the table writes it."""
    if response.status_code != 302:
        return str(response.status_code)
    leads_to_sign_in = re.match(r"/(accounts|admin)/login/", response["Location"])
    return "in" if leads_to_sign_in else "->"


def url_of(address, cast):
    """The URL of an address such as `enter(slug,week)`, at this practice."""
    name, *keys = re.findall(r"[^(),]+", address)
    given = {
        "slug": "lumina",
        "week": WEEK,
        "kpi": "appointments",
        "part": "numbers",
        "app_label": "funnel",
        "key": "1",
        "pk": "1",
        "uidb36": "ab",
        "number": 1,
        "what": "entries",
        "fmt": "csv",
    }
    if name == "follow-up":
        given["number"] = FollowUp.objects.get().pk
    if name == "webhook":
        given["number"] = Webhook.objects.get().pk
    if name == "one-number":
        # Of a week that is not closed, before its meeting of Monday.
        return link_for(cast.owner, cast.appointments, WEEK.next)
    if name == "import-file":
        given["number"] = make_import(cast.manager, ["Week", "Leads"], [str(WEEK), 5]).pk
    if name == "confirm-address":
        return reverse(name, args=["wrong"])
    if "token" in keys:
        given["token"] = (
            make_calendar(cast.owner) if name == "calendar" else make_screen(cast.practice)[1]
        )
    if "object_id" in keys:
        given["object_id"] = object_of(name, cast).pk
    return reverse(name, kwargs={key: given[key] for key in keys})


def object_of(name, cast):
    """Something of this practice, of the model that the admin's address names."""
    model = apps.get_model("funnel", name.split("_")[1])
    if model._meta.model_name == "practice":
        return cast.practice
    if model in {JobRun, Message}:
        return model.objects.first()
    if model._meta.model_name == "user":
        return cast.owner.user
    try:
        model._meta.get_field("practice")
    except FieldDoesNotExist:
        return model.objects.filter(kpi__practice=cast.practice).first()
    return model.objects.filter(practice=cast.practice).first()


@pytest.mark.parametrize("table", [PAGES, ADMIN], ids=["pages", "admin"])
def test_every_page_answers_as_the_table_says(table, cast, clients):
    make_target(cast.appointments, 40)
    make_entry(cast.appointments, 30)
    KPIGroup.objects.create(practice=cast.practice, name="Money")
    make_follow_up(cast.owner)
    make_webhook(cast.admin)
    close_week(cast.manager)
    register(jobs=JOBS, now=timezone.now())
    practices.change(by=root_seat(cast.practice), start_step=Practice.Step.SUMMARY)
    measured = [
        (address, [answer(client.get(url_of(address, cast))) for client in clients.values()])
        for address, _ in rows(table)
    ]
    assert measured == rows(table)


def test_every_page_about_oneself_answers_as_the_table_says(cast, clients):
    both = (clients["anonymous"], clients["member"])
    measured = [
        (address, [answer(client.get(url_of(address, cast))) for client in both])
        for address, _ in rows(ACCOUNT)
    ]
    assert measured == rows(ACCOUNT)


@pytest.mark.parametrize(("slug", "answers"), rows(ENTERING), ids=lambda part: str(part)[:12])
def test_whoever_may_enter_a_number_and_nobody_else_does(slug, answers, clients):
    url = reverse("enter-number", args=["lumina", WEEK, slug])
    typed = {"value": "30", "reason": "They are ill.", "note": "", "version": ""}
    for who, expected in zip(PEOPLE, answers, strict=True):
        assert (who, answer(clients[who].post(url, typed))) == (who, expected)
        assert WeeklyEntry.objects.exists() == (expected == "->")
        WeeklyEntry.objects.all().delete()


def test_the_owner_of_a_number_needs_the_pages_own_token(cast):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.owner.user)
    url = reverse("enter-number", args=["lumina", WEEK, "appointments"])
    assert client.post(url, {"value": "30"}).status_code == 403
    assert not WeeklyEntry.objects.exists()


def test_no_address_is_missing_from_the_table():
    """Two of the admin's have no name: the old form of an object's address, and the catch-all. The
    sign-in page is there twice: ours before the library's."""
    listed = [address for table in (PAGES, ADMIN, ACCOUNT) for address, _ in rows(table)]
    assert sorted(set(addresses(get_resolver()))) == sorted(listed)


def addresses(resolver, namespace="", keys=()):
    """Every named address below, with the keys it takes."""
    for entry in resolver.url_patterns:
        taken = (*keys, *(entry.pattern.converters or entry.pattern.regex.groupindex))
        if hasattr(entry, "url_patterns"):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from addresses(entry, inner, taken)
        elif entry.name:
            yield f"{namespace}{entry.name}" + (f"({','.join(taken)})" if taken else "")
