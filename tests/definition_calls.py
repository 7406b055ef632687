"""What the tests of the activities behind definitions share."""

from typing import Any

from tenuto.core.errors import TenutoError
from tenuto.testing.loopback import Answer, LoopbackServer


def answering(**answer: Any) -> LoopbackServer:
    """A server that always gives the same answer."""
    return LoopbackServer(lambda _: Answer(**answer))


def problem_of(error: TenutoError) -> dict[str, Any]:
    """The problem that an error brings to the interpreter, its type by the last word."""
    problem: dict[str, Any] = error.details["problem"]
    return problem | {"type": problem["type"].rpartition("/")[2]}
