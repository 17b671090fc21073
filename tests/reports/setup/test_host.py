from datetime import UTC, datetime, timedelta

import pytest

from funnel.actions.jobs import register
from funnel.domain.repeating import JOBS, JobState
from funnel.models import JobRun, Message
from funnel.outbox.queue import enqueue, to_address
from funnel.reports.setup.host import build_host, job_lines, stuck_mails

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)


def test_a_job_that_never_ran_is_late():
    lines = job_lines(NOW)
    assert [line.title for line in lines] == [job.title for job in JOBS]
    assert {line.state for line in lines} == {JobState.LATE}
    host = build_host(NOW)
    assert host.sentence == "7 jobs are late or failed."
    assert host.needs_attention


def test_on_time_and_with_every_message_sent_nothing_needs_attention():
    register(jobs=JOBS, now=NOW)
    host = build_host(NOW)
    assert (host.overdue, host.waiting, host.oldest, host.dead) == (0, 0, None, 0)
    assert (host.needs_attention, host.sentence) == (False, "")


def test_a_failed_job_and_a_message_that_was_given_up_do():
    register(jobs=JOBS, now=NOW)
    JobRun.objects.filter(name="mails").update(ended_at=NOW, outcome="failed", detail="No.")
    for name, minutes in (("a", 0), ("b", 5), ("c", 9)):
        queued_at = NOW - timedelta(minutes=minutes)
        kind = Message.Kind.PASSWORD
        enqueue([to_address(f"{name}@x.example", kind=kind, about="0", now=queued_at)])
    Message.objects.filter(email="c@x.example").update(
        state="dead", due_at=None, attempted_at=NOW - timedelta(hours=23)
    )
    host = build_host(NOW)
    assert (host.waiting, host.oldest, host.dead) == (2, NOW - timedelta(minutes=5), 1)
    assert host.sentence == "1 job is late or failed. 1 message failed."
    assert (host.jobs[0].state, host.jobs[0].detail) == (JobState.FAILED, "No.")


@pytest.mark.parametrize(
    ("queued", "attempted", "is_new"),
    [
        (timedelta(days=5), timedelta(hours=23), True),
        (timedelta(days=5), timedelta(hours=25), False),
        (timedelta(days=7, hours=23), None, True),
        (timedelta(days=8, hours=1), None, False),
    ],
)
def test_one_that_was_given_up_before_yesterday_needs_no_attention(queued, attempted, is_new):
    register(jobs=JOBS, now=NOW)
    kind = Message.Kind.PASSWORD
    enqueue([to_address("a@x.example", kind=kind, about="0", now=NOW - queued)])
    attempted_at = NOW - attempted if attempted else None
    Message.objects.update(state="dead", due_at=None, attempted_at=attempted_at)
    host = build_host(NOW)
    assert (host.dead, host.newly_dead, host.needs_attention) == (1, int(is_new), is_new)


@pytest.mark.parametrize(
    ("minutes", "changes", "stuck"),
    [
        (61, {}, 1),
        (59, {}, 0),
        (61, {"refusals": 1}, 0),
        (61, {"due_at": NOW + timedelta(hours=2)}, 0),
        (61, {"state": "delivered", "due_at": None, "delivered_at": NOW}, 0),
    ],
)
def test_mails_that_wait_for_a_server_need_attention(minutes, changes, stuck):
    register(jobs=JOBS, now=NOW)
    queued_at = NOW - timedelta(minutes=minutes)
    enqueue([to_address("a@x.example", kind=Message.Kind.PASSWORD, about="0", now=queued_at)])
    Message.objects.update(**changes)
    host = build_host(NOW)
    assert (host.stuck, stuck_mails(NOW)) == (stuck, stuck)
    assert host.sentence == ("1 mail has waited for over an hour." if stuck else "")


def test_two_queries(django_assert_num_queries):
    with django_assert_num_queries(2):
        build_host(NOW)
