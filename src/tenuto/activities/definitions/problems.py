"""What a failed call is to the workflow that made it: one of the specification's problems."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from tenuto.activities.definitions.masks import Masks
from tenuto.core.errors import TenutoError, UsageError
from tenuto.core.problem import Problem, Standard, problem


@contextmanager
def with_problems(masks: Masks | None = None) -> Iterator[None]:
    """Adds `problem` to the details of an error of ours, for the interpreter to pass on.

    What `masks` hides is taken out of its message first.
    """
    try:
        yield
    except TenutoError as error:
        if masks is not None:
            masks.error(error)
        error.details.setdefault("problem", problem_of(error).as_json())
        raise


def failed_as(kind: Standard, error: TenutoError) -> TenutoError:
    """`error` as a problem of that kind."""
    error.details["problem"] = problem(kind, error.message).as_json()
    return error


def problem_of(error: TenutoError) -> Problem:
    """The answer's status where there was an answer, else the status of the kind of problem."""
    status = error.details.get("status")
    if isinstance(status, int):
        return problem("communication", error.message, title=_phrase(status), status=status)
    return problem(_kind(error), error.message)


def _kind(error: TenutoError) -> Standard:
    if error.code == "http.timeout":
        return "timeout"
    if error.code == "secret.missing":
        return "authorization"  # so the specification has it, with 403
    return "configuration" if isinstance(error, UsageError) else "communication"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}"
