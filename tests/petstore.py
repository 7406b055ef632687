"""A stand-in for the two public services that conformance scenarios call, on loopback.

It speaks as the public pet store (version 2) and as httpbin's basic authentication do, with pets
of its own. Requests for the public hosts reach it through `tenuto.activities.http_origins`.
"""

import base64
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tenuto.testing.loopback import Answer, LoopbackServer, Received

ORIGINS = ("https://petstore.swagger.io", "https://httpbin.org")
"""What it stands in for."""

PETS: dict[int, dict[str, Any]] = {
    1: {"id": 1, "name": "Hektor", "status": "available", "tags": [{"id": 7, "name": "loud"}]},
    2: {"id": 2, "name": "Mimi", "status": "pending", "tags": []},
}

_ID = {"name": "petId", "in": "path", "required": True, "type": "integer", "format": "int64"}
_STATUS = {
    "name": "status",
    "in": "query",
    "required": True,
    "type": "array",
    "items": {"type": "string", "enum": ["available", "pending", "sold"]},
    "collectionFormat": "multi",
}
DOCUMENT: dict[str, Any] = {
    "swagger": "2.0",
    "info": {"title": "Pets for tests", "version": "1"},
    "host": "petstore.swagger.io",
    "basePath": "/v2",
    "schemes": ["https", "http"],
    "paths": {
        "/pet/{petId}": {"get": {"operationId": "getPetById", "parameters": [_ID]}},
        "/pet/findByStatus": {"get": {"operationId": "findPetsByStatus", "parameters": [_STATUS]}},
        "/pet": {
            "post": {
                "operationId": "addPet",
                "consumes": ["application/json"],
                "parameters": [{"name": "body", "in": "body", "required": True}],
            }
        },
    },
}


@contextmanager
def petstore() -> Iterator[LoopbackServer]:
    """The server, for the length of the block."""
    with LoopbackServer(answer) as server:
        yield server


def answer(request: Received) -> Answer:
    """What it says to `request`."""
    url = urlsplit(request.path)
    if url.path == "/v2/swagger.json":
        return _json(DOCUMENT)
    if url.path == "/v2/pet/findByStatus":
        wanted = parse_qs(url.query).get("status", [])
        return _json([pet for pet in PETS.values() if pet["status"] in wanted])
    if url.path == "/v2/pet" and request.method == "POST":
        return _json(json.loads(request.body))
    if pet := re.fullmatch(r"/v2/pet/(\d+)", url.path):
        found = PETS.get(int(pet[1]))
        return _json(found) if found else _nothing("Pet not found")
    if login := re.fullmatch(r"/basic-auth/([^/]+)/([^/]+)", url.path):
        return _basic(request, unquote(login[1]), unquote(login[2]))
    return _nothing(f"no such page: {url.path}")


def _basic(request: Received, user: str, password: str) -> Answer:
    expected = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    if request.headers.get("authorization") != expected:
        return Answer(status=401, headers={"www-authenticate": 'Basic realm="stand-in"'})
    return _json({"authenticated": True, "user": user})


def _nothing(message: str) -> Answer:
    return _json({"code": 1, "type": "error", "message": message}, status=404)


def _json(value: Any, status: int = 200) -> Answer:
    headers = {"content-type": "application/json"}
    return Answer(status=status, headers=headers, body=json.dumps(value).encode())
