"""Rows put back are the rows that were made, in every table and to the last column."""

import pytest
from django.apps import apps
from django.db import connection, transaction

from funnel.models import Staff, User
from tests.factories import make_practice, make_staff, make_superuser
from tests.kept import Kept

pytestmark = pytest.mark.django_db


def make_pair():
    practice = make_practice("kept", name="Dr. O'Hara's 100%")
    return practice, make_staff(practice, "Ann", "Doctor", access=Staff.Access.ADMIN)


def everything():
    """Every row of every table, as the database has it."""
    rows = {}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(f"SELECT * FROM {table} ORDER BY 1")  # noqa: S608
            rows[model] = cursor.fetchall()
    return rows


@pytest.fixture
def kept():
    """A maker that has made once, and what the tables held then; they are empty again."""
    kept = Kept(make_pair)
    before = transaction.savepoint()
    kept()
    rows = everything()
    transaction.savepoint_rollback(before)
    assert not User.objects.exists()
    return kept, rows


def test_puts_back_every_row_as_it_was_made(kept):
    kept, rows = kept
    kept()
    assert everything() == rows


def test_puts_back_by_few_statements(kept, django_assert_max_num_queries):
    kept, _ = kept
    with django_assert_max_num_queries(35):
        kept()


def test_everyone_gets_objects_of_their_own_that_belong_together(kept):
    kept, _ = kept
    before = transaction.savepoint()
    practice, person = kept()
    assert person.practice is practice
    practice.name = "Changed"
    transaction.savepoint_rollback(before)
    assert kept()[0].name == "Dr. O'Hara's 100%"


def test_rows_made_later_are_numbered_on_in_every_test_alike(kept):
    kept, _ = kept
    before = transaction.savepoint()
    first = make_staff(kept()[0], "Bob", "Doctor")
    transaction.savepoint_rollback(before)
    second = make_staff(kept()[0], "Bob", "Doctor")
    assert second.pk == first.pk


def test_where_someone_is_already_all_is_made_through_the_actions(kept):
    kept, _ = kept
    root = make_superuser()
    practice, person = kept()
    assert User.objects.get(is_superuser=True) == root
    assert practice.history.get().history_user == root
    assert person.user.check_password("pw")
