"""Whether what a call gives is what its function takes, as far as that is written down."""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, JsonValue, TypeAdapter, ValidationError

from tenuto.catalog.library.definitions.approval import ApprovalRequest
from tenuto.catalog.library.definitions.as_task import problems_of, task_of
from tenuto.catalog.library.definitions.policy import PolicyCheckRequest
from tenuto.catalog.library.tasks.request import Candidate
from tenuto.catalog.registry import Catalog
from tenuto.core.durations import read_duration
from tenuto.core.people import WHO_PATTERN
from tenuto.definitions.check.calls.calls import Callee, callee
from tenuto.definitions.check.calls.contracts import request_schema
from tenuto.definitions.check.calls.fitting import misfits
from tenuto.definitions.check.limits.literal_durations import length_s
from tenuto.definitions.check.meaning_codes import ENDLESS_APPROVAL, WRONG_ARGUMENT
from tenuto.definitions.check.parts import every, mapping, part, texts
from tenuto.definitions.check.structure.kinds.call_function import CALL_FUNCTION
from tenuto.definitions.check.structure.names import suggestion
from tenuto.definitions.expressions import is_expression
from tenuto.definitions.findings import Finding
from tenuto.definitions.loaded import Loaded, pointer_to
from tenuto.definitions.tasks import TaskAt

_CANDIDATE: TypeAdapter[str] = TypeAdapter(Candidate)


def find_wrong_arguments(
    loaded: Loaded, tasks: Iterable[TaskAt], catalog: Catalog
) -> Iterator[Finding]:
    """Every argument that its function does not take, or that it needs and does not get."""
    for task in tasks:
        if "call" not in task.body:
            continue
        reached = callee(task.body, loaded.value, catalog)
        if reached is None or _has_misspelt_with(task):
            continue
        schema = parameters(reached)
        if schema:
            yield from _misfits(loaded, task, reached, schema)
        if reached.kind == "approval":
            yield from _endless(loaded, task)
            yield from _no_durations(loaded, task)
            yield from _not_found_by(loaded, task)


def parameters(reached: Callee) -> dict[str, Any]:
    """JSON Schema of what a call of `reached` takes; `{}` where that is not known."""
    model = request_model(reached)
    return literal_schema(reached.function, "input") if model is None else request_schema(model)


def request_model(reached: Callee) -> type[BaseModel] | None:
    """The model of what a call of `reached` takes; None where there is none."""
    if reached.entry is not None:
        model: type[BaseModel] = reached.entry.request
        return model
    if reached.kind == "approval":
        return ApprovalRequest
    return PolicyCheckRequest if reached.kind == "policy" else None


def literal_schema(body: JsonValue, side: str) -> dict[str, Any]:
    """The JSON Schema written at `input.schema` or `output.schema`; `{}` where there is none."""
    return mapping(body, side, "schema", "document")


def _has_misspelt_with(task: TaskAt) -> bool:
    """Whether the arguments stand under another key, which the check of structure names."""
    known = CALL_FUNCTION["properties"]
    others = [key for key in task.body if key not in known]
    return "with" not in task.body and any(suggestion(key, known) == "with" for key in others)


def _misfits(
    loaded: Loaded, task: TaskAt, reached: Callee, schema: dict[str, Any]
) -> Iterator[Finding]:
    given = task.body.get("with", {})
    if not isinstance(given, dict):
        return
    found = list(misfits(given, schema, called=f"the arguments of `{reached.name}`"))
    for misfit in found:
        yield loaded.error(
            WRONG_ARGUMENT,
            _at(task, misfit.pointer),
            misfit.message,
            misfit.remedy or _of_length(reached, misfit.pointer),
            of_key=misfit.is_of_key or misfit.pointer == "",
        )
    model = request_model(reached)
    if not found and model is not None and not any(is_expression(t) for _, t in texts(given, "")):
        yield from _refused(loaded, task, reached, model)


def _of_length(reached: Callee, pointer: str) -> str:
    is_length = reached.kind == "approval" and pointer.split("/")[1:2] in (
        ["timeout"],
        ["reminders"],
    )
    return "Write a length of time, as in `PT4H` or `{hours: 4}`." if is_length else ""


def _refused(
    loaded: Loaded, task: TaskAt, reached: Callee, model: type[BaseModel]
) -> Iterator[Finding]:
    """What the model refuses beyond its schema, where every argument is written out."""
    try:
        request = model.model_validate_json(json.dumps(task.body.get("with", {})))
        if isinstance(request, ApprovalRequest):
            _ask(request)
    except ValidationError as wrong:
        for path, why in _problems(reached, wrong):
            yield loaded.error(
                WRONG_ARGUMENT,
                _at(task, pointer_to(path)),
                f"`{reached.name}` refuses these arguments: {why.rstrip('.')}.",
                of_key=not path,
            )


def _problems(reached: Callee, wrong: ValidationError) -> Iterable[tuple[tuple[str, ...], str]]:
    if reached.kind == "approval":
        return problems_of(wrong)
    return [
        (tuple(map(str, error["loc"])), error["msg"].removeprefix("Value error, "))
        for error in wrong.errors()
    ]


def _ask(request: ApprovalRequest) -> None:
    """Raises ValidationError for what no task for people can be. Lengths that are none are told
    apart from this."""
    reminders = map(_length, request.reminders)
    task_of(
        request,
        timeout=_length(request.timeout),
        reminders=[each for each in reminders if each is not None],
    )


def _length(written: str | dict[str, int] | None) -> timedelta | None:
    return read_duration({**written} if isinstance(written, dict) else written)


def _at(task: TaskAt, pointer: str) -> str:
    return f"{task.pointer}/with{pointer}" if "with" in task.body else f"{task.pointer}/call"


def _endless(loaded: Loaded, task: TaskAt) -> Iterator[Finding]:
    if part(task.body, "with", "timeout") is None and part(task.body, "timeout") is None:
        yield loaded.warning(
            ENDLESS_APPROVAL,
            f"{task.pointer}/call",
            "The approval has no timeout, and waits for ever when nobody decides.",
            "Give `with.timeout`, as in `timeout: {days: 2}`, and catch the error `timeout`.",
        )


def _no_durations(loaded: Loaded, task: TaskAt) -> Iterator[Finding]:
    """Lengths of time of an approval, whose form the model does not tell."""
    for path in (("with", "timeout"), ("with", "reminders", "*")):
        for pointer, length in every(task.body, path, task.pointer):
            is_open = any(is_expression(text) for _, text in texts(length, ""))
            is_typed = isinstance(length, str) or (isinstance(length, dict) and bool(length))
            if is_typed and not is_open and length_s(length) is None:
                message = f"`{path[1]}` of the approval is no duration."
                remedy = "Write one as in `P2D` or `{days: 2}`."
                yield loaded.error(WRONG_ARGUMENT, pointer, message, remedy)


def _not_found_by(loaded: Loaded, task: TaskAt) -> Iterator[Finding]:
    """Approvers who would never find their task, where not every argument is written out."""
    if not any(is_expression(text) for _, text in texts(task.body.get("with", {}), "")):
        return
    for pointer, who in every(task.body, ("with", "approvers", "*"), task.pointer):
        if isinstance(who, str) and re.match(WHO_PATTERN, who):
            try:
                _CANDIDATE.validate_python(who)
            except ValidationError as wrong:
                message = wrong.errors()[0]["msg"].removeprefix("Value error, ").rstrip(".")
                yield loaded.error(WRONG_ARGUMENT, pointer, f"{message}.", "Name an opaque id.")
