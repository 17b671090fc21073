from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.db.models import Min, Model

from funnel.actions import archive_versions
from funnel.actions.archive_kinds import HISTORIES, KINDS, NAMES, OWN, SINCE, USERS, ArchiveKind
from funnel.actions.archive_rows import ROLES, ROW, Packing, Row, Unpacking, holds_roles, through_of
from funnel.actions.writing import touch, writing
from funnel.models import KPI, Practice, Role, User

__all__ = ["NAMES", "SINCE", "Restored", "pack", "restore", "snapshot"]

BATCH = 500
ADDRESS = frozenset({"email", "is_active", "joined_at"})


@contextmanager
def snapshot() -> Iterator[None]:
    """Read from one database snapshot."""
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if connection.vendor == "postgresql" and is_outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def pack(practice: Practice) -> Iterator[tuple[str, Iterator[Row]]]:
    """Yield (kind, rows), to be read in order within `snapshot()`. A query more per person."""
    packing = Packing(practice)
    for kind in KINDS:
        yield kind.name, packing.rows(kind)
    yield USERS, packing.users()


@dataclass(frozen=True, slots=True)
class Restored:
    """`known_users` are address and access of existing users."""

    practice: Practice
    rows: int
    new_users: tuple[str, ...]
    known_users: tuple[tuple[str, str], ...]


def restore(
    read: Callable[[str], Iterator[Row]],
    *,
    version: int | None = None,
    slug: str | None = None,
    dry_run: bool = False,
) -> Restored:
    """Create a practice, all or nothing; users are matched by address or created without password.

    For the command line, hence no `by`. Raises ValidationError.
    """
    try:
        with writing():
            _take_time()
            restored = _Restoring(archive_versions.converted(read, version)).practice(slug)
            touch(restored.practice.pk)
            if connection.vendor == "postgresql":
                # Before the commit, where it can still be reported.
                connection.check_constraints()
            transaction.set_rollback(dry_run)
            return restored
    except DatabaseError as error:
        told = str(error).splitlines()[0]
        raise ValidationError(f"The rows contradict each other: {told}.") from error


def _take_time() -> None:
    """Foreign key checks may exceed the statement timeout."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")


class _Restoring:
    def __init__(self, read: Callable[[str], Iterator[Row]]) -> None:
        self._read = read
        self._count = 0
        self._numbers: dict[type[Model], list[int]] = {}

    def practice(self, slug: str | None) -> Restored:
        users, new = self._users()
        unpacking = Unpacking(users)
        practice = self._own_practice(unpacking, slug)
        for kind in OWN[1:]:
            self._own(kind, unpacking, practice)
            unpacking.learn(kind.model, practice)
            if kind.later:
                self._later(kind, unpacking, practice)
        for kind in HISTORIES:
            self._history(kind, unpacking, practice)
        staff = practice.staff.filter(is_active=True).order_by("user__email")
        told = list(staff.values_list("user__email", "access"))
        to_invite = tuple(email for email, _ in told if email in new)
        known = tuple((email, access) for email, access in told if email not in new)
        return Restored(practice, self._count, to_invite, known)

    def _users(self) -> tuple[dict[str, int], set[str]]:
        known: dict[str, int] = {}
        new: set[str] = set()
        for first, rows in _batches(self._read(USERS)):
            people = [_user(row, first + at) for at, row in enumerate(rows)]
            told = {person.email: person for person in people}
            there = User.objects.filter(email__in=list(told)).values_list("email", "pk")
            known.update(there)
            made = [person for email, person in told.items() if email not in known]
            known.update((user.email, user.pk) for user in User.objects.bulk_create(made))
            new.update(user.email for user in made)
            self._count += len(rows)
        return known, new

    def _own_practice(self, unpacking: Unpacking, slug: str | None) -> Practice:
        kind = OWN[0]
        rows = list(islice(self._read(kind.name), 2))
        if len(rows) != 1:
            raise ValidationError("An archive contains one practice.")
        (row,) = rows
        if slug is not None:
            row = {**row, "slug": slug}
        practice: Practice = _made(unpacking, kind, row, 1)
        if Practice.objects.filter(slug=practice.slug).exists():
            raise ValidationError(
                f"The practice “{practice.slug}” already exists: choose another short name."
            )
        Practice.objects.bulk_create([practice])
        self._numbers[Practice] = [practice.pk]
        self._count += 1
        return practice

    def _own(self, kind: ArchiveKind, unpacking: Unpacking, practice: Practice) -> None:
        numbers = self._numbers.setdefault(kind.model, [])
        for first, rows in _batches(self._read(kind.name)):
            roles = [row.pop(ROLES, []) for row in rows] if holds_roles(kind) else []
            made = [
                _made(unpacking, kind, _without(row, kind.later), first + at, **_of(kind, practice))
                for at, row in enumerate(rows)
            ]
            kind.model._base_manager.bulk_create(made)
            numbers += [row.pk for row in made]
            self._count += len(made)
            if roles:
                _give_roles(kind, unpacking, made, roles)

    def _later(self, kind: ArchiveKind, unpacking: Unpacking, practice: Practice) -> None:
        numbers = self._numbers[kind.model]
        for first, rows in _batches(self._read(kind.name)):
            made = [
                _made(unpacking, kind, row, first + at, **_of(kind, practice))
                for at, row in enumerate(rows)
            ]
            for at, row in enumerate(made):
                row.pk = numbers[first + at - 1]
            told = [row for row in made if row.calculation != KPI.Calculation.ENTERED]
            kind.model._base_manager.bulk_update(told, kind.later)

    def _history(self, kind: ArchiveKind, unpacking: Unpacking, practice: Practice) -> None:
        numbers = self._numbers[kind.of or kind.model]
        # Deleted rows get ids below 0 that no other row has.
        lowest = kind.model._base_manager.aggregate(least=Min("id"))["least"]
        gone = min(0, lowest or 0)
        for first, rows in _batches(self._read(kind.name)):
            roles = [row.pop(ROLES, []) for row in rows] if holds_roles(kind) else []
            made = []
            for at, row in enumerate(rows):
                number = _number(row.pop(ROW, None), numbers, gone, (kind, first + at))
                of_practice = {} if kind.of is Practice else _of(kind, practice)
                made.append(_made(unpacking, kind, row, first + at, id=number, **of_practice))
            kind.model._base_manager.bulk_create(made)
            self._count += len(made)
            if roles:
                _give_roles(kind, unpacking, made, roles)


def _batches(rows: Iterator[Row]) -> Iterator[tuple[int, list[Row]]]:
    """Numbers start at 1."""
    first = 1
    while batch := list(islice(rows, BATCH)):
        yield first, batch
        first += len(batch)


def _made(unpacking: Unpacking, kind: ArchiveKind, row: Row, number: int, **given: Any) -> Any:
    try:
        return unpacking.instance(kind, row, **given)
    except ValidationError as error:
        raise ValidationError(f"{kind.name}, row {number}: {_said(error)}") from error


def _said(error: ValidationError) -> str:
    if hasattr(error, "error_dict"):
        return " ".join(f"{name}: {' '.join(said)}" for name, said in error.message_dict.items())
    return " ".join(error.messages)


def _user(row: Row, number: int) -> User:
    if set(row) != ADDRESS:
        raise ValidationError(f"{USERS}, row {number}: a person has only an address.")
    nobody = {**row, "password": "!"}
    user: User = _made(Unpacking({}), ArchiveKind(USERS, User, ""), nobody, number)
    user.set_unusable_password()
    return user


def _of(kind: ArchiveKind, practice: Practice) -> dict[str, Practice]:
    return {"practice": practice} if kind.way == "practice" else {}


def _without(row: Row, names: Iterable[str]) -> Row:
    return {name: value for name, value in row.items() if name not in names}


def _number(told: Any, numbers: list[int], gone: int, where: tuple[ArchiveKind, int]) -> int:
    if type(told) is int and 0 < told <= len(numbers):
        return numbers[told - 1]
    if type(told) is int and -(10**9) < told < 0:
        return gone + told
    kind, number = where
    raise ValidationError(f"{kind.name}, row {number}: it is the history of a missing row.")


def _give_roles(kind: ArchiveKind, unpacking: Unpacking, made: list[Any], roles: list[Any]) -> None:
    through, whose = through_of(kind)
    held = []
    for row, names in zip(made, roles, strict=True):
        for role in unpacking.ids(Role, names):
            given = {f"{whose}_id": row.pk, "role_id": role}
            if kind.of is not None:
                # Nothing reads the original id.
                given |= {"id": 0, "staff_id": row.id}
            held.append(through(**given))
    through._base_manager.bulk_create(held)
