"""funnel/jobs.py: what is due is run once, and a job that fails is seen."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core.mail.backends import locmem
from django.utils import timezone

from funnel import jobs
from funnel.actions.jobs import register
from funnel.domain.repeating import JOBS, Job
from funnel.models import JobRun, Message, User
from funnel.outbox.queue import enqueue, to_address
from tests.factories import make_practice

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
OFTEN, SELDOM = (
    Job("often", "Often", timedelta(minutes=1)),
    Job("seldom", "Seldom", timedelta(hours=1)),
)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def run(**runs):
    return jobs.run_due(timezone.now, runs, (OFTEN, SELDOM))


def test_each_is_run_when_it_is_due(clock):
    register(jobs=(OFTEN, SELDOM), now=NOW)
    ran = []
    for _ in range(61):
        run(often=lambda _: ran.append("often"), seldom=lambda _: ran.append("seldom"))
        clock.shift(60)
    assert (ran.count("often"), ran.count("seldom")) == (61, 2)


def test_one_that_fails_holds_up_no_other_and_is_logged_without_its_words(caplog):
    register(jobs=(OFTEN, SELDOM), now=NOW)
    words, ran = "maya@lumina.example is in no list", []

    def fail(_):
        raise LookupError(words)

    assert run(often=fail, seldom=lambda _: ran.append("seldom")) == 2
    assert ran == ["seldom"]
    failed = JobRun.objects.get(name="often")
    assert (failed.outcome, failed.detail) == ("failed", "LookupError; see the log.")
    assert "@lumina.example" not in caplog.text


def test_a_signal_ends_it_between_two_jobs_and_between_two_messages():
    register(jobs=(OFTEN, SELDOM), now=NOW)
    for name in "ab":
        mail = to_address(f"{name}@x.example", kind=Message.Kind.PASSWORD, about="0", now=NOW)
        enqueue([mail])
    try:
        assert run(often=lambda _: jobs.stopping.set(), seldom=lambda _: None) == 1
        jobs.send_mails(timezone.now)
    finally:
        jobs.stopping.clear()
    assert Message.objects.waiting().count() == 2


def test_a_practice_that_fails_holds_up_no_other_and_no_mail(monkeypatch, caplog):
    mail = to_address("a@x.example", kind=Message.Kind.PASSWORD, about="0", now=NOW)
    enqueue([mail])
    make_practice()

    def fail(*_):
        raise LookupError

    monkeypatch.setattr(jobs.reminder, "plan", fail)
    with pytest.raises(LookupError):
        jobs.everything(timezone.now)
    assert Message.objects.get().state == "cancelled"


def test_an_outage_of_the_mail_server_is_logged(monkeypatch, caplog):
    mail = to_address("a@x.example", kind=Message.Kind.PASSWORD, about="0", now=NOW)
    enqueue([mail])
    User.objects.create_user("a@x.example")

    def refuse(connection):
        raise ConnectionRefusedError

    monkeypatch.setattr(locmem.EmailBackend, "open", refuse)
    jobs.send_mails(timezone.now)
    assert "There is no mail server" in caplog.text


def test_every_job_of_the_schedule_has_its_function_and_runs():
    assert set(jobs.RUNS) == {job.name for job in JOBS}
    register(jobs=JOBS, now=NOW)
    assert jobs.run_due(timezone.now, jobs.RUNS, JOBS) == len(JOBS)
    assert set(JobRun.objects.values_list("outcome", flat=True)) == {"succeeded"}


def test_they_send_expire_and_clear(mailoutbox):
    Session.objects.create(session_key="a" * 32, session_data="", expire_date=NOW)
    for days in (0, 8):
        mail = to_address(
            f"a{days}@x.example",
            kind=Message.Kind.ADDRESS,
            about="0",
            now=NOW - timedelta(days=days),
            change=0,
            mailbox="old",
        )
        enqueue([mail])
    with time_machine.travel(NOW + timedelta(seconds=1), tick=False):
        for run_one in jobs.RUNS.values():
            run_one(timezone.now)
    states = Message.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["cancelled", "dead"]
    assert not Session.objects.exists()


def test_one_query_while_nothing_is_due(django_assert_num_queries):
    register(jobs=(OFTEN, SELDOM), now=NOW + timedelta(seconds=1))
    with django_assert_num_queries(1):
        assert run() == 0
