"""The parameters of a call put where an OpenAPI operation wants them."""

import difflib
import json
from collections.abc import Mapping
from urllib.parse import quote

from pydantic import JsonValue

from tenuto.activities.definitions.asks import (
    Ask,
    as_text,
    encoded_body,
    plain_headers,
    with_query,
)
from tenuto.activities.definitions.openapi_operation import Operation, Parameter
from tenuto.activities.definitions.problems import failed_as
from tenuto.core.errors import UsageError

_SEPARATORS = {"spaceDelimited": " ", "pipeDelimited": "|", "tabDelimited": "\t"}
_FORM = "application/x-www-form-urlencoded"


def ask_of(operation: Operation, given: Mapping[str, JsonValue], *, follows: bool) -> Ask:
    """The request that calls `operation` with `given`.

    Raises UsageError `call.parameter-unknown` and `call.body-unsupported` (problem
    `configuration`), `call.parameter-missing` and `call.parameter-invalid` (`validation`), and
    as `plain_headers` and `encoded_body` do.
    """
    _refuse_unknown(operation, given)
    path, headers = operation.path, {"accept": "application/json, */*;q=0.5"}
    query: list[tuple[str, str]] = []
    form: list[tuple[str, str]] = []
    cookies: list[str] = []
    for parameter in operation.parameters:
        value = given.get(parameter.name)
        if value is None:
            _refuse_missing(operation, parameter.name, parameter.required)
            continue
        pairs = _pairs(parameter, value)
        match parameter.place:
            case "path":
                path = path.replace(f"{{{parameter.name}}}", _segment(parameter, pairs[0][1]))
            case "header":
                headers[parameter.name] = pairs[0][1]
            case "cookie":
                cookies += [f"{name}={quote(text, safe='')}" for name, text in pairs]
            case "formData":
                form += pairs
            case _:
                query += pairs
    sent = plain_headers(headers)
    if cookies:
        sent["cookie"] = "; ".join(cookies)
    return Ask(
        method=operation.method,
        url=with_query(operation.server.copy_with(raw_path=_joined(operation, path)), query),
        body=_body(operation, given, dict(form), sent),
        headers=sent,
        follows=follows,
    )


def _segment(parameter: Parameter, text: str) -> str:
    if text in ("", ".", ".."):
        raise _invalid(parameter, f"{text!r} would make it the path of something else")
    return quote(text, safe=",=")


def _joined(operation: Operation, path: str) -> bytes:
    base = operation.server.raw_path.partition(b"?")[0].rstrip(b"/")
    return base + quote(path, safe="/%,=:@!$&'()*+;~").encode()


def _body(
    operation: Operation,
    given: Mapping[str, JsonValue],
    form: dict[str, JsonValue],
    headers: dict[str, str],
) -> bytes | None:
    if form:
        headers["content-type"] = _FORM
        return encoded_body(form, headers)
    body = operation.body
    if body is None:
        return None
    value = given.get(body.name, given.get("body"))
    if value is None:
        _refuse_missing(operation, body.name, body.required)
        return None
    kind = body.media_type.partition(";")[0].strip().lower()
    if not (kind.endswith(("/json", "+json")) or kind == _FORM or isinstance(value, str)):
        raise UsageError(
            f"operation `{operation.id}` takes a body of type {kind[:80]!r}, which is not JSON, a "
            "form, or text; call the interface with `call: http`",
            code="call.body-unsupported",
        )
    headers.setdefault("content-type", body.media_type)
    is_json_text = isinstance(value, str) and kind.endswith(("/json", "+json"))
    return json.dumps(value).encode() if is_json_text else encoded_body(value, headers)


def _pairs(parameter: Parameter, value: JsonValue) -> list[tuple[str, str]]:
    """Name and text of each value to send; path and header have one."""
    name, style = parameter.name, parameter.style
    if parameter.is_json:
        return [(name, json.dumps(value, ensure_ascii=False))]
    if isinstance(value, dict):
        return _object_pairs(parameter, value)
    texts = [_scalar(parameter, each) for each in (value if isinstance(value, list) else [value])]
    if style == "form" and parameter.explode:
        return [(name, text) for text in texts]
    if style not in ("form", "simple", *_SEPARATORS) and isinstance(value, list):
        raise _invalid(parameter, f"style `{style}` is not supported for a list")
    return [(name, _SEPARATORS.get(style, ",").join(texts))]


def _object_pairs(parameter: Parameter, value: dict[str, JsonValue]) -> list[tuple[str, str]]:
    texts = {key: _scalar(parameter, each) for key, each in value.items()}
    match parameter.style, parameter.explode:
        case "deepObject", _:
            return [(f"{parameter.name}[{key}]", text) for key, text in texts.items()]
        case "form", True:
            return list(texts.items())
        case (("simple" | "form"), explode):
            mark = "=" if explode else ","
            return [(parameter.name, ",".join(f"{key}{mark}{text}" for key, text in texts.items()))]
    raise _invalid(parameter, f"style `{parameter.style}` is not supported for an object")


def _scalar(parameter: Parameter, value: JsonValue) -> str:
    if value is None or isinstance(value, dict | list):
        raise _invalid(parameter, "a text, a number, or true or false is expected inside of it")
    return as_text(value)


def _refuse_unknown(operation: Operation, given: Mapping[str, JsonValue]) -> None:
    known = [each.name for each in operation.parameters]
    if operation.body is not None:
        known += [operation.body.name, "body"]
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
            listed = ", ".join(f"`{each}`" for each in dict.fromkeys(known)) or "none"
            hint = f"did you mean `{near[0]}`?" if near else f"its parameters are {listed}"
            raise UsageError(
                f"operation `{operation.id}` has no parameter `{name}`; {hint}",
                code="call.parameter-unknown",
                details={"suggestions": near},
            )


def _refuse_missing(operation: Operation, name: str, required: bool) -> None:
    if required:
        raise failed_as(
            "validation",
            UsageError(
                f"operation `{operation.id}` needs parameter `{name}`, which was not given or is "
                "null",
                code="call.parameter-missing",
            ),
        )


def _invalid(parameter: Parameter, why: str) -> Exception:
    return failed_as(
        "validation",
        UsageError(
            f"parameter `{parameter.name}` cannot be sent in the {parameter.place}: {why}",
            code="call.parameter-invalid",
        ),
    )
