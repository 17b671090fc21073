"""Session, user and membership in one statement: Django's three are most of the CPU time of a bare
page (docs/adr/0023). Unusual cases are left to Django.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Literal

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import Field, Model
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from funnel.access import Membership
from funnel.models import Practice, PracticeVersion, Staff, User

# allauth's row of the session names the user to load; the session's own data decide.
BY_SESSION = f"""
FROM {Session._meta.db_table} s
LEFT JOIN {UserSession._meta.db_table} us ON us.session_key = s.session_key
LEFT JOIN {User._meta.db_table} u ON u.id = us.user_id
"""
BY_USER = f"FROM {User._meta.db_table} u"
OF_PRACTICE = f"""
LEFT JOIN {Practice._meta.db_table} p ON p.slug = %s
LEFT JOIN {Staff._meta.db_table} m
  ON m.practice_id = p.id AND m.user_id = u.id AND m.is_active AND m.has_accepted
LEFT JOIN {PracticeVersion._meta.db_table} v ON v.practice_id = p.id
"""


class IdentityMiddleware:
    """One statement, two without allauth's row. Skips public views."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: dict[str, Any]
    ) -> None:
        session: Any = request.session
        is_known = session.session_key is None or hasattr(session, "_session_cache")
        if is_known or not getattr(view, "login_required", True):
            return
        _load(request, session, kwargs.get("slug"))


class SignInMiddleware(LoginRequiredMiddleware):
    """Does not load the user for public views, so `/healthz` works without the database."""

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        if not getattr(view, "login_required", True):
            return None
        return super().process_view(request, view, args, kwargs)


def _load(request: Any, session: Any, slug: str | None) -> None:
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    row = _row("session", slug, session.session_key, now)
    if row is None:
        # As in load(): unknown and expired sessions are empty.
        session._session_key = None
        session._session_cache = {}
        return
    data = session._session_cache = session.decode(row[0])
    user_id = data.get(SESSION_KEY)
    if user_id is None:
        return
    found: Sequence[Any] | None = row[1:]
    if str(row[1]) != user_id:
        found = _row("user", slug, User._meta.pk.to_python(user_id))
    user = found and _instance(User, found)
    if not user or not _is_signed_in(data, user):
        return
    # Not lazy, which costs a call per attribute.
    request._cached_user = request.user = user
    if slug is not None and found:
        rest = found[_width(User) :]
        request.membership = Membership(
            user_id=user.pk,
            slug=slug,
            practice=_instance(Practice, rest),
            staff=_instance(Staff, rest[_width(Practice) :]),
            version=found[-1] or 0,
        )


def _is_signed_in(data: dict[str, Any], user: User) -> bool:
    return (
        data.get(SESSION_KEY) == str(user.pk)
        and data.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
        and user.is_active
        and constant_time_compare(data.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
    )


def _row(by: Literal["session", "user"], slug: str | None, *given: Any) -> Sequence[Any] | None:
    """Session data, user and, with a slug, practice, staff and version."""
    parameters = given if slug is None else (slug, *given)
    with connection.cursor() as cursor:
        cursor.execute(_statement(by, has_practice=slug is not None), parameters)
        row: Sequence[Any] | None = cursor.fetchone()
    return row


@cache
def _statement(by: Literal["session", "user"], *, has_practice: bool) -> str:
    columns = _columns(User, "u")
    source, condition = BY_USER, "WHERE u.id = %s"
    if by == "session":
        columns.insert(0, "s.session_data")
        source, condition = BY_SESSION, "WHERE s.session_key = %s AND s.expire_date > %s"
    if has_practice:
        columns += [*_columns(Practice, "p"), *_columns(Staff, "m"), "v.number"]
        source += OF_PRACTICE
    return f"SELECT {', '.join(columns)} {source} {condition}"


def _columns(model: type[Model], alias: str) -> list[str]:
    return [f'{alias}."{field.column}"' for field in model._meta.concrete_fields]


def _width(model: type[Model]) -> int:
    return len(model._meta.concrete_fields)


def _instance(model: Any, row: Sequence[Any]) -> Any:
    """None for an empty outer join."""
    fields = model._meta.concrete_fields
    values = list(row[: len(fields)])
    if values[0] is None:
        return None
    for place, field, converters in _converted(model, connection.vendor):
        for convert in converters:
            values[place] = convert(values[place], field, connection)
    return model.from_db(connection.alias, [field.attname for field in fields], values)


@cache
def _converted(model: Any, vendor: str) -> tuple[tuple[int, Any, list[Callable[..., Any]]], ...]:
    """(index, column, converters) where needed."""
    found = []
    fields: Sequence[Field[Any, Any]] = model._meta.concrete_fields
    for place, field in enumerate(fields):
        column = field.get_col(model._meta.db_table)
        if converters := [
            *connection.ops.get_db_converters(column),
            *field.get_db_converters(connection),
        ]:
            found.append((place, column, converters))
    return tuple(found)
