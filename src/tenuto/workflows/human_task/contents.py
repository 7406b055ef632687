"""What a decision has to say: judged before it is recorded, and never again.

A replay does not judge it a second time, so that another version of the schema library cannot
make another task of a recorded one.
"""

from pydantic import JsonValue

from tenuto.catalog.library.tasks.messages import Decide
from tenuto.catalog.library.tasks.request import TaskRequest
from tenuto.core.canonical import canonical_json
from tenuto.core.errors import UsageError
from tenuto.core.problem import Fault, standard_type
from tenuto.workflows.human_task.form_size import refuse_large_form
from tenuto.workflows.human_task.state import TaskState
from tenuto.workflows.interpreter.schemas import Schemas

MOST_FORM_CHARACTERS = 20_000
MOST_VOTE_CHARACTERS = 500_000
"""Of all votes of a task together: they go along whenever it continues with a fresh history."""


def refuse_contents(request: TaskRequest, state: TaskState, message: Decide) -> None:
    """Raises UsageError unless the decision says what this task wants to know."""
    _refuse_unseen(request, message)
    if message.decision in ("reject", "respond") and not message.comment.strip():
        raise UsageError(
            f"`{message.decision}` needs a `comment` that says why.", code="task.no-reason"
        )
    _refuse_form(request, message)
    _refuse_too_long(state, message)


def refuse_unusable_form(request: TaskRequest) -> None:
    """Raises UsageError `task.form-unusable`: every decision would be refused for it."""
    refuse_large_form(request.form)
    try:
        Schemas().check(request.form, None, "The form")
    except Fault as fault:
        if fault.problem.type == standard_type("configuration"):
            raise UsageError(
                f"The `form` of this task is no JSON Schema that can be used: {fault.message}",
                code="task.form-unusable",
            ) from fault


def _refuse_unseen(request: TaskRequest, message: Decide) -> None:
    if message.seen == request.seen:
        return
    if message.seen is None:
        raise UsageError(
            "This decision has to name what was looked at: give the task's `seen` hash with it.",
            code="task.seen-missing",
            details={"seen": request.seen},
        )
    raise UsageError(
        f"The decision is on `{message.seen[:12]}...`, and the task is about"
        f" {f'`{request.seen[:12]}...`' if request.seen else 'nothing that has a hash'}: something"
        " else was looked at. Look at the task again.",
        code="task.seen-other",
        details={"seen": request.seen},
    )


def _refuse_form(request: TaskRequest, message: Decide) -> None:
    form = message.form
    if message.decision == "edit" and form is None:
        raise _invalid("`edit` needs the changed data as `form`")
    if form is not None and (message.decision == "reject" or not _takes_form(request, message)):
        raise _invalid(f"`{message.decision}` takes no `form` here")
    if form is not None and len(canonical_json(form).decode()) > MOST_FORM_CHARACTERS:
        raise UsageError(
            f"The form has more than {MOST_FORM_CHARACTERS:,} characters. Attach a file.",
            code="task.text-too-long",
        )
    if message.decision != "reject":
        _refuse_unfit(request.form, form)


def _takes_form(request: TaskRequest, message: Decide) -> bool:
    return request.form is not None or message.decision == "edit"


def _refuse_unfit(schema: dict[str, JsonValue] | None, form: dict[str, JsonValue] | None) -> None:
    try:
        Schemas().check(schema, form, "The form")
    except Fault as unfit:
        raise _invalid(unfit.message) from unfit


def _refuse_too_long(state: TaskState, message: Decide) -> None:
    votes = sum(len(vote.comment) + len(str(vote.form or "")) for vote in state.votes)
    if votes + len(message.comment) + len(str(message.form or "")) > MOST_VOTE_CHARACTERS:
        raise UsageError(
            f"The votes of this task have {votes:,} characters, and {MOST_VOTE_CHARACTERS:,} is"
            " all that it takes. Say it in fewer words, and attach a file.",
            code="task.text-too-long",
        )


def _invalid(why: str) -> UsageError:
    return UsageError(
        f"{why}. Send what the task's `form` asks for; `tenuto tasks show` has it.",
        code="task.form-invalid",
    )
