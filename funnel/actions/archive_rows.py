from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Model

from funnel.actions.archive_kinds import CALLED, ArchiveKind
from funnel.domain.packing import pack, unpack
from funnel.models import Practice, Staff, User

Row = dict[str, Any]

# Beside the fields: a person's roles, and in a history the number of the row.
ROLES = "roles"
ROW = "row"
CHUNK = 1000


def fields_of(kind: ArchiveKind) -> list[Any]:
    """Return all fields but id and practice."""
    return [
        field
        for field in kind.model._meta.concrete_fields
        if not field.primary_key
        and field.related_model is not Practice
        and not (kind.of is not None and field.name == "id")
    ]


class Packing:
    """References are names; history rows refer to the index of their row, below 0 if deleted."""

    def __init__(self, practice: Practice) -> None:
        self._practice = practice
        self._names = {model: _names_of(model, practice) for model in CALLED if model is not User}
        self._users: dict[int, str] = {}
        self._places: dict[type[Model], dict[int, int]] = {}

    def rows(self, kind: ArchiveKind) -> Iterator[Row]:
        """One query, two for staff, one per new person."""
        fields = fields_of(kind)
        key = "id" if kind.of else "pk"
        names = [field.name for field in fields]
        write = [self._writer(field) for field in fields]
        found = kind.model._base_manager.filter(kind.only, **{kind.way: self._practice.pk})
        columns = (key, "pk", *(field.attname for field in fields))
        roles = roles_of(kind, self._practice) if holds_roles(kind) else None
        places = self._places.setdefault(kind.of or kind.model, {})
        gone = 0
        for number, pk, *values in found.order_by("pk").values_list(*columns).iterator(CHUNK):
            row = {name: put(value) for name, put, value in zip(names, write, values, strict=True)}
            if kind.of is None:
                places[number] = len(places) + 1
            else:
                if number not in places:
                    gone -= 1
                    places[number] = gone
                row[ROW] = places[number]
            if roles is not None:
                row[ROLES] = sorted(roles.get(pk, ()))
            yield row

    def users(self) -> Iterator[Row]:
        """Users referenced so far. One query."""
        met = User.objects.filter(pk__in=list(self._users)).order_by("email")
        for user in met.iterator(CHUNK):
            yield {
                "email": user.email,
                "is_active": user.is_active,
                "joined_at": as_plain(user.joined_at),
            }

    def _writer(self, field: Any) -> Callable[[Any], Any]:
        if field.related_model is None:
            return as_plain
        if field.related_model is User:
            return self._user
        # Deleted rows occur only in histories, where they become None.
        return self._names[field.related_model].get

    def _user(self, pk: int | None) -> str | None:
        if pk is not None and pk not in self._users:
            # Deleted users are already None in histories.
            self._users.update(User.objects.filter(pk=pk).values_list("pk", "email"))
        return self._users.get(pk or 0)


class Unpacking:
    def __init__(self, users: Mapping[Any, int]) -> None:
        self._ids: dict[type[Model], dict[Any, int]] = {User: dict(users)}

    def learn(self, model: type[Model], practice: Practice) -> None:
        """Load names for references. One query."""
        if model in CALLED:
            self._ids[model] = {name: pk for pk, name in _names_of(model, practice).items()}

    def instance(self, kind: ArchiveKind, row: Row, **given: Any) -> Any:
        """Unsaved. Raises ValidationError for unknown, missing or invalid fields."""
        fields = fields_of(kind)
        extra = set(row) - {field.name for field in fields}
        if extra:
            raise ValidationError(f"“{min(extra)[:60]}” is unknown.")
        values = {
            field.attname: self._read(field, row[field.name])
            for field in fields
            if field.name in row or _refuse_to_lack(field)
        }
        made = kind.model(**values, **given)
        made.clean_fields(exclude=_not_cleaned(made))
        return made

    def ids(self, model: type[Model], names: Any) -> list[int]:
        if not isinstance(names, list):
            raise ValidationError("This is not a list of names.")
        return [self._id(model, name) for name in names]

    def _read(self, field: Any, value: Any) -> Any:
        if value is None:
            if not field.null:
                raise ValidationError(f"{field.name} is missing.")
            return None
        if field.related_model is not None:
            return self._id(field.related_model, value)
        return as_stored(field, value)

    def _id(self, model: type[Model], name: Any) -> int:
        found = self._ids.get(model, {}).get(name) if isinstance(name, str) else None
        if found is None:
            raise ValidationError(f"It refers to {str(name)[:60]!r}, which is not there.")
        return found


def as_plain(value: Any) -> Any:
    """Decimals become text, times UTC, packed values JSON."""
    if isinstance(value, bytes | memoryview):
        return unpack(value) or ""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date | time):
        return value.isoformat()
    return value


def as_stored(field: Any, value: Any) -> Any:
    """Reverse `as_plain`. Raises ValidationError."""
    for kind, wanted, read in _READ:
        if isinstance(field, kind):
            if type(value) not in wanted:
                break
            try:
                return read(value)
            except (ValueError, ArithmeticError):
                break
    raise ValidationError(f"{field.name} cannot be read.")


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.utcoffset() is None:
        raise ValueError("A time needs a time zone.")
    return moment.astimezone(UTC)


def _text(text: str) -> str:
    # Databases refuse lone surrogates.
    text.encode()
    return text


def _packed(plain: Any) -> bytes:
    return pack(plain) if plain else b""


def _as_is(value: Any) -> Any:
    return value


# The first match counts: DateTimeField is a DateField.
_READ: tuple[tuple[Any, tuple[type, ...], Callable[[Any], Any]], ...] = (
    (models.DecimalField, (str,), Decimal),
    (models.DateTimeField, (str,), _moment),
    (models.DateField, (str,), date.fromisoformat),
    (models.TimeField, (str,), time.fromisoformat),
    (models.BooleanField, (bool,), _as_is),
    (models.FloatField, (float, int), float),
    (models.IntegerField, (int,), _as_is),
    (models.JSONField, (dict, list), _as_is),
    (models.BinaryField, (dict, list, str), _packed),
    ((models.CharField, models.TextField), (str,), _text),
)


def holds_roles(kind: ArchiveKind) -> bool:
    """Whether rows have roles."""
    return Staff in (kind.model, kind.of)


def through_of(kind: ArchiveKind) -> tuple[Any, str]:
    """Return the table of roles and its column for the person."""
    if kind.of is None:
        return Staff.roles.through, "staff"
    (kept,) = (
        related.related_model
        for related in kind.model._meta.related_objects
        if related.field.name == "history"
    )
    return kept, "history"


def roles_of(kind: ArchiveKind, practice: Practice) -> dict[int, list[str]]:
    """Return role names by id. One query."""
    through, whose = through_of(kind)
    rows = through._base_manager.filter(**{f"{whose}__practice": practice, "role__isnull": False})
    held: dict[int, list[str]] = {}
    for pk, name in rows.values_list(whose, "role__name"):
        held.setdefault(pk, []).append(name)
    return held


def _names_of(model: Any, practice: Practice) -> dict[int, Any]:
    rows: Iterable[tuple[int, Any]] = model._base_manager.filter(practice=practice).values_list(
        "pk", F(CALLED[model])
    )
    return {pk: as_plain(name) for pk, name in rows}


def _refuse_to_lack(field: Any) -> bool:
    if not (field.null or field.has_default() or field.blank):
        raise ValidationError(f"{field.name} is missing.")
    return False


def _not_cleaned(made: Model) -> set[str]:
    return {
        field.name
        for field in made._meta.concrete_fields
        if field.is_relation or (field.null and getattr(made, field.attname) is None)
    }
