from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import models

from funnel.actions.archive_rows import as_plain, as_stored
from funnel.domain.packing import pack
from tests.actions.moving import packed, restored
from tests.cast import make_cast

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("field", "stored", "plain"),
    [
        (models.DecimalField(), Decimal("4.50"), "4.50"),
        (models.DateTimeField(), NOON, "2026-11-24T12:00:00.000000+00:00"),
        (models.DateField(), date(2026, 11, 24), "2026-11-24"),
        (models.TimeField(), time(9, 30), "09:30:00"),
        (models.BooleanField(), False, False),
        (models.FloatField(), 1.5, 1.5),
        (models.IntegerField(), 7, 7),
        (models.JSONField(), {"a": [1]}, {"a": [1]}),
        (models.BinaryField(), pack({"a": 1}), {"a": 1}),
        (models.BinaryField(), b"", ""),
        (models.CharField(), "Größe", "Größe"),
        (models.TextField(), "", ""),
    ],
)
def test_a_value_is_plain_json_and_comes_back(field, stored, plain):
    assert as_plain(stored) == plain
    assert as_stored(field, plain) == stored


def test_a_moment_is_written_in_utc():
    newfoundland = NOON.astimezone(timezone(-timedelta(hours=3, minutes=30)))
    assert as_plain(newfoundland) == as_plain(NOON)


@pytest.mark.parametrize(
    ("field", "plain"),
    [
        (models.DecimalField(), 4.5),
        (models.DecimalField(), "four"),
        (models.DateTimeField(), "2026-11-24T12:00:00"),
        (models.DateField(), "2026-02-30"),
        (models.BooleanField(), 1),
        (models.IntegerField(), True),
        (models.JSONField(), "text"),
        (models.BinaryField(), 5),
        (models.CharField(), None),
        (models.CharField(), "\ud800"),
        (models.UUIDField(), "not one of ours"),
    ],
)
def test_what_was_never_written_so_is_refused(field, plain):
    field.name = "it"
    with pytest.raises(ValidationError, match="it cannot be read"):
        as_stored(field, plain)


@pytest.mark.django_db
def test_a_field_that_a_later_version_brought_takes_its_default():
    cast = make_cast()
    rows = packed(cast.practice)
    for row in rows["staff"]:
        del row["wants_recap"]
    two = restored(rows, slug="two").practice
    assert set(two.staff.values_list("wants_recap", flat=True)) == {True}
