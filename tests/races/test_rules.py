"""A person is named as substitute while they move to another practice."""

from datetime import UTC, datetime
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from funnel.migrations._rules import AddRules, DropRules, SharedPractice
from funnel.models import Staff, StandIn
from tests.factories import TODAY, make_practice, make_staff, make_superuser
from tests.races.rendezvous import PATIENCE, at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
RULE = SharedPractice(
    "funnel_standin",
    *("kpi_id", "funnel_kpi"),
    *("staff_id", "funnel_staff"),
    "funnel_standin_of_practice",
)


@pytest.fixture
def without_the_rule():
    run(DropRules(RULE))
    yield
    StandIn.objects.all().delete()
    run(AddRules(RULE))


def run(operation):
    with connection.schema_editor() as editor:
        operation.database_forwards("funnel", editor, None, None)


def naming_and_moving():
    """The outcomes of both; each commits after the other has written."""
    kpi, elsewhere = make_practice("lumina").kpis.get(slug="leads"), make_practice("harbor")
    maya = make_staff(kpi.practice, "Maya")
    meeting_point = Barrier(2)

    root = make_superuser()

    # Straight into the table: an action checks at its end what is to be checked at the commit.
    @transaction.atomic
    def name():
        StandIn.objects.create(
            kpi=kpi, staff=maya, starts_on=TODAY, ends_on=TODAY, named_at=NOW, named_by=root
        )
        meeting_point.wait(PATIENCE)

    @transaction.atomic
    def move():
        Staff.objects.filter(pk=maya.pk).update(practice=elsewhere)
        meeting_point.wait(PATIENCE)

    return at_once(name, move)


def of_two_practices():
    return StandIn.objects.exclude(kpi__practice=F("staff__practice")).count()


def test_of_naming_and_moving_at_once_one_is_refused():
    (refused,) = [outcome for outcome in naming_and_moving() if outcome is not None]
    assert isinstance(refused, IntegrityError)
    assert RULE.name in str(refused)
    assert of_two_practices() == 0


@pytest.mark.usefixtures("without_the_rule")
def test_without_the_rule_both_happen():
    assert naming_and_moving() == [None, None]
    assert of_two_practices() == 1
