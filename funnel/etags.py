"""Answering 304 to a client that has the answer already, before the answer is built."""

from hashlib import sha256

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag


def etag_of(*facts: object) -> str:
    """The ETag of an answer that depends on these facts and on the release of the site.

    The facts name the practice's version, the day where its numbers depend on today, the reader
    and the address.
    """
    said = "\n".join(map(str, (settings.RELEASE, *facts)))
    return quote_etag(sha256(said.encode()).hexdigest()[:32])


def unchanged(request: HttpRequest, etag: str) -> HttpResponse | None:
    """304 for a client that names the ETag, else None.

    None for `*`, which names every answer there is: whether there is one, only building it says.
    """
    if request.headers.get("If-None-Match", "").strip() == "*":
        return None
    response = get_conditional_response(request, etag=etag)
    if response is not None:
        response.headers["ETag"] = etag
    return response


def tagged(request: HttpRequest, response: HttpResponse, etag: str) -> HttpResponse:
    """The answer with its ETag, or 304 for a client that has it by `If-None-Match: *`."""
    response.headers["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=response) or response
