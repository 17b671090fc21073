"""Three runners share a hundred jobs: each run is made by one of them, and none is left out."""

import os
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections

from funnel import jobs
from funnel.actions import jobs as actions
from funnel.domain.repeating import Job
from funnel.models import JobRun

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
HUNDRED = tuple(Job(f"job-{n}", f"Job {n}", timedelta(hours=1)) for n in range(100))


def run_three(path):
    """Runs them in three processes that start together; how often each was run."""
    path.touch()
    ready, go = os.pipe()
    connections.close_all()
    children = []
    for _ in range(3):
        child = os.fork()
        if child:
            children.append(child)
            continue
        code = 1
        try:
            _theirs = [each.connection for each in connections.all()]
            for each in connections.all():
                each.connection = None
            os.close(go)
            # Ends when the parent closes its end.
            os.read(ready, 1)
            runs = {job.name: writer(path, job.name) for job in HUNDRED}
            jobs.run_due(lambda: NOW, runs, HUNDRED)
            code = 0
        finally:
            os._exit(code)
    os.close(ready)
    os.close(go)
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0]
    return Counter(path.read_text().split())


def writer(path, name):
    def run(_):
        with path.open("a") as file:
            file.write(f"{name}\n")

    return run


@pytest.fixture(autouse=True)
def _registered():
    actions.register(jobs=HUNDRED, now=NOW)


def test_each_is_run_by_one_of_them(tmp_path):
    ran = run_three(tmp_path / "ran")
    assert ran == {job.name: 1 for job in HUNDRED}
    assert (
        JobRun.objects.filter(outcome="succeeded", due_at=NOW + timedelta(hours=1)).count() == 100
    )


def test_without_a_claim_they_are_run_by_several(tmp_path, monkeypatch):
    monkeypatch.setattr(actions, "claim", lambda **_: True)
    assert max(run_three(tmp_path / "ran").values()) == 3
