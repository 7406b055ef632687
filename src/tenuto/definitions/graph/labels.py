"""What a picture says about a task, in few words."""

import json

from pydantic import JsonValue

from tenuto.definitions.plan import (
    ApprovalTask,
    CallTask,
    Catch,
    ChildTask,
    DoTask,
    EmitTask,
    ForkTask,
    ForTask,
    ListenTask,
    RaiseTask,
    Retry,
    RunTask,
    SetTask,
    SwitchTask,
    Task,
    TryTask,
    WaitTask,
)

_KINDS: dict[type[Task], str] = {
    ApprovalTask: "approval",
    CallTask: "call",
    ChildTask: "child workflow",
    DoTask: "do",
    EmitTask: "emit",
    ForkTask: "fork",
    ForTask: "for",
    ListenTask: "listen",
    RaiseTask: "raise",
    RunTask: "run definition",
    SetTask: "set",
    SwitchTask: "switch",
    TryTask: "try",
    WaitTask: "wait",
}

_ENDS = "ends the workflow"
_UNITS = {"days": "d", "hours": "h", "minutes": "min", "seconds": "s", "milliseconds": "ms"}


def kind(task: Task) -> str:
    """What kind of task it is, for people."""
    return _KINDS[type(task)]


def details(task: Task) -> tuple[str, ...]:
    """One line for each thing worth knowing besides kind and name."""
    lines = [*_about(task)]
    if task.if_ is not None:
        lines.insert(0, f"if {task.if_}")
    if task.timeout is not None:
        lines.append(f"at most {short(task.timeout)}")
    if task.then == "end":
        lines.append(_ENDS)
    return tuple(" ".join(line.split()) for line in lines)


def case_label(task: SwitchTask, index: int) -> str:
    """`name: condition`, or the name alone for the default case; and whether all ends there."""
    case = task.cases[index]
    words = case.name if case.when is None else f"{case.name}: {case.when}"
    return " ".join(words.split()) + (f" ({_ENDS})" if case.then == "end" else "")


def catch_lines(catch: Catch) -> tuple[str, ...]:
    """Which errors are caught, and how often the tasks are tried again."""
    wanted = ", ".join(f"{key} {_tail(short(value))}" for key, value in catch.errors.items())
    lines = [wanted or "every error"]
    if catch.when is not None:
        lines.append(f"when {catch.when}")
    if catch.except_when is not None:
        lines.append(f"except when {catch.except_when}")
    if catch.retry is not None:
        lines.append(_retried(catch.retry))
    return tuple(" ".join(line.split()) for line in lines)


def short(value: JsonValue) -> str:
    """A template as a few words: durations with units, expressions without `${ }`."""
    if isinstance(value, str):
        is_expression = value.startswith("${") and value.endswith("}")
        return value[2:-1].strip() if is_expression else value
    if isinstance(value, dict) and value and set(value) <= set(_UNITS):
        return " ".join(f"{amount} {_UNITS[unit]}" for unit, amount in value.items())
    return json.dumps(value, ensure_ascii=False)


def _about(task: Task) -> tuple[str, ...]:
    match task:
        case CallTask() | ChildTask():
            return (task.function,)
        case ApprovalTask():
            title = task.arguments.get("title") if isinstance(task.arguments, dict) else None
            return (short(title),) if title is not None else ()
        case EmitTask():
            return (short(task.event.get("type")),)
        case ListenTask():
            types = (short(each.with_.get("type", "any event")) for each in task.filters)
            return (f"{task.mode}: {', '.join(types) or 'any event'}",)
        case ForTask():
            condition = () if task.while_ is None else (f"while {task.while_}",)
            return (f"each ${task.each} in {short(task.in_)}", *condition)
        case ForkTask():
            return ("the first to end wins" if task.compete else "all at the same time",)
        case RaiseTask():
            words = (_tail(short(task.error.get("type", "error"))), task.error.get("status"))
            return (" ".join(str(word) for word in words if word is not None),)
        case RunTask():
            waits = "" if task.is_awaited else ", not waited for"
            return (f"{task.namespace}/{task.workflow} {task.version}{waits}",)
        case SetTask():
            return (", ".join(task.value) if isinstance(task.value, dict) else short(task.value),)
        case WaitTask():
            return (short(task.duration),)
        case _:
            return ()


def _retried(retry: Retry) -> str:
    times = "without limit" if retry.attempts is None else f"{retry.attempts} times"
    delay = "" if retry.delay is None else f" after {short(retry.delay)}"
    return f"tried again {times}{delay}, {retry.backoff}"


def _tail(uri: str) -> str:
    """The last word of an error's URI, which says what kind it is."""
    return uri.rstrip("/").rpartition("/")[2] or uri
