"""What the tests of the meeting's addresses share: sending, what is stored, and who may not."""

from django.contrib.messages import get_messages
from django.urls import reverse

from funnel.models import (
    Attendance,
    FollowUp,
    Meeting,
    MeetingNote,
    NotBrought,
    Practice,
    Snapshot,
    WeeklyEntry,
)
from tests.factories import WEEK, close_week

CLOSED = "This meeting is closed. A manager can reopen it, with a reason."
PLANNED = ("minutes_numbers", "minutes_ahead", "minutes_issues")
NO_WEEKS = (WEEK.next, WEEK.plus(2), WEEK.plus(-200))


def address(name, *args, week=WEEK, slug="lumina"):
    """The URL of that name, of the practice's meeting of that week."""
    return reverse(name, args=[slug, week, *args])


def send(client, person, url, headers=None, **typed):
    """The answer to what that person sends."""
    client.force_login(getattr(person, "user", person))
    return client.post(url, typed, headers=headers)


def page_of(response, status=200):
    """The answer's text, blanks made one."""
    assert response.status_code == status
    return " ".join(response.content.decode().split())


def told(response):
    """What the next page will say."""
    assert response.status_code == 302
    return [str(message) for message in get_messages(response.wsgi_request)]


def stored():
    """Everything that a meeting can change."""
    models = (Meeting, MeetingNote, Attendance, NotBrought, WeeklyEntry, FollowUp, Snapshot)
    rows = {model.__name__: list(model.objects.order_by("pk").values()) for model in models}
    return rows | {"planned": list(Practice.objects.order_by("pk").values_list(*PLANNED))}


def only_a_manager_sends(client, cast, name, *args, **typed):
    """Checks everyone else's answer, that of a week without a meeting, and that nothing was
    changed by any."""
    before, url = stored(), address(name, *args)
    client.logout()
    assert client.post(url, typed).url.startswith(reverse("account_login"))
    assert send(client, cast.stranger, url, **typed).status_code == 404
    for person in (cast.viewer, cast.owner, cast.stand_in, cast.marketer):
        assert send(client, person, url, **typed).status_code == 403
    elsewhere = address(name, *args, slug="harbor")
    assert send(client, cast.manager, elsewhere, **typed).status_code == 404
    for week in NO_WEEKS:
        response = send(client, cast.manager, address(name, *args, week=week), **typed)
        assert response.status_code == 404
    assert stored() == before


def reading_leads_to_the_meeting(client, cast, name, *args):
    """Check the response to GET, and that nothing changed."""
    before, url = stored(), address(name, *args)
    client.logout()
    assert client.get(url).url.startswith(reverse("account_login"))
    client.force_login(cast.manager.user)
    for answer in (client.get(url), client.head(url)):
        assert (answer.status_code, answer.url) == (302, address("meeting"))
    for method in (client.put, client.delete):
        assert method(url).status_code == 405
    for person, status in ((cast.viewer, 403), (cast.owner, 403), (cast.stranger, 404)):
        client.force_login(person.user)
        assert client.get(url).status_code == status
    assert stored() == before


def answer_once_closed(client, cast, name, *args, **typed):
    """What a manager gets who sends it after the close, which has changed nothing."""
    close_week(cast.manager)
    before = stored()
    response = send(client, cast.manager, address(name, *args), **typed)
    assert stored() == before
    return response
