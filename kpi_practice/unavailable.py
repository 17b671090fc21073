"""503 if database or disk fail, without queries."""

import logging
import sys
from collections.abc import Callable
from typing import NamedTuple

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.views.defaults import server_error as server_error_page

from funnel.actions.faults import fault_of
from funnel.api.problems import of_fault
from kpi_practice import waits

log = logging.getLogger(__name__)

API = "/api/"
# Sent again by who typed it, or not at all: a page must not show it.
SECRET = ("password", "code", "secret", "credential", "key")


class Posted(NamedTuple):
    """A form to be sent again; `is_whole` if complete."""

    fields: list[tuple[str, str]]
    is_whole: bool


class UnavailableMiddleware:
    """Return 503 for faults and bound database waits, including those of later middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        waits.begin()
        try:
            return self.get_response(request)
        finally:
            waits.answered()

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return answer(request, error)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's `handler500`: also errors of middleware."""
    error = sys.exc_info()[1]
    return (error and answer(request, error)) or server_error_page(request)


def answer(request: HttpRequest, error: BaseException) -> HttpResponse | None:
    """None unless a fault."""
    fault = fault_of(error)
    if fault is None:
        return None
    log.error("%s: %s %s: %s", fault.title, request.method, request.path, error)
    if request.path.startswith(API):
        response = of_fault(fault).response()
    else:
        response = HttpResponse(
            # Without the request: a context processor would ask who is signed in.
            render_to_string("503.html", {"fault": fault, "posted": _posted(request)}),
            status=503,
            headers={"Retry-After": str(fault.retry_seconds)},
        )
    # The line above logs it; Django would add a traceback for each request of an outage.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def _posted(request: HttpRequest) -> Posted | None:
    """None unless a form. Without files and secrets; the CSRF token as received: a forged one stays
    invalid.

    Bounded by `DATA_UPLOAD_MAX_MEMORY_SIZE`.
    """
    if request.method != "POST":
        return None
    try:
        sent, files = request.POST, request.FILES
    except (OSError, BadRequest, SuspiciousOperation, MultiPartParserError):
        return None
    fields = [(name, value) for name, values in sent.lists() for value in values]
    shown = [field for field in fields if not _is_secret(field[0])]
    return Posted(shown, is_whole=not files and len(shown) == len(fields)) if shown else None


def _is_secret(name: str) -> bool:
    return any(word in name.lower() for word in SECRET)
