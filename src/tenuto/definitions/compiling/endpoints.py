"""Where a call goes, and as whom: URI templates and authentication, always in the long form."""

import json
import re

from pydantic import JsonValue

from tenuto.definitions.compiling.scope import Scope
from tenuto.definitions.compiling.shape import mapping, text
from tenuto.definitions.expressions import is_expression
from tenuto.definitions.plan import Template

_VARIABLE = re.compile(r"\{([^{}]+)\}")


def endpoint(value: JsonValue, scope: Scope, at: str) -> Template:
    """`{uri, authentication?}`, whichever way the endpoint is written."""
    if isinstance(value, str):
        return {"uri": uri(value, scope)}
    written = mapping(value, at)
    compiled: dict[str, JsonValue] = {"uri": uri(text(written.get("uri"), f"{at}/uri"), scope)}
    if "authentication" in written:
        compiled["authentication"] = authentication(
            written["authentication"], scope, f"{at}/authentication"
        )
    return compiled


def uri(value: str, scope: Scope) -> Template:
    """A URI; one with `{name}` in it becomes the expression that fills it from the input.

    Members are percent-encoded. One that is missing, null, an object, or a list is an error of
    the expression, unlike in the specification, which takes an empty text for a missing one: an
    address with a part left out is another address.
    """
    if is_expression(value):
        return scope.request(value)
    pieces = _VARIABLE.split(value)
    if len(pieces) == 1:
        return value
    filled = []
    for index, piece in enumerate(pieces):
        if index % 2:
            filled.append(_member(piece, value, is_segment=pieces[index - 1].endswith("/")))
        elif piece:
            filled.append(json.dumps(piece, ensure_ascii=False))
    return "${ " + " + ".join(filled) + " }"


def authentication(value: JsonValue, scope: Scope, at: str) -> Template:
    """The scheme with its settings, taken from `use.authentications` where it is named there."""
    if isinstance(value, str):
        return authentication(scope.used("authentications", value, at), scope, at)
    written = mapping(value, at)
    if "use" in written:
        name = text(written["use"], f"{at}/use")
        return authentication(scope.used("authentications", name, at), scope, at)
    # `basic: {use: secret}` stays: the worker knows which members the secret has.
    return scope.request(written)


def _member(name: str, address: str, *, is_segment: bool) -> str:
    key = json.dumps(name, ensure_ascii=False)
    text_of = "text (neither `.` nor `..`)" if is_segment else "text"
    said = f"`{name}` is missing in the task's input, which `{address}` needs"
    missing = _error(json.dumps(f"{said}.", ensure_ascii=False))
    said = f"`{name}` in the task's input has to be {text_of}, a number, or a boolean"
    told = json.dumps(f"{said} for `{address}`, and is of type ", ensure_ascii=False)
    wrong = _error(told[:-1] + '\\(type)."')
    # As a segment of a path, `.` and `..` would lead somewhere else, and no encoding hides them.
    allowed = ' and . != "." and . != ".."' if is_segment else ""
    return (
        f'(if type == "object" then .[{key}] else null end | if . == null then {missing}'
        f' elif (type | IN("string", "number", "boolean")){allowed}'
        f" then tostring | @uri else {wrong} end)"
    )


def _error(text: str) -> str:
    """jq that fails with nothing but this text: the jq itself is nobody's who reads it."""
    return f"error({{detail: {text}}})"
