"""Tells how many statements a request sent to the database."""

from collections.abc import Callable

from django.db import connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.test.utils import CaptureQueriesContext

HEADER = "X-Statements"


def count_statements(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Puts the number into a header. It counts as assertNumQueries does: BEGIN and COMMIT too."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        with CaptureQueriesContext(connection) as statements:
            response = get_response(request)
        response.headers[HEADER] = str(len(statements))
        return response

    return middleware
