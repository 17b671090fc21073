"""kpi_practice/health.py: alive, and able to serve."""

import shutil

import pytest
from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from funnel.actions.jobs import register
from funnel.domain.repeating import JOBS
from funnel.models import JobRun
from kpi_practice import health
from tests.factories import make_superuser


def test_alive_answers_anyone_without_a_query(client):
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_alive_answers_someone_signed_in_without_a_query(client, django_assert_num_queries):
    client.force_login(make_superuser())
    with django_assert_num_queries(0):
        assert client.get("/healthz").status_code == 200


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
@pytest.mark.parametrize("kind", [DatabaseError, InterfaceError])
def test_not_ready_when_the_database_does_not_answer(client, monkeypatch, kind):
    def refuse(*args):
        raise kind("password=secret")

    monkeypatch.setattr(health.MigrationExecutor, "__init__", refuse)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.content == b"The database does not answer.\n"


@pytest.mark.django_db(transaction=True)
def test_not_ready_while_the_database_takes_no_writes(client):
    only_reads, usual = (
        ("SET default_transaction_read_only = on", "RESET default_transaction_read_only")
        if connection.vendor == "postgresql"
        else ("PRAGMA query_only = on", "PRAGMA query_only = off")
    )
    with connection.cursor() as cursor:
        cursor.execute(only_reads)
        try:
            response = client.get("/readyz")
        finally:
            cursor.execute(usual)
    assert response.status_code == 503
    assert response.content == b"Nothing can be saved in the database.\n"
    assert client.get("/readyz").status_code == 200


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="the server's disk is not ours to see")
def test_not_ready_on_a_disk_that_is_full(client, monkeypatch):
    """SQLite writes over its journal's own space then, so that a small write says nothing."""
    usage = shutil.disk_usage(health.__file__)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=health.ROOM - 1))
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.content == b"The disk of the database has less than 16 MB left.\n"
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=health.ROOM))
    assert client.get("/readyz").status_code == 200


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
