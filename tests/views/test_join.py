import pytest
import time_machine
from django.core.exceptions import ValidationError

from funnel.actions import invitations, staff
from funnel.models import PracticeVersion, Staff
from funnel.reports.entry.missing import build_missing
from tests.cast import make_cast
from tests.factories import TODAY, WEEK, close_week, link_for, make_ownership, root_seat, seat_for
from tests.sending import queue_and_send, send_all

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def invited(cast):
    """Maya of Lumina, added by the admin of Harbor."""
    harbor = root_seat(cast.stranger.practice)
    return staff.add(by=harbor, email=cast.owner.user.email, name="Maya", access="admin")


URL = "/join/harbor/"


def test_someone_who_signs_in_elsewhere_sees_nothing_before_they_join(client, cast, invited):
    client.force_login(invited.user)
    assert client.get("/practices/harbor/").status_code == 404
    assert client.get("/admin/").status_code == 302
    text = client.get("/").content.decode()
    assert "Harbor Skin &amp; Laser invites you" in text
    assert "/practices/harbor/" not in text
    assert "/practices/lumina/" in text


def test_joining_opens_the_practice(client, cast, invited):
    before = PracticeVersion.objects.get(practice=invited.practice).number
    client.force_login(invited.user)
    response = client.post(URL, follow=True)
    assert response.redirect_chain == [("/practices/harbor/", 302)]
    assert "You have joined Harbor Skin" in response.content.decode()
    assert client.get("/admin/").status_code == 200
    assert PracticeVersion.objects.get(practice=invited.practice).number == before + 1
    # Again, as a second click.
    assert client.post(URL).status_code == 302


def test_nobody_joins_in_anothers_place_or_where_nobody_added_them(client, cast, invited):
    for person in (cast.member, cast.viewer):
        client.force_login(person.user)
        assert client.post(URL).status_code == 404
    invited.is_active = False
    invited.save()
    client.force_login(invited.user)
    assert client.post(URL).status_code == 404
    assert not Staff.objects.get(pk=invited.pk).has_accepted


def test_reading_joins_nobody(client, cast, invited):
    client.force_login(invited.user)
    assert client.get(URL).status_code == 405


def test_before_they_join_no_mail_and_no_link_reaches_them(client, cast, invited, mailoutbox):
    """Nor is the practice's last admin one who has not joined."""
    by = root_seat(invited.practice)
    leads = invited.practice.kpis.get(slug="leads")
    staff.change(
        by=by,
        staff=invited,
        name="Maya",
        title="",
        roles=[leads.role],
        access="admin",
        today=TODAY,
    )
    make_ownership(leads, invited)
    stranger = seat_for(cast.stranger)
    close_week(cast.stranger)
    queue_and_send()
    assert {address for mail in mailoutbox for address in mail.to} == {stranger.user.email}
    assert client.get(link_for(invited, leads, WEEK.next)).status_code == 410
    with pytest.raises(ValidationError, match="last admin"):
        staff.deactivate(by=by, staff=cast.stranger, today=TODAY)


def test_the_admins_list_does_not_tell_a_new_login_from_one_of_elsewhere(client, cast, invited):
    staff.add(by=root_seat(invited.practice), email="new@harbor.example", name="Nora")
    client.force_login(cast.stranger.user)
    rows = client.get("/admin/funnel/staff/").content.decode().split("<tr>")
    marks = {
        name: row.count("icon-no.svg")
        for row in rows
        for name in ("Maya", "Nora")
        if f">{name}<" in row
    }
    assert marks == {"Maya": 1, "Nora": 1}


@pytest.mark.parametrize("is_known", [True, False])
def test_the_mail_leads_to_where_one_joins(cast, invited, mailoutbox, is_known):
    by = root_seat(invited.practice)
    if not is_known:
        invited = staff.add(by=by, email="new@harbor.example", name="Nora")
    invitations.invite(by=by, staff=invited)
    send_all()
    (mail,) = mailoutbox
    assert ("choose “Join Harbor Skin & Laser”" in mail.body) == is_known
    assert ("/accounts/password/reset/key/" in mail.body) == (not is_known)
    assert f"invites you to {invited.practice.name}" in mail.subject


def test_a_superuser_who_is_added_has_joined(cast):
    added = staff.add(
        by=seat_for(cast.stranger), email=cast.superuser.email, name="Root", access="manager"
    )
    assert added.has_accepted
    assert seat_for(added).staff == added


def test_the_managers_list_waits_for_who_has_not_joined_and_for_a_new_login_alike(cast, invited):
    by = root_seat(invited.practice)
    new = staff.add(by=by, email="new@harbor.example", name="Nora")
    leads, appointments = (
        invited.practice.kpis.get(slug=slug) for slug in ("leads", "appointments")
    )
    for kpi, person in ((leads, invited), (appointments, new)):
        person.roles.add(kpi.role)
        make_ownership(kpi, person)
    missing = build_missing(invited.practice, WEEK, today=TODAY)
    waiting = {gap.owner: gap.waiting_for for gap in missing.missing if gap.waiting_for}
    assert waiting == {"Maya": ("Maya",), "Nora": ("Nora",)}
    assert [reader.name for reader in missing.owing] == ["Nora"]
