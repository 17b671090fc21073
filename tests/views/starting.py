"""What the tests of the guided start share: its addresses, what is stored, and who may not."""

from functools import cache

from django.urls import reverse

from funnel.actions import starts
from funnel.models import KPI, Meeting, Ownership, Practice, Staff, Target, User
from tests.factories import make_practice, make_staff, make_start, root_seat
from tests.kept import Kept

TUESDAY = "2026-11-24T15:00Z"
SLUG = "newton-skin"


def address(step, slug=SLUG):
    """The URL of that step of the practice's start."""
    return reverse(f"start-{step}", args=[slug])


def reached(step):
    """A practice in setup at that step, with an admin who is no superuser: Ada."""
    return _reaching(step)()


@cache
def _reaching(step):
    return Kept(lambda: _reach(step))


def _reach(step):
    practice = make_start()
    starts.go_on(by=root_seat(practice), to=step)
    practice.refresh_from_db()
    return practice, make_staff(practice, "Ada", access="admin")


def page_of(response, status=200):
    """The answer's text, blanks made one."""
    assert response.status_code == status
    return " ".join(response.content.decode().split())


def stored():
    """Everything that a start can change."""
    models = (Practice, Staff, User, KPI, Ownership, Target, Meeting)
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


def doors(client, practice, step, **typed):
    """Checks everyone's answer who may not, that of no practice, and that nothing was changed."""
    hal = make_staff(make_practice("harbor"), "Hal", access="admin")
    people = [make_staff(practice, name, access=name.lower()) for name in ("Viewer", "Manager")]
    before, url = stored(), address(step)
    client.logout()
    for answer in (client.get(url), client.post(url, typed)):
        assert answer.url.startswith(reverse("account_login"))
    client.force_login(hal.user)
    for elsewhere in (url, address(step, "nowhere")):
        assert client.get(elsewhere).status_code == client.post(elsewhere, typed).status_code == 404
    for person in people:
        client.force_login(person.user)
        assert client.get(url).status_code == client.post(url, typed).status_code == 403
    client.force_login(Staff.objects.get(name="Ada").user)
    for method in (client.put, client.delete):
        assert method(url).status_code == 405
    assert client.head(url).status_code == 200
    assert without_sign_ins(stored()) == without_sign_ins(before)


def without_sign_ins(rows):
    """The same without when someone signed in last."""
    logins = [{**row, "last_login": None} for row in rows["User"]]
    return {**rows, "User": logins}


def leads_on(client, practice, step):
    """Checks where the step leads that was not reached, and once the start is finished."""
    Practice.objects.filter(pk=practice.pk).update(start_step=Practice.Step.WHO)
    assert client.get(address(step)).url == address("who")
    Practice.objects.filter(pk=practice.pk).update(start_step=None)
    for answer in (client.get(address(step)), client.post(address(step))):
        assert answer.url == practice.get_absolute_url()
