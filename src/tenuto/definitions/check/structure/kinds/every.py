"""Which form a task has: by its kind, and for calls by what they call."""

from pydantic import JsonValue

from tenuto.definitions.check.structure.kinds.call_function import CALL_FUNCTION
from tenuto.definitions.check.structure.kinds.call_http import CALL_HTTP
from tenuto.definitions.check.structure.kinds.call_openapi import CALL_OPENAPI
from tenuto.definitions.check.structure.kinds.call_refused import REFUSED_CALLS, refused_call
from tenuto.definitions.check.structure.kinds.do import DO
from tenuto.definitions.check.structure.kinds.emit import EMIT
from tenuto.definitions.check.structure.kinds.for_loop import FOR
from tenuto.definitions.check.structure.kinds.fork import FORK
from tenuto.definitions.check.structure.kinds.form import Schema
from tenuto.definitions.check.structure.kinds.listen import LISTEN
from tenuto.definitions.check.structure.kinds.raise_error import RAISE
from tenuto.definitions.check.structure.kinds.run import RUN
from tenuto.definitions.check.structure.kinds.set import SET
from tenuto.definitions.check.structure.kinds.switch import SWITCH
from tenuto.definitions.check.structure.kinds.try_catch import TRY
from tenuto.definitions.check.structure.kinds.wait import WAIT

CALL = "call"

FORMS: dict[str, Schema] = {
    "call": CALL_FUNCTION,
    "call: http": CALL_HTTP,
    "call: openapi": CALL_OPENAPI,
    **{f"call: {kind}": refused_call(kind) for kind in REFUSED_CALLS},
    "do": DO,
    "emit": EMIT,
    "for": FOR,
    "fork": FORK,
    "listen": LISTEN,
    "raise": RAISE,
    "run": RUN,
    "set": SET,
    "switch": SWITCH,
    "try": TRY,
    "wait": WAIT,
}
"""Form by its name."""


def form_name(kind: str, body: dict[str, JsonValue]) -> str:
    """Name of the form that a task of this kind has."""
    name = f"{kind}: {body.get(kind)}"
    return name if kind == CALL and name in FORMS else kind
