"""api/follow_ups.py"""

import pytest

from funnel.actions import follow_ups as actions
from funnel.models import FollowUp
from tests.api.asking import errors, problem, program_of
from tests.factories import WEEK, close_week, make_follow_up, seat_for

pytestmark = pytest.mark.django_db


def post(person, **body):
    return program_of(person).ask("POST", "follow-ups/", body)


def patch(person, follow_up, **body):
    return program_of(person).ask("PATCH", f"follow-ups/{follow_up.pk}/", body)


def promised(cast, **changes):
    return {"text": "Call back", "owner": cast.owner.pk, "due_on": "2026-12-01", **changes}


def state(follow_up):
    follow_up.refresh_from_db()
    return follow_up.text, follow_up.owner.name, follow_up.due_on.isoformat(), follow_up.is_open


# Reading


def test_the_open_ones_by_due_date(cast):
    first = make_follow_up(cast.owner, "Call back", WEEK.sunday, kpi=cast.appointments)
    make_follow_up(cast.marketer, "Print cards")
    response = program_of(cast.viewer, may_write=False).get("follow-ups/").json()
    assert (response["page"], response["pages"]) == (1, 1)
    assert response["follow_ups"][0] == {
        "number": first.pk,
        "text": "Call back",
        "owner": "Maya",
        "owner_number": cast.owner.pk,
        "due_on": "2026-11-22",
        "is_overdue": True,
        "kpi": "appointments",
        "week": "2026-W47",
        "state": "open",
        "dropped_because": "",
        "version": 1,
    }
    assert [one["text"] for one in response["follow_ups"]] == ["Call back", "Print cards"]


def test_of_each_kind_and_of_one_kpi(cast):
    by = seat_for(cast.manager)
    make_follow_up(cast.owner, "Open", kpi=cast.leads)
    make_follow_up(cast.marketer, "Late", WEEK.sunday)
    actions.finish(by=by, follow_up=make_follow_up(cast.owner, "Over"))
    actions.drop(by=by, follow_up=make_follow_up(cast.owner, "Gone"), reason="No need")
    program = program_of(cast.owner)

    def texts(query):
        return {one["text"] for one in program.get(f"follow-ups/{query}").json()["follow_ups"]}

    assert texts("") == texts("?show=open") == {"Open", "Late"}
    assert texts("?show=mine") == {"Open"}
    assert texts("?show=overdue") == {"Late"}
    assert texts("?show=done") == {"Over"}
    assert texts("?show=dropped") == {"Gone"}
    assert texts("?show=all") == {"Open", "Late", "Over", "Gone"}
    assert texts("?kpi=leads") == {"Open"}
    assert texts("?kpi=nothing") == set()
    told = program.get("follow-ups/?show=dropped").json()["follow_ups"][0]
    assert (told["state"], told["dropped_because"]) == ("dropped", "No need")


def test_fifty_a_page(cast):
    for number in range(51):
        make_follow_up(cast.owner, f"Promise {number}")
    program = program_of(cast.owner)
    pages = [program.get(f"follow-ups/?page={page}").json() for page in (1, 2, 3)]
    assert [(len(one["follow_ups"]), one["page"], one["pages"]) for one in pages] == [
        (50, 1, 2),
        (1, 2, 2),
        (1, 2, 2),
    ]


@pytest.mark.parametrize("query", ["?show=none", "?page=0", "?page=x", "?page=100001", "?kpi=%00"])
def test_a_wrong_question_is_422(cast, query):
    assert problem(program_of(cast.owner).get(f"follow-ups/{query}"))[:2] == (422, "invalid")


@pytest.mark.parametrize("many", [1, 30])
def test_five_statements_for_few_and_many(cast, django_assert_num_queries, many):
    for number in range(many):
        make_follow_up(cast.owner, f"Promise {number}")
    program = program_of(cast.owner)
    program.get("")
    with django_assert_num_queries(5):
        program.get("follow-ups/")


# Promising


def test_a_manager_writes_down_a_promise_and_the_same_again_is_kept_once(cast):
    body = promised(cast, text=" Call  back ", kpi="appointments")
    first, again = post(cast.manager, **body), post(cast.manager, **body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert (first.json()["text"], first.json()["week"]) == ("Call back", "2026-W47")
    assert FollowUp.objects.get().promised_by == cast.manager.user


def test_in_the_meeting_of_a_week_of_ones_own_choice(cast):
    assert post(cast.manager, **promised(cast, week="2026-W45")).json()["week"] == "2026-W45"
    for week in ("2026-W48", "2027-W01", "2020-W01"):
        assert errors(post(cast.manager, **promised(cast, week=week))) == {
            "week": "There is no meeting of such a week here."
        }


@pytest.mark.parametrize("who", ["viewer", "member", "owner"])
def test_nobody_else_does(cast, who):
    person = getattr(cast, who)
    program = program_of(person, may_write=who != "viewer")
    response = program.ask("POST", "follow-ups/", promised(cast))
    assert problem(response)[0] == 403
    assert not FollowUp.objects.exists()


def test_a_closed_meeting_is_423(cast):
    close_week(cast.manager)
    response = post(cast.manager, **promised(cast))
    assert problem(response)[:2] == (423, "closed")
    assert errors(response) == {
        "text": "This meeting is closed. Reopen it, or add the follow-up in the next one."
    }


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("text", " ", "Enter what is to be done."),
        ("text", "a\0b", "Write it again without special characters."),
        ("owner", 10**17, "Choose someone who works here."),
        ("due_on", "2026-11-23", "This day is in the past. Choose today or a later one."),
        ("due_on", "2028-01-01", "Choose a day within a year."),
        ("due_on", "2026-02-30", "Choose a day, as in 2026-12-01."),
        ("due_on", "\0", "Choose a day, as in 2026-12-01."),
        ("kpi", "nothing", "Choose a KPI of this practice."),
        ("kpi", "\0", "Write it again without special characters."),
        ("week", "soon", "A week is written like 2026-W47."),
    ],
)
def test_what_cannot_stand_says_the_pages_sentence(cast, field, value, sentence):
    assert errors(post(cast.manager, **promised(cast, **{field: value}))) == {field: sentence}
    assert not FollowUp.objects.exists()


def test_no_one_of_another_practice_is_given_any(cast):
    body = promised(cast, owner=cast.stranger.pk)
    assert errors(post(cast.manager, **body)) == {"owner": "Choose someone who works here."}


# Changing


def test_its_owner_and_a_manager_finish_it_and_who_did_opens_it_again(cast):
    follow_up = make_follow_up(cast.owner)
    done = patch(cast.owner, follow_up, state="done")
    assert (done.status_code, done.json()["state"], done.json()["version"]) == (200, "done", 2)
    assert patch(cast.owner, follow_up, state="done").json()["version"] == 2
    assert patch(cast.owner, follow_up, state="open").json()["state"] == "open"
    assert patch(cast.manager, follow_up, state="done").json()["state"] == "done"
    assert patch(cast.owner, follow_up, state="open").status_code == 403


def test_a_manager_drops_it_with_a_reason(cast):
    follow_up = make_follow_up(cast.owner)
    assert patch(cast.owner, follow_up, state="dropped", reason="No").status_code == 403
    assert errors(patch(cast.manager, follow_up, state="dropped")) == {
        "reason": "Enter a reason for dropping it."
    }
    dropped = patch(cast.manager, follow_up, state="dropped", reason="No need").json()
    assert (dropped["state"], dropped["dropped_because"]) == ("dropped", "No need")


def test_a_manager_says_it_otherwise_with_the_version_they_saw(cast):
    follow_up = make_follow_up(cast.owner)
    body = {"text": "Call within an hour", "owner": cast.stand_in.pk, "due_on": "2026-12-02"}
    for version in ({}, {"version": 2}):
        response = patch(cast.manager, follow_up, **body, **version)
        assert problem(response)[:2] == (409, "conflict")
        assert response.json()["current"]["version"] == 1
    changed = patch(cast.manager, follow_up, **body, version=1)
    assert changed.status_code == 200
    assert state(follow_up) == ("Call within an hour", "Sam", "2026-12-02", True)
    only_text = patch(cast.manager, follow_up, text="Call at once", version=2)
    assert only_text.json()["owner"] == "Sam"
    assert patch(cast.owner, follow_up, text="Never", version=3).status_code == 403


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({}, "Send what to change: its text, or its state."),
        ({"version": 1}, "Send what to change: its text, or its state."),
        ({"text": "x", "state": "done"}, "Change its text or its state, not both at once."),
    ],
)
def test_nothing_and_two_things_at_once_are_refused(cast, body, sentence):
    follow_up = make_follow_up(cast.owner)
    before = state(follow_up)
    assert errors(patch(cast.manager, follow_up, **body)) == {"": sentence}
    assert state(follow_up) == before


def test_a_state_that_is_none_is_refused(cast):
    response = patch(cast.manager, make_follow_up(cast.owner), state="gone")
    assert errors(response) == {"state": "Choose 'open', 'done' or 'dropped'."}


def test_another_practices_is_not_there_and_neither_is_one_never_made(cast):
    theirs = make_follow_up(cast.stranger)
    never = FollowUp(pk=10**18 - 1)
    for follow_up in (theirs, never):
        for body in ({"state": "done"}, {"text": "Mine now", "version": 1}, {}):
            response = patch(cast.manager, follow_up, **body)
            assert problem(response) == (404, "not-found", "There is no such follow-up here.")
