"""actions/tokens.py: who makes a token, what ends it, and how often it may be used."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError

from funnel.access import authenticate_token
from funnel.actions import staff, tokens
from funnel.models import ApiToken, Staff
from funnel.models.secret import hash_of_token
from tests.cast import make_cast
from tests.factories import TODAY, make_token, root_seat, seat_for

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def _limit(monkeypatch):
    """The benchmark, where its tests ran before, has lifted it for the whole process."""
    monkeypatch.setattr(tokens, "MOST", 600)


@pytest.fixture
def cast():
    return make_cast()


def make(person, **changes):
    given = {"name": "Monday's report", "expires_on": date(2026, 12, 24), "may_write": True}
    return tokens.make(by=seat_for(person), **{**given, "once": "one form", **changes})


# Making one


def test_makes_a_token_and_keeps_of_its_text_only_what_is_of_no_use_to_a_thief(cast):
    token, text = make(cast.owner, name="  Monday's report ")
    assert (token.name, token.practice, token.staff) == (
        "Monday's report",
        cast.practice,
        cast.owner,
    )
    assert (token.made_at, token.made_by) == (NOW, cast.owner.user)
    assert token.token_hash == hash_of_token(text)
    assert text.startswith(token.token_start)
    assert text.startswith("kpi_")
    assert (len(text), len(token.token_start)) == (36, 10)
    assert text not in {str(value) for value in ApiToken.objects.values().get().values()}


def test_the_same_form_sent_twice_makes_one_token_and_tells_the_same_text(cast):
    assert make(cast.owner) == make(cast.owner)
    assert ApiToken.objects.count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"once": "another form"},
        {"name": "Tuesday's report"},
        {"expires_on": date(2026, 12, 25)},
        {"may_write": False},
    ],
)
def test_another_form_and_other_words_make_another_token(cast, changes):
    _, text = make(cast.owner)
    _, other = make(cast.owner, **changes)
    assert other != text
    assert ApiToken.objects.count() == 2


def test_the_same_form_of_two_people_and_two_sites_makes_other_texts(cast, settings):
    _, text = make(cast.owner)
    _, of_another = make(cast.marketer)
    settings.SECRET_KEY = "another site's key"
    _, elsewhere = make(cast.owner)
    assert len({text, of_another, elsewhere}) == 3


def test_a_viewer_makes_one_that_only_reads(cast):
    token, _ = make(cast.viewer, may_write=False)
    assert not token.may_write
    with pytest.raises(ValidationError) as refusal:
        make(cast.viewer, once="another")
    assert refusal.value.message_dict == {
        "may_write": ["You can see this practice's numbers but not enter any."]
    }


def test_a_superuser_without_a_place_makes_none(cast):
    with pytest.raises(PermissionDenied):
        tokens.make(
            by=root_seat(cast.practice), name="x", expires_on=TODAY, may_write=False, once="x"
        )
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize("day", [date(2026, 11, 23), TODAY, date(2027, 11, 26)])
def test_ends_after_today_and_within_a_year(cast, day):
    with pytest.raises(ValidationError) as refusal:
        make(cast.owner, expires_on=day)
    assert refusal.value.message_dict == {
        "expires_on": ["Choose a day after today, within a year."]
    }
    assert make(cast.owner, expires_on=date(2027, 11, 25))[0].pk


def test_no_one_has_more_than_twenty_that_work(cast):
    for number in range(20):
        token, _ = make(cast.owner, once=str(number))
    with pytest.raises(ValidationError, match="You have 20 tokens"):
        make(cast.owner)
    assert make(cast.marketer)[0].pk
    tokens.revoke(by=seat_for(cast.owner), token=token)
    assert make(cast.owner)[0].pk


def test_a_revoked_one_is_not_made_again_by_a_reload(cast):
    token, _ = make(cast.owner)
    tokens.revoke(by=seat_for(cast.owner), token=token)
    with pytest.raises(ValidationError, match="is revoked by now"):
        make(cast.owner)


# Being let in by one


def test_a_token_lets_in_as_its_person(cast, django_assert_num_queries):
    token, text = make(cast.owner)
    with django_assert_num_queries(1):
        bearer = authenticate_token(text, NOW)
    assert (bearer.token, bearer.seat) == (token, seat_for(cast.owner))
    assert bearer.may_write


@pytest.mark.parametrize("text", ["", "kpi_", "kpi_" + "x" * 32, "\0", "é" * 5000])
def test_another_text_lets_in_nobody(cast, text):
    make(cast.owner)
    assert authenticate_token(text, NOW) is None


def test_works_to_the_end_of_its_last_day_in_the_practice(cast):
    _, text = make(cast.owner)
    assert authenticate_token(text, datetime(2026, 12, 25, 4, 59, tzinfo=UTC))  # 23:59 in New York.
    assert authenticate_token(text, datetime(2026, 12, 25, 5, tzinfo=UTC)) is None


def test_ends_when_its_person_leaves_and_stays_so_when_they_come_back(cast):
    by = seat_for(cast.admin)
    _, text = make(cast.member)
    _, of_another = make(cast.owner)
    staff.deactivate(by=by, staff=cast.member, today=TODAY)
    assert authenticate_token(text, NOW) is None
    assert ApiToken.objects.get(staff=cast.member).revoked_by == cast.admin.user
    staff.reactivate(by=by, staff=cast.member)
    assert authenticate_token(text, NOW) is None
    assert authenticate_token(of_another, NOW)


def test_sleeps_while_its_person_may_not_sign_in(cast):
    _, text = make(cast.member)
    cast.member.user.is_active = False
    cast.member.user.save()
    assert authenticate_token(text, NOW) is None


def test_a_place_that_was_ended_otherwise_lets_in_nobody(cast):
    _, text = make(cast.member)
    Staff.objects.filter(pk=cast.member.pk).update(is_active=False)
    assert authenticate_token(text, NOW) is None


# Taking one back


@pytest.mark.parametrize("who", ["owner", "manager", "admin"])
def test_its_person_and_a_manager_revoke_it(cast, who):
    token, text = make(cast.owner)
    revoked = tokens.revoke(by=seat_for(getattr(cast, who)), token=token)
    assert (revoked.revoked_at, revoked.revoked_by) == (NOW, getattr(cast, who).user)
    assert authenticate_token(text, NOW) is None


def test_revoking_once_more_changes_nothing(cast, clock):
    token, _ = make(cast.owner)
    tokens.revoke(by=seat_for(cast.owner), token=token)
    before = ApiToken.objects.values().get()
    clock.move_to(NOW + MINUTE)
    tokens.revoke(by=seat_for(cast.manager), token=token)
    assert ApiToken.objects.values().get() == before


@pytest.mark.parametrize("who", ["member", "viewer", "stranger"])
def test_nobody_else_revokes_it(cast, who):
    token, text = make(cast.owner)
    with pytest.raises(PermissionDenied):
        tokens.revoke(by=seat_for(getattr(cast, who)), token=token)
    assert authenticate_token(text, NOW)


# Being used


def again(token):
    return ApiToken.objects.get(pk=token.pk)


def use(token, times, now=NOW):
    """As requests do: each reads the row first."""
    return [tokens.used(again(token), now) for _ in range(times)]


def test_the_first_use_is_noted_and_then_one_every_five_minutes(cast):
    token, _ = make_token(cast.owner)
    use(token, 2)
    assert again(token).last_used == NOW
    use(token, 1, NOW + 4 * MINUTE)
    assert again(token).last_used == NOW
    use(token, 1, NOW + 5 * MINUTE)
    assert again(token).last_used == NOW + 5 * MINUTE


def test_is_told_to_its_row_in_steps_and_sends_no_statement_between(
    cast, django_assert_num_queries
):
    token, _ = make_token(cast.owner)
    use(token, 1)
    read = again(token)
    with django_assert_num_queries(0):
        for _ in range(tokens.STEP - 1):
            tokens.used(read, NOW)
    with django_assert_num_queries(1):
        tokens.used(read, NOW)
    assert again(token).counted == 1 + tokens.STEP


def test_six_hundred_a_minute_and_then_how_long_to_wait(cast):
    token, _ = make_token(cast.owner)
    told = use(token, tokens.MOST + 1, NOW + timedelta(seconds=20))
    assert [one.left for one in told[:3]] == [599, 598, 597]
    assert not told[-2].is_over
    assert (told[-1].is_over, told[-1].left, told[-1].seconds) == (True, 0, 40)
    assert use(token, 1, NOW + MINUTE)[0].left == tokens.MOST - 1


def test_each_token_is_counted_alone(cast):
    token, _ = make_token(cast.owner)
    other, _ = make_token(cast.owner)
    use(token, 3)
    assert use(other, 1)[0].left == tokens.MOST - 1


def test_what_another_process_has_told_counts_too(cast):
    token, _ = make_token(cast.owner)
    use(token, 1)
    window = int(NOW.timestamp()) // 60
    ApiToken.objects.filter(pk=token.pk, window=window).update(counted=tokens.MOST - 1)
    assert [one.is_over for one in use(token, 2)] == [False, True]


def test_two_processes_that_tell_of_one_minute_are_added_up(cast):
    token, _ = make_token(cast.owner)
    stale = again(token)
    tokens.used(stale, NOW)  # Never used: both tell at once.
    tokens.used(stale, NOW)
    assert again(token).counted == 2


def test_what_was_not_told_of_minutes_that_are_over_is_forgotten(cast, monkeypatch):
    monkeypatch.setattr(tokens, "_pending", {})
    read = ApiToken(last_used=NOW, window=0, counted=0)
    for number in range(tokens.MOST + 1):
        read.token_hash = str(number)
        tokens.used(read, NOW)
    assert len(tokens._pending) == tokens.MOST + 1
    read.token_hash = "later"
    tokens.used(read, NOW + MINUTE)
    assert len(tokens._pending) == 1
