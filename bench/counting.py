from collections.abc import Callable

from django.db import connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.test.utils import CaptureQueriesContext

HEADER = "X-Statements"


def count_statements(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Like assertNumQueries, includes BEGIN and COMMIT."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        with CaptureQueriesContext(connection) as statements:
            response = get_response(request)
        response.headers[HEADER] = str(len(statements))
        return response

    return middleware
