"""kpi_practice/health.py: alive, and able to serve."""

import pytest
from django.db import DatabaseError
from django.utils import timezone

from funnel.actions.jobs import register
from funnel.domain.repeating import JOBS
from funnel.models import JobRun
from kpi_practice import health


def test_alive_answers_anyone_without_a_query(client):
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_ready_when_the_database_is_migrated_and_a_page_renders(client):
    response = client.get("/readyz")
    assert (response.status_code, response.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_not_ready_while_a_migration_has_not_run(client, monkeypatch):
    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda *args: ["one", "two"])
    response = client.get("/readyz")
    assert response.status_code == 503
    assert b"2 migrations have not run" in response.content


@pytest.mark.django_db
def test_not_ready_when_the_database_does_not_answer(client, monkeypatch):
    def refuse(*args):
        raise DatabaseError("password=secret")

    monkeypatch.setattr(health.MigrationExecutor, "__init__", refuse)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.content == b"The database does not answer.\n"


@pytest.mark.django_db
def test_not_ready_when_the_static_manifest_is_missing(client, settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "kpi_practice.storage.HashedStaticFilesStorage"},
    }
    response = client.get("/readyz")
    assert response.status_code == 503
    assert b"collectstatic" in response.content


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.django_db
def test_a_probe_is_not_sent_to_https(client, settings, path):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_refuses_other_methods(client, path):
    assert client.post(path).status_code == 405


@pytest.mark.django_db
def test_with_jobs_it_is_not_ready_while_one_is_late(client):
    assert client.get("/readyz").status_code == 200
    response = client.get("/readyz?jobs")
    assert response.status_code == 503
    assert response.content.startswith(b"Send mails: late; Call webhooks: late; ")
    register(jobs=JOBS, now=timezone.now())
    assert client.get("/readyz?jobs").content == b"ok\n"
    JobRun.objects.filter(name="mails").update(ended_at=timezone.now(), outcome="failed")
    assert client.get("/readyz?jobs").content == b"Send mails: failed\n"
