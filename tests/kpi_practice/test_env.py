"""kpi_practice/env.py: variables and defaults."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from kpi_practice import env as environment

POSTGRESQL = "postgres://kpi:secret@db.example.com:5432/kpi"


@pytest.fixture(autouse=True)
def _no_key_file(monkeypatch, tmp_path):
    monkeypatch.setattr(environment, "SECRET_KEY_FILE", tmp_path / "absent")


def test_production_without_a_secret_key_fails_with_a_sentence(monkeypatch):
    monkeypatch.delenv("SECRET_KEY")
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY is not set"):
        environment.secret_key()


def test_the_key_that_dev_py_keeps_is_used_when_the_environment_has_none(monkeypatch, tmp_path):
    monkeypatch.delenv("SECRET_KEY")
    kept = tmp_path / "kept"
    kept.write_text("kept-key\n")
    monkeypatch.setattr(environment, "SECRET_KEY_FILE", kept)
    assert environment.secret_key() == "kept-key"


def test_the_environments_key_wins_over_the_kept_one(monkeypatch, tmp_path):
    kept = tmp_path / "kept"
    kept.write_text("kept-key")
    monkeypatch.setattr(environment, "SECRET_KEY_FILE", kept)
    monkeypatch.setenv("SECRET_KEY", "from-the-environment")
    assert environment.secret_key() == "from-the-environment"


def test_a_forgotten_site_url_is_https_in_production(monkeypatch):
    monkeypatch.delenv("SITE_URL")
    assert environment.site_url(debug=False, port=8000) == "https://localhost"
    assert environment.site_url(debug=True, port=8001) == "http://127.0.0.1:8001"


def test_a_site_url_loses_its_trailing_slash(monkeypatch):
    monkeypatch.setenv("SITE_URL", "https://kpi.example.com/")
    assert environment.site_url(debug=False, port=8000) == "https://kpi.example.com"


@pytest.mark.parametrize("wrong", ["kpi.example.com", "ftp://kpi.example.com", "https://"])
def test_a_site_url_that_is_no_address_fails_with_a_sentence(monkeypatch, wrong):
    monkeypatch.setenv("SITE_URL", wrong)
    with pytest.raises(ImproperlyConfigured, match=r"must look like https://kpi\.example\.com"):
        environment.site_url(debug=False, port=8000)


def test_a_code_of_the_first_admin_that_could_be_guessed_fails_with_a_sentence(monkeypatch):
    monkeypatch.setenv("FIRST_ADMIN_CODE", "x" * 15)
    with pytest.raises(ImproperlyConfigured, match=r"has 15 characters\. Use 16 or more"):
        environment.first_admin_code()
    monkeypatch.setenv("FIRST_ADMIN_CODE", "x" * 16)
    assert environment.first_admin_code() == "x" * 16
    monkeypatch.setenv("FIRST_ADMIN_CODE", "")
    assert environment.first_admin_code() == ""


def test_sqlite_gets_all_three_options_that_keep_concurrent_writes(monkeypatch):
    monkeypatch.delenv("DATABASE_URL")
    config = environment.database()
    assert config["ENGINE"] == "kpi_practice.sqlite"
    assert config["NAME"] == str(environment.BASE_DIR / "db.sqlite3")
    assert config["CONN_MAX_AGE"] is None
    assert config["OPTIONS"] == {
        "transaction_mode": "IMMEDIATE",
        "timeout": 15,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }


def test_postgresql_connections_are_kept_checked_and_bounded(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", POSTGRESQL)
    config = environment.database()
    assert config["CONN_MAX_AGE"] == 60
    assert config["CONN_HEALTH_CHECKS"] is True
    assert config["OPTIONS"] == {
        "connect_timeout": 3,
        "keepalives_idle": 30,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 15_000,
        "options": "-c statement_timeout=5000 -c lock_timeout=3000",
    }


def test_a_migration_may_be_given_more_time(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", POSTGRESQL)
    monkeypatch.setenv("DATABASE_STATEMENT_TIMEOUT_MS", "0")
    assert "statement_timeout=0 " in environment.database()["OPTIONS"]["options"]
    assert environment.patience() == 0


def test_a_request_waits_a_little_longer_than_postgresql_needs_to_give_up(monkeypatch):
    assert environment.patience() == 6
    monkeypatch.setenv("DATABASE_STATEMENT_TIMEOUT_MS", "2500")
    assert environment.patience() == 3.5


def test_the_address_of_the_database_may_override_a_default(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", f"{POSTGRESQL}?CONN_MAX_AGE=0&connect_timeout=9")
    config = environment.database()
    assert config["CONN_MAX_AGE"] == 0
    assert config["OPTIONS"]["connect_timeout"] == 9


def test_the_cache_is_shared_by_all_workers_unless_told_otherwise(monkeypatch):
    monkeypatch.setenv("CACHE_URL", "")
    assert environment.cache()["BACKEND"].endswith(".DatabaseCache")
    monkeypatch.setenv("CACHE_URL", "locmemcache://")
    assert environment.cache()["BACKEND"].endswith(".LocMemCache")
