"""The follow-ups in the admin: every state in words, and nothing to write."""

import pytest
from django.urls import reverse

from funnel.actions import follow_ups
from tests.factories import make_follow_up, seat_for

LIST = reverse("admin:funnel_followup_changelist")


@pytest.fixture
def three(cast):
    """One open, one done, one dropped."""
    seat = seat_for(cast.manager)
    is_open, done, dropped = (
        make_follow_up(cast.owner, text, kpi=kpi)
        for text, kpi in (("Call back", cast.leads), ("Order flyers", None), ("Buy a line", None))
    )
    follow_ups.finish(by=seat, follow_up=done)
    follow_ups.drop(by=seat, follow_up=dropped, reason="No <b>budget</b>.")
    return is_open, done, dropped


def test_lists_what_was_promised_and_what_became_of_it(as_admin, three):
    text = as_admin.get(LIST).content.decode()
    for shown in ("Call back", ">open<", ">done<", "dropped: No &lt;b&gt;budget&lt;/b&gt;."):
        assert shown in text
    found = as_admin.get(LIST, {"q": "flyers"}).content.decode()
    assert "Order flyers" in found
    assert "Call back" not in found


def test_says_of_one_all_there_is_and_takes_nothing(as_admin, three):
    change = reverse("admin:funnel_followup_change", args=[three[0].pk])
    text = as_admin.get(change).content.decode()
    for shown in ("Nov 16 – 22, 2026", "Leads", "Maya", "root@example.com"):
        assert shown in text
    assert 'name="text"' not in text
    assert as_admin.post(change, {"text": "Mine"}).status_code == 403
    done = as_admin.get(reverse("admin:funnel_followup_change", args=[three[1].pk]))
    assert '<div class="readonly">-</div>' in done.content.decode()


@pytest.mark.parametrize("rows", [1, 30])
def test_asks_as_often_for_many(as_admin, cast, rows, django_assert_max_num_queries):
    for number in range(rows):
        make_follow_up(cast.owner, f"Promise {number}", kpi=cast.leads)
    with django_assert_max_num_queries(9):
        as_admin.get(LIST)
