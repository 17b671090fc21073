"""Errors as RFC 9457 problems, with the messages of the pages."""

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    ValidationError,
)
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError
from ninja.errors import ValidationError as ParametersRefused

from funnel.actions.faults import Fault, fault_of
from funnel.actions.refusals import Closed, ConfirmationRequired

CONTENT_TYPE = "application/problem+json"

# Title and status by problem type, which is the last part of its URI; docs/api.md
# has the remedies.
TITLES = {
    "bad-request": (400, "The request cannot be read"),
    "no-token": (401, "No token, or one that does not work"),
    "forbidden": (403, "You may not do this"),
    "read-only": (403, "This token only reads"),
    "no-csrf": (403, "The page's own token is missing"),
    "not-found": (404, "There is no such thing here"),
    "wrong-method": (405, "This address does not take this method"),
    "conflict": (409, "Someone saved this in between"),
    "too-large": (413, "The body is too large"),
    "invalid": (422, "Something in it cannot stand"),
    "doubtful": (422, "Possible, but improbable"),
    "closed": (423, "The week is closed"),
    "too-many": (429, "Too many requests"),
    "error": (500, "Something went wrong on our side"),
    "busy": (503, Fault.BUSY.title),
    "cannot-save": (503, Fault.READ_ONLY.title),
    "unavailable": (503, Fault.GONE.title),
}

UNREADABLE = "The body is not valid JSON."
CONFIRM = "Send “confirmed”: true with it if it is right."
FAULTS = {Fault.BUSY: "busy", Fault.READ_ONLY: "cannot-save", Fault.GONE: "unavailable"}
TOO_LARGE = "Send at most 2.5 MB at once."
FAILED = "Nothing of it is saved. It is in our log; try again later."
IN_BETWEEN = "Someone saved this in between: see “current”, and send its version to replace it."
ANONYMOUS = "Send a token as “Authorization: Bearer kpi_…”, or sign in."

# pydantic's own words are for those who know it.
SENTENCES = {
    "missing": "This is missing.",
    "extra_forbidden": "There is no such field.",
    "string_type": "This has to be text.",
    "string_unicode": "Write it again without special characters.",
    "int_type": "This has to be a whole number.",
    "int_parsing": "This has to be a whole number.",
    "bool_type": "This has to be true or false.",
    "list_type": "This has to be a list.",
    "dict_type": "This has to be an object.",
    "model_type": "This has to be an object.",
    "model_attributes_type": "This has to be an object.",
    "string_too_long": "Use at most {max_length} characters.",
    "string_too_short": "Say something here.",
    "too_long": "Send at most {max_length} at once.",
    "too_short": "Send at least one.",
    "greater_than_equal": "This has to be {ge} or more.",
    "less_than_equal": "This has to be {le} or less.",
    "less_than": "This has to be less than {lt}.",
    "literal_error": "Choose {expected}.",
}

Errors = Sequence[Mapping[str, Any]]
log = logging.getLogger("django.request")


class Problem(Exception):
    """An error of a type in `TITLES`."""

    def __init__(
        self,
        name: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(detail)
        self.name = name
        self.detail = detail
        self.headers = headers or {}
        self.members = members

    @property
    def body(self) -> dict[str, Any]:
        status, title = TITLES[self.name]
        return {
            "type": f"/problems/{self.name}",
            "title": title,
            "status": status,
            "detail": self.detail,
            **self.members,
        }

    def response(self) -> HttpResponse:
        body = self.body
        content = json.dumps(body, separators=(",", ":"))
        return HttpResponse(content, CONTENT_TYPE, status=body["status"], headers=self.headers)


def wrong_method(allowed: str) -> Problem:
    return Problem("wrong-method", f"Use {allowed}.", headers={"Allow": allowed})


def too_many(seconds: int, detail: str = "Wait until the minute is over.") -> Problem:
    return Problem("too-many", detail, headers={"Retry-After": str(seconds)})


def conflict(current: Mapping[str, Any]) -> Problem:
    """`current` is stored."""
    return Problem("conflict", IN_BETWEEN, current=current)


def of_refusal(refusal: Exception) -> Problem:
    """Raises unknown exceptions again."""
    if isinstance(refusal, Problem):
        return refusal
    if isinstance(refusal, Http404):
        return Problem("not-found", str(refusal) or "There is nothing here.")
    if isinstance(refusal, PermissionDenied):
        return Problem("forbidden", str(refusal) or "You may not do this.")
    if isinstance(refusal, ValidationError):
        errors = _of_fields(refusal)
        name = "closed" if isinstance(refusal, Closed) else "invalid"
        return Problem(name, " ".join(error["detail"] for error in errors), errors=errors)
    if isinstance(refusal, ConfirmationRequired):
        errors = [{"field": "value", "detail": refusal.sentence}]
        return Problem("doubtful", f"{refusal.sentence} {CONFIRM}", errors=errors)
    if fault := fault_of(refusal):
        return of_fault(fault)
    raise refusal


def of_fault(fault: Fault) -> Problem:
    headers = {"Retry-After": str(fault.retry_seconds)}
    return Problem(FAULTS[fault], fault.sentence, headers=headers)


def _of_fields(refusal: ValidationError) -> list[dict[str, str]]:
    if not hasattr(refusal, "error_dict"):
        return [{"field": "", "detail": sentence} for sentence in refusal.messages]
    return [
        {"field": "" if field == "__all__" else field, "detail": sentence}
        for field, sentences in refusal.message_dict.items()
        for sentence in sentences
    ]


def _of_parameters(refused: ParametersRefused) -> Problem:
    errors = [
        {
            "field": ".".join(str(part) for part in _place(error["loc"])),
            "detail": _in_words(error),
        }
        for error in refused.errors
    ]
    told = " ".join(f"{error['field']}: {error['detail']}" for error in errors[:3])
    return Problem("invalid", told, errors=errors)


def _in_words(error: Mapping[str, Any]) -> str:
    sentence = SENTENCES.get(error["type"])
    if sentence is None:
        return str(error["msg"]).removeprefix("Value error, ")
    return sentence.format(**error.get("ctx", {}))


def _place(loc: Sequence[Any]) -> Sequence[Any]:
    """Without "body"."""
    return loc[2:] if loc[0] == "body" else loc[1:]


def take_over(api: NinjaAPI) -> None:
    """Make the API return problems for every error."""
    for kind in (Problem, Http404, PermissionDenied, ValidationError, ConfirmationRequired):
        api.add_exception_handler(kind, _refused)
    for broken in (
        HttpError,
        ParametersRefused,
        RequestDataTooBig,
        BadRequest,
        SuspiciousOperation,
    ):
        api.add_exception_handler(broken, _unread)
    api.add_exception_handler(Exception, _failed)


def _refused(request: HttpRequest, refusal: Any) -> HttpResponse:
    return of_refusal(refusal).response()


def _unread(request: HttpRequest, error: Any) -> HttpResponse:
    """Errors before an operation."""
    if isinstance(error, AuthenticationError):
        headers = {"WWW-Authenticate": "Bearer"}
        return Problem("no-token", ANONYMOUS, headers=headers).response()
    if isinstance(error, ParametersRefused):
        return _of_parameters(error).response()
    if isinstance(error, RequestDataTooBig):
        return Problem("too-large", TOO_LARGE).response()
    return Problem("bad-request", UNREADABLE).response()


def _failed(request: HttpRequest, error: Any) -> HttpResponse:
    if fault := fault_of(error):
        log.error("%s: %s: %s", request.path, fault.name, error)
        return of_fault(fault).response()
    log.error("Internal Server Error: %s", request.path, exc_info=error, extra={"request": request})
    return Problem("error", FAILED).response()
