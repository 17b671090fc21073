"""funnel/forms/follow_up.py: what is taken, and every refusal's sentence."""

from datetime import timedelta

import pytest

from funnel.forms.follow_up import ChangeForm, DropForm, FollowUpForm
from funnel.models import FollowUp, Meeting, Staff, User
from tests.cast import make_cast
from tests.factories import TODAY, WEEK

pytestmark = pytest.mark.django_db

DUE = TODAY + timedelta(days=7)


@pytest.fixture
def cast():
    return make_cast()


def filled(cast, **typed):
    given = {"text": "Call back", "owner": str(cast.owner.pk), "due_on": str(DUE), "kpi": "leads"}
    return FollowUpForm(given | typed, practice=cast.practice, today=TODAY)


def refusals(form):
    assert not form.is_valid()
    return {field: list(errors) for field, errors in form.errors.items()}


def stored(cast, due_on=DUE):
    return FollowUp(
        practice=cast.practice,
        meeting=Meeting(practice=cast.practice, week=WEEK.monday),
        text="Call back",
        owner=cast.owner,
        due_on=due_on,
        version=3,
    )


def test_what_was_typed_is_what_the_action_takes(cast):
    form = filled(cast, text=" Call back ")
    assert form.is_valid()
    assert form.cleaned_data == {
        "text": "Call back",
        "owner": cast.owner,
        "due_on": DUE,
        "kpi": cast.leads,
    }


def test_the_kpi_may_be_left_out(cast):
    form = filled(cast, kpi="")
    assert form.is_valid()
    assert form.cleaned_data["kpi"] is None


def test_proposes_what_it_is_given(cast):
    form = FollowUpForm(
        practice=cast.practice, today=TODAY, kpi=cast.leads, owner=cast.marketer, due_on=DUE
    )
    html = str(form)
    assert f'value="{cast.marketer.pk}" selected' in html
    assert f'value="{DUE}"' in html
    assert '<input type="hidden" name="kpi" value="leads"' in html


def test_offers_who_works_here_by_name_in_one_query(cast, django_assert_num_queries):
    Staff.objects.filter(pk=cast.viewer.pk).update(is_active=False)
    User.objects.filter(pk=cast.stand_in.user_id).update(is_active=False)
    with django_assert_num_queries(1):
        choices = FollowUpForm(practice=cast.practice, today=TODAY).fields["owner"].choices
        offered = [str(label) for _, label in choices]
    assert offered == [
        "Choose who does it", "Ada", "Ana", "Dana", "Lee", "Maya", "Tom",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"text": " "}, {"text": ["Enter what is to be done."]}),
        ({"text": "x" * 301}, {"text": ["Use at most 300 characters."]}),
        ({"text": "a\0b"}, {"text": ["Write it again without special characters."]}),
        ({"owner": ""}, {"owner": ["Choose who does it."]}),
        ({"owner": "Maya"}, {"owner": ["Choose someone who works here."]}),
        ({"owner": "9" * 30}, {"owner": ["Choose someone who works here."]}),
        ({"due_on": ""}, {"due_on": ["Choose a due date."]}),
        ({"due_on": "tomorrow"}, {"due_on": ["Choose a day, as in 2026-12-01."]}),
        (
            {"due_on": "2026-11-23"},
            {"due_on": ["This day is in the past. Choose today or a later one."]},
        ),
        ({"due_on": "2062-12-01"}, {"due_on": ["Choose a day within a year."]}),
        ({"kpi": "nothing"}, {"kpi": ["Choose a KPI of this practice."]}),
        ({"kpi": "a\0b"}, {"kpi": ["Null characters are not allowed."]}),
    ],
)
def test_says_what_is_wrong(cast, typed, said):
    assert refusals(filled(cast, **typed)) == said


def test_takes_today_and_a_day_in_a_year(cast):
    assert filled(cast, due_on=str(TODAY)).is_valid()
    assert filled(cast, due_on=str(TODAY + timedelta(days=366))).is_valid()
    assert not filled(cast, due_on=str(TODAY + timedelta(days=367))).is_valid()


def test_offers_nothing_of_next_door(cast):
    theirs = cast.stranger.practice.kpis.create(
        name="Theirs", slug="theirs", role=cast.stranger.practice.roles.first()
    )
    assert "owner" in refusals(filled(cast, owner=str(cast.stranger.pk)))
    assert "kpi" in refusals(filled(cast, kpi=theirs.slug))


def changed(cast, follow_up, **typed):
    given = {
        "text": "Call all back",
        "owner": str(cast.owner.pk),
        "due_on": str(follow_up.due_on),
        "version": str(follow_up.version),
    }
    return ChangeForm(given | typed, practice=cast.practice, today=TODAY, follow_up=follow_up)


def test_a_change_keeps_an_overdue_day_and_takes_no_other_in_the_past(cast):
    late = TODAY - timedelta(days=9)
    form = changed(cast, stored(cast, late))
    assert form.is_valid()
    assert form.cleaned_data == {
        "text": "Call all back",
        "owner": cast.owner,
        "due_on": late,
        "version": 3,
    }
    other = changed(cast, stored(cast, late), due_on=str(late + timedelta(days=1)))
    assert set(refusals(other)) == {"due_on"}


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 10])
def test_a_lost_version_is_none_that_there_is(cast, version):
    form = changed(cast, stored(cast), version=version)
    assert form.is_valid()
    assert form.cleaned_data["version"] == 0


def test_a_change_shows_what_is_stored(cast):
    html = str(ChangeForm(practice=cast.practice, today=TODAY, follow_up=stored(cast)))
    for shown in ('value="Call back"', f'value="{DUE}"', 'name="version" value="3"'):
        assert shown in html
    assert 'name="kpi"' not in html


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (" ", "Enter a reason for dropping it."),
        ("x" * 201, "A reason has at most 200 characters."),
        ("a\0b", "Write it again without special characters."),
    ],
)
def test_dropping_needs_a_reason(reason, said):
    assert refusals(DropForm({"reason": reason})) == {"reason": [said]}
    assert DropForm({"reason": "No time."}).is_valid()
