"""What a definition asks people, read from the arguments of its `call: human.approval`."""

from datetime import timedelta

from pydantic import JsonValue, ValidationError

from tenuto.catalog.library.definitions.approval import ApprovalRequest
from tenuto.catalog.library.definitions.as_task import problems_of
from tenuto.core.problem import Fault, problem, standard_type
from tenuto.workflows.interpreter.durations import duration
from tenuto.workflows.interpreter.schemas import Schemas

_SHOWN_PROBLEMS = 5


def read_request(arguments: JsonValue) -> ApprovalRequest:
    """The request.

    Raises Fault `validation` 400 for one that cannot be decided on, `configuration` 400 for a form
    whose schema is none.
    """
    try:
        request = ApprovalRequest.model_validate(arguments)
    except ValidationError as wrong:
        raise cannot_be_asked(wrong) from wrong
    _require_usable_form(request)
    return request


def cannot_be_asked(wrong: ValidationError) -> Fault:
    """`validation` 400, with the first problems."""
    problems = [f"`{'.'.join(path) or 'with'}`: {why}" for path, why in problems_of(wrong)]
    return Fault(
        problem(
            "validation",
            f"The approval cannot be asked for: {'; '.join(problems[:_SHOWN_PROBLEMS])}",
        )
    )


def length(written: str | dict[str, int]) -> timedelta:
    """A length of time as the request has it. Raises Fault `configuration` 400 for none."""
    return duration({**written} if isinstance(written, dict) else written)


def _require_usable_form(request: ApprovalRequest) -> None:
    """A form whose schema is broken would refuse every decision, so the task fails instead."""
    try:
        Schemas().check(request.form, None, "The form")
    except Fault as fault:
        if fault.problem.type == standard_type("configuration"):
            raise
