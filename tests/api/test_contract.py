"""The whole OpenAPI document against the running API: nothing answers what it does not declare."""

import pytest
import schemathesis
import time_machine
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig

from funnel.actions import tokens
from funnel.models import FollowUp
from kpi_practice.wsgi import application
from tests.cast import make_cast
from tests.factories import make_entry, make_follow_up, make_target, make_token

pytestmark = pytest.mark.django_db

# Refused by a rule of the practice and not by its shape: what no schema can tell, such as that a
# count has no decimals, an owner works there and a week is open.
RULES = ["2xx", "304", "401", "403", "404", "409", "422", "423"]
GENERATED = {"deterministic": True, "no-shrink": True}
# What one example leaves behind is what the next one meets, as in real use.
EXAMPLES = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
CHECKS = {"positive_data_acceptance": {"expected-statuses": RULES}}


@pytest.fixture(autouse=True)
def _tuesday(monkeypatch):
    monkeypatch.setattr(tokens, "MOST", 10**9)
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture(autouse=True)
def _one_connection():
    """The test's own, which a server would give back after each request."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def key():
    """The text of a manager's token, where there is something to read and to change."""
    cast = make_cast()
    for kpi, target, value in ((cast.leads, 100, 90), (cast.appointments, 40, 27)):
        make_target(kpi, target)
        make_entry(kpi, value)
    make_follow_up(cast.owner)
    return make_token(cast.manager)[1]


def load(**parameters):
    config = SchemathesisConfig.from_dict(
        {"generation": GENERATED, "checks": CHECKS, "parameters": parameters}
    )
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application, config=config)


def headers(key):
    """In process nothing unpacks what the server has packed."""
    return {"Authorization": f"Bearer {key}", "Accept-Encoding": "identity"}


anywhere = load()
at_home = load(slug="lumina", kpi="appointments", week="2026-W47")


@EXAMPLES
@anywhere.parametrize()
def test_every_operation_keeps_to_the_document_wherever_it_is_asked(case, key):
    case.call_and_validate(headers=headers(key))


@EXAMPLES
@at_home.parametrize()
def test_every_operation_keeps_to_the_document_at_a_practice_of_ones_own(case, key):
    if "number" in case.path_parameters:
        case.path_parameters["number"] = FollowUp.objects.values_list("pk", flat=True)[0]
    case.call_and_validate(headers=headers(key))
