from collections.abc import Iterator
from typing import Any

from ninja import NinjaAPI

from funnel.api import problems

SAYS = {
    200: "OK.",
    201: "Created.",
    204: "Done; no content.",
    304: "Nothing has changed since that ETag.",
    400: "The body cannot be read.",
    401: "No token and no session, or a token that does not work.",
    403: "You may not do this, or the token is read-only.",
    404: "Not found, or you have no access to it.",
    409: "Someone else saved it; `current` is the saved version.",
    413: "The body is too large.",
    422: "The body is invalid; see `errors`, by field.",
    423: "The week is closed.",
    429: "Too many requests: wait for the seconds in Retry-After.",
    500: "Something went wrong on our side; nothing was saved.",
    503: "Someone else is saving here, nothing can be saved, or the database does not answer; try "
    "again in as long as Retry-After says.",
}
SECURITY = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token created on the page “API tokens”.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "sessionid",
        "description": "The session of a signed-in user; a request that changes something also "
        "sends X-CSRFToken.",
    },
}
SECONDS = {"schema": {"type": "integer", "minimum": 0}, "description": "In seconds."}
HEADERS = {
    200: {},
    429: {"Retry-After": SECONDS},
    503: {"Retry-After": SECONDS},
}
ETAG = {"ETag": {"schema": {"type": "string"}, "description": "Send it as If-None-Match."}}


class DocumentedAPI(NinjaAPI):
    def get_openapi_schema(self, **given: Any) -> Any:
        """Not cached; see `routes`."""
        document = super().get_openapi_schema(**given)
        document["components"]["securitySchemes"] = SECURITY
        for operation in _operations(document):
            operation["security"] = [{name: []} for name in SECURITY]
            for parameter in operation["parameters"]:
                parameter["schema"] = _without_null(parameter["schema"])
            _say(operation)
        return document


def _operations(document: Any) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        yield from path.values()


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Query parameters cannot be null."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    if len(kinds) != 1:
        return schema
    return {**{key: value for key, value in schema.items() if key != "anyOf"}, **kinds[0]}


def _say(operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    for status, response in responses.items():
        response["description"] = SAYS[status]
        if status >= 400:
            schema = response["content"].pop("application/json")
            response["content"][problems.CONTENT_TYPE] = schema
        headers = dict(HEADERS.get(status, {}))
        if status in {200, 304} and 304 in responses:
            headers |= ETAG
        if headers:
            response["headers"] = headers
