"""kpi_practice/settings.py: the shipped defaults, each read in a process of its own."""

import json
import os
import re
import subprocess
import sys

import pytest

from kpi_practice.env import BASE_DIR

PRODUCTION = {
    "ENV_FILE": "",
    "SECRET_KEY": "k3" * 30 + "qwertzuiopasdfghjkl",
    "SITE_URL": "https://kpi.example.com",
}


def django(*command, **changes):
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, *command],
        cwd=BASE_DIR,
        env={**kept, "DJANGO_SETTINGS_MODULE": "kpi_practice.settings", **PRODUCTION, **changes},
        capture_output=True,
        text=True,
        check=False,
    )


def setting(name, **changes):
    code = f"import json; from django.conf import settings; print(json.dumps(settings.{name}))"
    done = django("-c", code, **changes)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_deployment_check_passes_with_production_settings():
    done = django("manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_deployment_check_fails_without_https():
    url = "http://kpi.example.com"
    done = django("manage.py", "check", "--deploy", "--fail-level", "WARNING", SITE_URL=url)
    assert done.returncode != 0


def test_debug_is_off_unless_asked_for():
    assert setting("DEBUG") is False
    assert setting("DEBUG", DEBUG="on") is True


def test_hosts_and_origins_follow_the_site_url():
    assert setting("ALLOWED_HOSTS") == ["kpi.example.com"]
    assert setting("CSRF_TRUSTED_ORIGINS") == ["https://kpi.example.com"]
    assert setting("ALLOWED_HOSTS", ALLOWED_HOSTS="a.example,b.example") == [
        "a.example",
        "b.example",
    ]


@pytest.mark.parametrize(
    "name", ["SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE"]
)
def test_plain_http_works_only_where_the_site_url_says_so(name):
    assert setting(name) is True
    assert setting(name, SITE_URL="http://127.0.0.1:8000") is False


def test_a_forwarded_scheme_is_believed_only_behind_a_proxy():
    assert setting("SECURE_PROXY_SSL_HEADER") is None
    assert setting("SECURE_PROXY_SSL_HEADER", BEHIND_TLS_PROXY="on") == [
        "HTTP_X_FORWARDED_PROTO",
        "https",
    ]


def test_static_files_are_hashed_in_production_and_read_from_source_in_a_trial():
    hashed = "kpi_practice.storage.HashedStaticFilesStorage"
    plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
    assert setting("STORAGES")["staticfiles"]["BACKEND"] == hashed
    trial = setting("STORAGES", STATIC_FROM_SOURCE="on")
    assert trial["staticfiles"]["BACKEND"] == plain


def test_mail_goes_where_email_url_says_and_waits_for_a_minute():
    assert setting("EMAIL_BACKEND").endswith("console.EmailBackend")
    url = "smtp+tls://user:secret@mail.example.com:587"
    assert setting("EMAIL_HOST", EMAIL_URL=url) == "mail.example.com"
    assert setting("EMAIL_USE_TLS", EMAIL_URL=url) is True
    assert setting("EMAIL_TIMEOUT", EMAIL_URL=url) == 60


def test_nothing_starts_with_a_code_of_the_first_admin_that_could_be_guessed():
    done = django("manage.py", "check", FIRST_ADMIN_CODE="open-sesame")
    assert done.returncode != 0
    assert "FIRST_ADMIN_CODE has 11 characters. Use 16 or more random ones" in done.stderr
    assert "open-sesame" not in done.stdout + done.stderr


def test_every_variable_that_is_read_stands_in_the_example():
    example = (BASE_DIR / ".env.example").read_text()
    sources = [(BASE_DIR / "kpi_practice" / name).read_text() for name in ("env.py", "settings.py")]
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', "".join(sources)))
    assert {"SECRET_KEY", "DATABASE_URL", "LOG_LEVEL"} <= read
    assert {name for name in read if f"{name}=" not in example} == set()
