from collections.abc import Iterator
from typing import Any

from ninja import NinjaAPI

from funnel.api import problems

SAYS = {
    200: "Here it is.",
    201: "It is new.",
    204: "Done; there is nothing to answer.",
    304: "You have it already: nothing has changed since that ETag.",
    400: "The body cannot be read.",
    401: "No token and no session, or a token that does not work.",
    403: "You may not do this, or this token only reads.",
    404: "There is no such thing here, or it is not yours: nobody can tell which.",
    409: "Someone saved it in between; `current` is what stands now.",
    413: "The body is too large.",
    422: "Something in it cannot stand; `errors` say what, by field.",
    423: "The week is closed.",
    429: "Too many requests: wait as long as Retry-After says.",
    500: "Something went wrong on our side; nothing was saved.",
    503: "Someone else is saving here, nothing can be saved, or the database does not answer; try "
    "again in as long as Retry-After says.",
}
SECURITY = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token that someone made on their page of API tokens.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "sessionid",
        "description": "Signed in; what changes something sends X-CSRFToken too.",
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
