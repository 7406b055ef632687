"""What a model is told of a tool's result: data as text, shortened where it is long."""

import json

from pydantic import JsonValue
from temporalio.exceptions import ActivityError, ApplicationError, FailureError

LONGEST = 20_000
"""Characters of one result."""


def as_told(result: JsonValue) -> str:
    """The result as JSON, cut where it is too long."""
    return cut(json.dumps(result, ensure_ascii=False))


def failure_as_told(failed: ActivityError) -> str:
    """Why a tool failed, in its own words."""
    cause: BaseException = failed
    while isinstance(cause, FailureError) and cause.cause is not None:
        cause = cause.cause
    told = cause.message if isinstance(cause, ApplicationError) else str(cause)
    return cut(f"It failed: {told}")


def cut(text: str) -> str:
    """At most `LONGEST` characters, and how many were left out."""
    if len(text) <= LONGEST:
        return text
    return f"{text[:LONGEST]}\n[{len(text) - LONGEST:,} more characters left out]"
