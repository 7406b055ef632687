"""An answer in the form that the call asked for, without a secret in it."""

import base64
import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NoReturn

from pydantic import JsonValue

from tenuto.activities.definitions.exchange import Exchanged
from tenuto.activities.definitions.masks import MASK, Masks
from tenuto.activities.http import HttpResponse
from tenuto.catalog.library.definitions.http import OutputFormat
from tenuto.core.errors import DataError

_CREDENTIALS = ("authorization", "cookie", "proxy-authorization", "set-cookie")
_TEXT = ("yaml", "javascript", "x-www-form-urlencoded", "graphql")
_MOST_DEEP = 100


def output_of(done: Exchanged, output: OutputFormat, masks: Masks) -> JsonValue:
    """What the call gives (see `CallOutput`). Raises DataError `http.not-json`, `http.not-text`."""
    body = masks.content(done.answer.body)
    if output == "raw":
        return base64.b64encode(body).decode()
    content = _content(done.answer, body)
    if output == "content":
        return content
    return {
        "request": {
            "method": done.ask.method.lower(),
            "uri": masks.text(str(done.ask.url)),
            "headers": _masked(done.ask.headers, masks),
        },
        "statusCode": done.answer.status,
        "headers": _masked(done.answer.headers, masks),
        "content": content,
    }


def read_json(text: str, source: str) -> JsonValue:
    """The value of `text`; a number that a float cannot hold to the last digit stays text.

    Raises DataError `http.not-json`, also for NaN, and for a nesting deeper than 100.
    """
    try:
        value: JsonValue = json.loads(text, parse_float=_number, parse_constant=_no_number)
    except (ValueError, RecursionError) as exc:
        why = "it is nested too deeply" if isinstance(exc, RecursionError) else str(exc)
        raise _not_json(source, why) from exc
    _refuse_deep(value, source)
    return value


def _content(answer: HttpResponse, body: bytes) -> JsonValue:
    if not body:
        return None
    media_type, charset = _content_type(answer.headers.get("content-type", ""))
    if media_type == "application/json" or media_type.endswith(("+json", "/json")):
        return read_json(_decoded(body, "utf-8-sig", answer), answer.url.partition("?")[0])
    is_text = media_type.startswith("text/") or media_type.endswith(("xml", *_TEXT))
    if is_text or charset:
        return _decoded(body, charset or "utf-8", answer)
    if not media_type:
        try:
            return body.decode()
        except UnicodeDecodeError:
            pass
    return base64.b64encode(body).decode()


def _content_type(header: str) -> tuple[str, str]:
    media_type, *parameters = (part.strip().lower() for part in header.split(";"))
    pairs = (part.partition("=") for part in parameters)
    charsets = [value.strip('" ') for name, _, value in pairs if name.strip() == "charset"]
    return media_type, charsets[0] if charsets else ""


def _decoded(body: bytes, charset: str, answer: HttpResponse) -> str:
    try:
        return body.decode(charset)
    except (UnicodeDecodeError, LookupError) as exc:
        raise DataError(
            f"{answer.url.partition('?')[0]} says that its content is text in {charset[:40]!r}, "
            "and it cannot be read as that; ask for it with `output: raw`",
            code="http.not-text",
        ) from exc


def _masked(headers: Any, masks: Masks) -> dict[str, JsonValue]:
    return {
        name: MASK if name in _CREDENTIALS else masks.text(value) for name, value in headers.items()
    }


def _number(text: str) -> float | str:
    near = float(text)
    return near if Decimal(repr(near)) == Decimal(text) else text


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON")


def _refuse_deep(value: JsonValue, source: str) -> None:
    level = [value]
    for _ in range(_MOST_DEEP):
        level = [each for outer in level for each in _inside(outer)]
        if not level:
            return
    raise _not_json(source, f"it is nested deeper than {_MOST_DEEP}")


def _inside(value: JsonValue) -> Iterable[JsonValue]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _not_json(source: str, why: str) -> DataError:
    return DataError(
        f"{source} did not answer with JSON that can be used ({why}); check the address and what "
        "it serves",
        code="http.not-json",
    )
