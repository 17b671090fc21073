from collections.abc import Callable
from functools import cache, wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.urls import URLPattern, path, re_path, reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from funnel.api import board, entries, follow_ups, history, practices, problems, short_weeks
from funnel.api.auth import Door
from funnel.api.document import DocumentedAPI
from funnel.api.values import ExactParser, answer

VERSION = "1.0.0"
NO_ADDRESS = "This URL does not exist."
NO_SLASH = "This URL does not exist: URLs end with a slash."
DESCRIPTION = """The weekly numbers of a practice, for programs: the data of the pages, with
the same access and the same messages. Counts only: there is no field for a patient.

Send a token, created on the page “API tokens”, as `Authorization: Bearer kpi_…`. It is for one
practice, and reads, or also writes as the person who created it. Every error is a problem (RFC
9457) with a sentence for people in `detail`. 600 requests a minute; see RateLimit-Remaining."""

Answer = Callable[..., HttpResponse]


def make_api() -> DocumentedAPI:
    api = DocumentedAPI(
        title="Weekly KPI",
        version=VERSION,
        description=DESCRIPTION,
        urls_namespace="api",
        auth=[Door()],
        docs_url=None,
        openapi_url=None,
        parser=ExactParser(),
    )
    problems.take_over(api)
    for part in (practices, board, history, entries, short_weeks, follow_ups):
        api.add_router("", part.router)
    return api


def addresses() -> tuple[list[URLPattern], str]:
    """URL patterns and namespace."""
    api = make_api()
    # Ninja lists a path once per method, and adds one at the root.
    operations = {
        pattern.name: pattern for pattern in api.urls[0] if isinstance(pattern, URLPattern)
    }
    del operations["api-root"]
    for pattern in operations.values():
        pattern.callback = _answering(pattern.callback)
    return [
        path("openapi.json", openapi_json(api), name="openapi-json"),
        path("docs", docs, name="openapi-view"),
        *operations.values(),
        re_path("", _answering(nothing_here)),
    ], "api"


def _answering(view: Answer) -> Answer:
    """404 and 405 as problems, no redirect to sign-in, rate limit headers."""

    @wraps(view)
    def answering(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        asked, request.method = (
            request.method,
            "GET" if request.method == "HEAD" else request.method,
        )
        try:
            response = view(request, *args, **kwargs)
        except Http404 as refusal:
            response = problems.of_refusal(refusal).response()
        finally:
            request.method = asked
        if isinstance(response, HttpResponseNotAllowed):
            allowed = set(response.headers["Allow"].split(", "))
            allowed |= {"HEAD"} if "GET" in allowed else set()
            response = problems.wrong_method(", ".join(sorted(allowed))).response()
        if (usage := getattr(request, "usage", None)) is not None:
            response.headers["RateLimit-Limit"] = str(usage.most)
            response.headers["RateLimit-Remaining"] = str(usage.left)
            response.headers["RateLimit-Reset"] = str(usage.seconds)
            # For clients that revalidate; browsers store nothing.
            response.headers["Cache-Control"] = "private, no-cache"
        return response

    return csrf_exempt(login_not_required(answering))


def nothing_here(request: HttpRequest) -> HttpResponse:
    raise Http404(NO_ADDRESS if request.path.endswith("/") else NO_SLASH)


def openapi_json(api: DocumentedAPI) -> Answer:
    """Public: no data of practices."""

    @cache
    def document() -> dict[str, Any]:
        root = reverse("api:openapi-json").rpartition("/")[0]
        schema: dict[str, Any] = api.get_openapi_schema(path_prefix=root)
        return schema

    @login_not_required
    @require_safe
    def view(request: HttpRequest) -> HttpResponse:
        return answer(document())

    return view


@login_not_required
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    settings = {
        "url": reverse("api:openapi-json"),
        "layout": "BaseLayout",
        "deepLinking": True,
        # Schemas are shown with each operation; fold the list of all.
        "defaultModelsExpandDepth": 0,
    }
    return render(request, "api/docs.html", {"settings": settings})
