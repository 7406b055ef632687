"""Errors as the Open Workflow Specification passes them on: problem details after RFC 9457."""

from typing import Any, Literal

from pydantic import ConfigDict, JsonValue

from tenuto.core.errors import TenutoError
from tenuto.core.records import Record

Standard = Literal[
    "configuration",
    "validation",
    "expression",
    "authentication",
    "authorization",
    "timeout",
    "communication",
    "runtime",
]
"""The specification's own error types, by the last word of their URI."""

STANDARD_STATUS: dict[Standard, int] = {
    "configuration": 400,
    "validation": 400,
    "expression": 400,
    "authentication": 401,
    "authorization": 403,
    "timeout": 408,
    "communication": 500,
    "runtime": 500,
}

_FAMILY = "https://open-workflow-specification.org/spec/1.0.0/errors/"
_ALIASES = (
    _FAMILY,
    "https://open-workflow-specification.org/dsl/errors/types/",
    "https://serverlessworkflow.io/spec/1.0.0/errors/",
    "https://serverlessworkflow.io/dsl/errors/types/",
)
"""One meaning, four spellings: the specification changed its domain and uses two paths."""


class Problem(Record):
    """One error: what kind, how bad, where it arose, and what happened."""

    model_config = ConfigDict(extra="allow")

    type: str
    """A URI that says what kind of error it is."""
    status: int
    """As HTTP counts them."""
    title: str | None = None
    detail: str | None = None
    instance: str | None = None
    """JSON pointer to the task that raised it, for example `/do/0/getPet`."""

    def as_json(self) -> dict[str, JsonValue]:
        """What expressions and other programs see; absent members are left out."""
        return self.model_dump(mode="json", exclude_none=True)


class Fault(TenutoError):  # noqa: N818 (the specification's word)
    """A problem on its way to the `try` that catches it, or to the end of the run."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(
            problem.detail or problem.title or f"{problem.type} ({problem.status})",
            code="definition.fault",
            details={"problem": problem.as_json()},
        )
        self.problem = problem


def standard_type(kind: Standard) -> str:
    """The URI of a standard error type, in its canonical spelling."""
    return _FAMILY + kind


def canonical_type(uri: str) -> str:
    """`uri` in the canonical spelling; one that is no standard type comes back unchanged."""
    for family in _ALIASES:
        kind = uri.removeprefix(family)
        if kind != uri and kind in STANDARD_STATUS:
            return _FAMILY + kind
    return uri


def is_of_standard_family(uri: str) -> bool:
    """Whether `uri` stands where standard error types stand, whatever its last word is."""
    return uri.startswith(_ALIASES)


def problem(
    kind: Standard, detail: str, *, title: str | None = None, status: int | None = None, **more: Any
) -> Problem:
    """A problem of a standard type; its status is the type's unless given."""
    return Problem(
        type=standard_type(kind),
        status=STANDARD_STATUS[kind] if status is None else status,
        title=title or f"{kind.capitalize()} error",
        detail=detail,
        **more,
    )
