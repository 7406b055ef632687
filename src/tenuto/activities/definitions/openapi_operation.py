"""One operation of an OpenAPI document (2.0, 3.0, 3.1): method, path, server, what it takes."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from tenuto.activities.definitions.openapi_documents import Described, invalid
from tenuto.core.errors import NotFoundError

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_LONGEST_CHAIN = 20
_STYLES = {"csv": "simple", "ssv": "spaceDelimited", "pipes": "pipeDelimited", "multi": "form"}
"""OpenAPI 2.0's `collectionFormat` in the words of 3.0."""


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One named value of an operation."""

    name: str
    place: str
    """`path`, `query`, `header`, `cookie`, or `formData`."""
    required: bool
    style: str
    explode: bool
    is_json: bool = False
    """Sent as JSON text (3.0's `content`)."""


@dataclass(frozen=True, kw_only=True)
class Body:
    """The body that an operation takes."""

    name: str
    """`body`, or as OpenAPI 2.0 calls it."""
    media_type: str
    required: bool


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation."""

    id: str
    method: str
    server: httpx.URL
    path: str
    parameters: tuple[Parameter, ...]
    body: Body | None


def find_operation(document: Described, operation_id: str) -> Operation:
    """The operation with that id.

    Raises NotFoundError `call.operation-unknown` naming near ones, and UsageError
    `call.document-invalid`.
    """
    return _Reader(document).operation(operation_id)


class _Reader:
    def __init__(self, document: Described) -> None:
        self._document = document
        self._value = document.value
        self._is_2 = str(self._value.get("swagger", "")) == "2.0"
        if not self._is_2 and not str(self._value.get("openapi", "")).startswith(("3.0", "3.1")):
            raise self._invalid("it says neither `swagger: '2.0'` nor `openapi: 3.0` or 3.1")

    def operation(self, operation_id: str) -> Operation:
        known: list[str] = []
        for path, method, item, operation in self._operations():
            known.append(str(operation.get("operationId")))
            if operation.get("operationId") == operation_id:
                parameters = self._parameters(item, operation)
                return Operation(
                    id=operation_id,
                    method=method.upper(),
                    server=self._server(item, operation),
                    path=path,
                    parameters=tuple(_parameter(each) for each in parameters if _is_plain(each)),
                    body=self._body(operation, parameters),
                )
        raise self._unknown(operation_id, known)

    def _operations(self) -> Iterator[tuple[str, str, dict[str, Any], dict[str, Any]]]:
        for path, declared in self._object(self._value.get("paths")).items():
            item = self._object(declared)
            for method in _METHODS:
                if method in item:
                    yield str(path), method, item, self._object(item[method])

    def _parameters(self, item: dict[str, Any], operation: dict[str, Any]) -> list[dict[str, Any]]:
        """Those of the path, replaced by those of the operation."""
        found: dict[tuple[Any, Any], dict[str, Any]] = {}
        for owner in (item, operation):
            for each in owner.get("parameters") or []:
                parameter = self._object(each)
                if not {"name", "in"} <= parameter.keys():
                    raise self._invalid("a parameter has no `name` or no `in`")
                found[parameter["in"], parameter["name"]] = parameter
        return list(found.values())

    def _body(self, operation: dict[str, Any], parameters: list[dict[str, Any]]) -> Body | None:
        if self._is_2:
            consumes = operation.get("consumes", self._value.get("consumes")) or []
            declared = next((each for each in parameters if each["in"] == "body"), None)
            if declared is None:
                return None
            return _body_of(str(declared["name"]), consumes, declared)
        if "requestBody" not in operation:
            return None
        declared = self._object(operation["requestBody"])
        return _body_of("body", list(self._object(declared.get("content"))), declared)

    def _server(self, item: dict[str, Any], operation: dict[str, Any]) -> httpx.URL:
        if self._is_2:
            return self._server_of_2(operation)
        owners = (operation, item, self._value)
        servers = next((each["servers"] for each in owners if each.get("servers")), [{"url": "/"}])
        server = self._object(servers[0])
        url = str(server.get("url", "/"))
        for name, variable in self._object(server.get("variables") or {}).items():
            url = url.replace(f"{{{name}}}", str(self._object(variable).get("default", "")))
        return self._joined(url)

    def _server_of_2(self, operation: dict[str, Any]) -> httpx.URL:
        here = self._document.url
        schemes = operation.get("schemes") or self._value.get("schemes") or [here.scheme]
        scheme = "https" if "https" in schemes else schemes[0]
        host = self._value.get("host") or here.netloc.decode("ascii")
        return self._joined(f"{scheme}://{host}{self._value.get('basePath') or '/'}")

    def _joined(self, url: str) -> httpx.URL:
        try:
            return self._document.url.join(url)
        except httpx.InvalidURL as exc:
            raise self._invalid(f"its server {url[:200]!r} is no URL ({exc})") from exc

    def _object(self, node: Any) -> dict[str, Any]:
        """`node`, or what its reference leads to within the document."""
        for _ in range(_LONGEST_CHAIN):
            if not isinstance(node, dict):
                raise self._invalid(f"an object is expected where it has {str(node)[:80]!r}")
            if "$ref" not in node:
                return node
            node = self._target(str(node["$ref"]))
        raise self._invalid("a reference leads from one to the next without end")

    def _target(self, reference: str) -> Any:
        if not reference.startswith("#/"):
            raise self._invalid(f"the reference {reference[:200]!r} leads outside of it")
        node: Any = self._value
        for part in reference[2:].split("/"):
            key = part.replace("~1", "/").replace("~0", "~")
            if not isinstance(node, dict) or key not in node:
                raise self._invalid(f"the reference {reference[:200]!r} leads nowhere")
            node = node[key]
        return node

    def _invalid(self, why: str) -> Exception:
        return invalid(self._document.name, why)

    def _unknown(self, operation_id: str, known: list[str]) -> NotFoundError:
        near = difflib.get_close_matches(operation_id, known, n=3, cutoff=0.5) or sorted(known)[:10]
        listed = ", ".join(f"`{each}`" for each in near) or "none"
        return NotFoundError(
            f"{self._document.name} has no operation `{operation_id}`; did you mean one of these: "
            f"{listed}",
            code="call.operation-unknown",
            details={"suggestions": near},
        )


def _is_plain(parameter: dict[str, Any]) -> bool:
    return str(parameter["in"]) != "body"


def _parameter(declared: dict[str, Any]) -> Parameter:
    place = str(declared["in"])
    style, explode = _style(declared, place)
    return Parameter(
        name=str(declared["name"]),
        place=place,
        required=bool(declared.get("required")) or place == "path",
        style=style,
        explode=explode,
        is_json="content" in declared,
    )


def _style(declared: dict[str, Any], place: str) -> tuple[str, bool]:
    in_query = place in ("query", "cookie")
    if "type" in declared:  # OpenAPI 2.0 has the type beside the name
        style = _STYLES.get(str(declared.get("collectionFormat", "csv")), "tabDelimited")
        return style, style == "form"
    style = str(declared.get("style") or ("form" if in_query else "simple"))
    return style, bool(declared.get("explode", style == "form"))


def _body_of(name: str, media_types: list[Any], declared: dict[str, Any]) -> Body:
    known = [str(each) for each in media_types]
    as_json = [each for each in known if each.partition(";")[0].endswith(("/json", "+json"))]
    media_type = (as_json or known or ["application/json"])[0]
    return Body(name=name, media_type=media_type, required=bool(declared.get("required")))
