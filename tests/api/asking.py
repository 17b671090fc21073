"""Asking the API as a program does."""

import json
from dataclasses import dataclass
from typing import Any

from django.test import Client

from funnel.models import Staff
from tests.factories import make_token

API = "/api/v1"


@dataclass(frozen=True)
class Program:
    """A program with someone's token; paths are those below a practice, whole ones begin with /."""

    text: str
    slug: str

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The answer; the body goes as JSON, text and bytes as they are."""
        given = {"Authorization": f"Bearer {self.text}", **headers}
        whole = path if path.startswith("/") else f"{API}/practices/{self.slug}/{path}"
        data = body if isinstance(body, str | bytes) else json.dumps(body)
        kind = "application/json" if body is not None else ""
        return Client(headers=given).generic(
            method, whole, data if body is not None else "", content_type=kind
        )

    def get(self, path: str, **headers: str) -> Any:
        """The answer to a GET."""
        return self.ask("GET", path, **headers)


def program_of(person: Staff, **token: Any) -> Program:
    """A program with a token of that person's that reads and writes."""
    return Program(make_token(person, **token)[1], person.practice.slug)


def problem(response: Any) -> tuple[int, str, str]:
    """Status, type and sentence of a refusal, once it is one as RFC 9457 writes it."""
    assert response.headers["Content-Type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == response.status_code
    assert body["title"]
    assert body["detail"]
    return response.status_code, body["type"].removeprefix("/problems/"), body["detail"]


def errors(response: Any) -> dict[str, str]:
    """The sentences of a refusal by field."""
    assert problem(response)[0] in {422, 423}
    return {error["field"]: error["detail"] for error in response.json()["errors"]}
