"""The version of a practice rises with every write, and its row is locked last."""

import ast
from decimal import Decimal
from importlib import import_module
from inspect import signature
from io import StringIO

import pytest
import time_machine
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from funnel.actions import entries, kpis, meetings, ownership, writing
from funnel.actions.refusals import Busy
from funnel.models import KPI, Practice, PracticeVersion
from tests.actions.writes_of_actions import WRITES
from tests.cast import make_cast
from tests.factories import TODAY, WEEK, make_kpi, seat_for, stand_for
from tests.house import NO_NEW_VERSION
from tests.test_architecture import WRITES as WRITING_METHODS
from tests.test_architecture import calls, modules

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


def versions():
    """The number of every practice, by slug."""
    found = dict.fromkeys(Practice.objects.values_list("slug", flat=True), 0)
    rows = PracticeVersion.objects.values_list("practice__slug", "number")
    return {**found, **dict(rows)}


def risen(before):
    """Slugs of practices with a higher number than before."""
    return {slug for slug, number in versions().items() if number > before.get(slug, 0)}


def written_tables(queries):
    """The tables of ours that were written to, in order."""
    words = (query["sql"].replace('"', " ").split() for query in queries)
    return [
        next(word for word in said if word.startswith("funnel_"))
        for said in words
        if {"INSERT", "UPDATE", "DELETE"} & set(said[:9]) and "funnel_" in " ".join(said)
    ]


@pytest.mark.parametrize("name", WRITES)
def test_every_action_raises_it_last(cast, name):
    write = WRITES[name](cast)
    before = versions()
    with CaptureQueriesContext(connection) as queries:
        write()
    # A user's address is their name in every practice where they have no place.
    assert len(risen(before)) == (len(before) if name == "addresses.confirm" else 1)
    assert written_tables(queries)[-1] == "funnel_practiceversion"


def takes_a_kpi(name):
    room, function = name.split(".")
    action = getattr(import_module(f"funnel.actions.{room}"), function)
    return "kpi" in signature(action).parameters


@pytest.mark.parametrize("name", [name for name in WRITES if takes_a_kpi(name)])
def test_a_kpi_without_anything_loaded_beside_it_will_do(cast, name):
    write = WRITES[name](cast)
    given = write.keywords["kpi"]
    if given.pk:
        given = KPI.objects.get(pk=given.pk)
        columns = {field.attname for field in KPI._meta.concrete_fields}
        assert vars(given).keys() == columns | {"_state"}
    write.func(**{**write.keywords, "kpi": given})


def public_writes():
    """("room.function", whether it raises the version) of each public function of actions/ that
    takes `by` or writes itself."""
    for path, tree in modules("actions"):
        for node in tree.body if path.stem != "writing" else ():
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                continue
            takes_by = "by" in {arg.arg for arg in (*node.args.args, *node.args.kwonlyargs)}
            if takes_by or any(calls(node, WRITING_METHODS)):
                yield f"{path.stem}.{node.name}", raises_version(node)


def raises_version(node):
    decorated = {getattr(name, "id", None) for name in node.decorator_list}
    return "writes" in decorated or any(calls(node, {"writing"}))


def test_every_action_raises_it_or_says_why_not():
    found = dict(public_writes())
    naive = {name for name, raises in found.items() if not raises}
    part_of_others = {"invitations.invite", "invitations.invite_team", "starts.begin"}
    assert naive - part_of_others == set(NO_NEW_VERSION)
    assert all(NO_NEW_VERSION.values())
    assert set(WRITES) == (set(found) | {"archives.restore"}) - set(NO_NEW_VERSION)


@pytest.mark.parametrize(
    ("source", "raises"),
    [
        ("def save(*, by): ...", False),
        ("@transaction.atomic\ndef save(*, by):\n    row.save()", False),
        ("@writes\ndef save(*, by): ...", True),
        ("@refusing_when_busy()\n@writes\ndef save(*, by): ...", True),
        ("def save(*, by):\n    with busy(), writing(1):\n        row.save()", True),
    ],
)
def test_a_naive_action_is_found(source, raises):
    (node,) = ast.parse(source).body
    assert raises_version(node) is raises


def test_a_naive_action_raises_nothing(cast):
    @transaction.atomic
    def rename(*, by, kpi):
        kpi.save()

    before = versions()
    rename(by=seat_for(cast.admin), kpi=KPI.objects.get(pk=cast.leads.pk))
    assert risen(before) == set()


def test_the_demo_raises_it_once():
    call_command("demo", stdout=StringIO(), today=TODAY, weeks=3, practices=1)
    assert versions() == {"lumina": 1}


def test_another_practice_keeps_its_own(cast):
    before = versions()
    kpis.save(by=seat_for(cast.admin), kpi=KPI.objects.get(pk=cast.leads.pk), today=TODAY)
    assert risen(before) == {"lumina"}


def test_actions_in_one_block_raise_it_once(cast):
    number = versions()["lumina"]
    by = seat_for(cast.admin)
    with writing.writing():
        kpis.archive(by=by, kpi=make_kpi(cast.practice, "Spend"), today=TODAY)
        ownership.end(by=by, kpi=cast.leads, ends_on=TODAY)
    assert versions()["lumina"] == number + 1


def test_a_refused_action_raises_nothing(cast):
    before = versions()
    with pytest.raises(ValidationError):
        entries.record(by=stand_for(cast.owner, "appointments"), week=WEEK, value=Decimal(-1))
    assert versions() == before


def test_a_block_rolled_back_raises_nothing(cast):
    before = versions()
    with writing.writing():
        meetings.start(by=seat_for(cast.manager), week=WEEK, today=TODAY)
        transaction.set_rollback(True)
    assert versions() == before


def test_a_block_after_a_failed_one_raises_it(cast):
    before = versions()
    with pytest.raises(ZeroDivisionError), writing.writing(cast.practice.pk):
        raise ZeroDivisionError
    with writing.writing(cast.practice.pk):
        pass
    assert risen(before) == {"lumina"}


def test_outside_of_a_block_nothing_is_touched(cast):
    with pytest.raises(RuntimeError):
        writing.touch(cast.practice.pk)


def test_versions_are_raised_in_the_order_of_the_practices(cast):
    ids = [cast.stranger.practice.pk, cast.practice.pk]
    with CaptureQueriesContext(connection) as queries, writing.writing(*ids):
        pass
    raised = [query["sql"] for query in queries if "practiceversion" in query["sql"]]
    assert [str(pk) in sql for pk, sql in zip(sorted(ids), raised, strict=True)] == [True, True]


def test_a_practice_whose_founding_was_rolled_back_has_none(cast):
    missing = cast.practice.pk + 1000
    with writing.writing(cast.practice.pk):
        writing.touch(missing)
    assert not PracticeVersion.objects.filter(practice_id=missing).exists()
    connection.check_constraints()


# The second attempt after a deadlock


def deadlock():
    """As Django raises it, on either database."""
    cause = Exception("of the driver")
    cause.pgcode = "40P01"
    error = OperationalError("deadlock detected")
    error.__cause__ = cause
    return error


@pytest.fixture
def deadlocked(monkeypatch):
    """Ends the next outermost block at its end, after all that it wrote, as the commit may."""
    ended = []

    def end():
        real = writing._raise_versions

        def raise_versions(practice_ids):
            if ended:
                real(practice_ids)
            else:
                ended.append(practice_ids)
                raise deadlock()

        monkeypatch.setattr(writing, "_raise_versions", raise_versions)
        return ended

    return end


def rows():
    """Every row of ours without what numbers it: a second attempt gets other numbers."""
    return {
        model.__name__: sorted(
            str(
                {
                    field.attname: readable(getattr(row, field.attname))
                    for field in model._meta.concrete_fields
                    if field.name not in UNREPEATED
                    and not field.primary_key
                    and not field.is_relation
                }
            )
            for row in model._base_manager.all()
        )
        for model in apps.get_app_config("funnel").get_models()
    }


# What a sequence numbers, which PostgreSQL does not roll back (a message's key and
# body hold ids), and what is random.
UNREPEATED = {"id", "token_start", "token_hash", "secret", "password", "key", "body"}


def readable(value):
    """As text; PostgreSQL returns bytes that are printed as where they are."""
    return bytes(value) if isinstance(value, memoryview) else value


def done_once(name):
    """The rows after the action, whose practice is taken back after it."""
    with transaction.atomic():
        WRITES[name](make_cast())()
        after = rows()
        transaction.set_rollback(True)
    return after


# Blocks, which cannot be run twice: a progress that is reported, and what a host or a link does.
BLOCKS = {
    "addresses.confirm",
    "archives.restore",
    "importing.apply",
    "importing.undo",
    "staff.accept",
}


@pytest.mark.parametrize("name", sorted(WRITES.keys() - BLOCKS))
def test_a_second_attempt_writes_what_one_would_have_written(name, deadlocked):
    expected = done_once(name)
    write = WRITES[name](make_cast())
    ended = deadlocked()
    write()
    assert ended
    assert rows() == expected


@pytest.mark.parametrize("name", sorted(BLOCKS))
def test_a_block_is_not_tried_again_and_leaves_nothing(name, deadlocked):
    write = WRITES[name](make_cast())
    before = rows()
    deadlocked()
    with pytest.raises((Busy, ValidationError)):
        write()
    assert rows() == before


def test_a_row_left_as_the_first_attempt_left_it_fails_the_second(deadlocked, monkeypatch):
    monkeypatch.setattr(writing._Given, "restore", lambda given: None)
    write = WRITES["targets.drop"](make_cast())
    deadlocked()
    with pytest.raises(ValueError, match="its id attribute is set to None"):
        write()


def test_what_can_be_read_only_once_is_read_by_both_attempts(cast, deadlocked):
    seen = []

    @writing.writes
    def read(*, practice, things):
        seen.append(list(things))

    deadlocked()
    read(practice=cast.practice, things=(number for number in (1, 2)))
    assert seen == [[1, 2], [1, 2]]


def test_a_second_deadlock_is_busy(cast, monkeypatch):
    def raise_versions(practice_ids):
        raise deadlock()

    monkeypatch.setattr(writing, "_raise_versions", raise_versions)
    with pytest.raises(Busy):
        kpis.archive(by=seat_for(cast.admin), kpi=cast.leads, today=TODAY)
    assert not KPI.objects.get(pk=cast.leads.pk).is_archived
