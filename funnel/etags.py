from hashlib import sha256

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag


def etag_of(*facts: object) -> str:
    """`facts`: the practice's version, reader, URL and, if relevant, date."""
    said = "\n".join(map(str, (settings.RELEASE, *facts)))
    return quote_etag(sha256(said.encode()).hexdigest()[:32])


def unchanged(request: HttpRequest, etag: str) -> HttpResponse | None:
    """Return 304 for a matching ETag, else None; `*` needs the response."""
    if request.headers.get("If-None-Match", "").strip() == "*":
        return None
    response = get_conditional_response(request, etag=etag)
    if response is not None:
        response.headers["ETag"] = etag
    return response


def tagged(request: HttpRequest, response: HttpResponse, etag: str) -> HttpResponse:
    """Return 304 for `If-None-Match: *`."""
    response.headers["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=response) or response
