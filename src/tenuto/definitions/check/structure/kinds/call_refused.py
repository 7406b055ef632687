"""The form of calls that the specification has and this release does not make."""

from tenuto.definitions.check.structure import codes
from tenuto.definitions.check.structure.kinds.form import Schema, refused

REFUSED_CALLS = ("asyncapi", "grpc", "a2a", "mcp")


def refused_call(kind: str) -> Schema:
    """A form that takes no `call` of this kind, and says nothing about its arguments."""
    refusal = refused(
        codes.CALL_REFUSED,
        f"`call: {kind}` is not in this release.",
        "Write an activity that does it, and call that one by its name.",
    )
    return {"type": "object", "properties": {"call": refusal}}
