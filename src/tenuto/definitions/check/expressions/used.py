"""Where expressions stand in a definition, and what each of them can see."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import NamedTuple

from pydantic import JsonValue

from tenuto.definitions.check.parts import every, mapping, texts
from tenuto.definitions.expressions import expression_in, is_expression
from tenuto.definitions.tasks import (
    TaskAt,
    catch_variable,
    event_variables,
    loop_variables,
    walk_tasks,
)


class Sees(StrEnum):
    """What `.` is in an expression."""

    RUN_INPUT = auto()
    """The run's input as it came."""
    RAW_INPUT = auto()
    """The task's input before `input.from`."""
    INPUT = auto()
    """The task's input after `input.from`."""
    RAW_OUTPUT = auto()
    """The task's output before `output.as`."""
    OUTPUT = auto()
    """The task's output after `output.as`."""
    LAST_OUTPUT = auto()
    """The output of the run's last task."""
    OTHER = auto()
    """An event, an error, or something that only the run knows."""


class Form(Enum):
    """How a position tells expressions from text."""

    BARE = auto()
    """A string is an expression, with or without `${ }`."""
    TEMPLATE = auto()
    """Only `${ ... }` as a whole is an expression; other strings are text."""
    EITHER = auto()
    """A string is an expression; an object or a list is a template."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """One string where an expression may stand."""

    pointer: str
    text: str
    """As in the file, perhaps with `${ }`."""
    is_bare: bool
    """Whether the position takes expressions without `${ }`."""
    position: str
    """`if`, `output.as`, `with`."""
    sees: Sees
    variables: frozenset[str]
    """What it may read, without the dollar sign; secrets aside."""
    task: TaskAt | None

    @property
    def jq(self) -> str | None:
        """The expression without `${ }`; None when the string is text."""
        if self.is_bare or is_expression(self.text):
            return expression_in(self.text)
        return None

    @property
    def keeps_secrets(self) -> bool:
        """Whether a secret may stand here: it is resolved inside the activity."""
        return self.position in ("with", "use.authentications")


class _Position(NamedTuple):
    path: tuple[str, ...]
    form: Form
    sees: Sees
    arguments: frozenset[str]


_START = frozenset({"workflow", "runtime"})
_BEFORE = _START | {"context", "task"}
_DURING = _BEFORE | {"input"}
_AFTER = _DURING | {"output"}


def _task(path: str, form: Form, sees: Sees, arguments: frozenset[str] = _DURING) -> _Position:
    return _Position(tuple(path.split(".")), form, sees, arguments)


def _strategy(path: str) -> Iterator[_Position]:
    for filters in ("one", "any.*", "all.*"):
        at = f"{path}.{filters}"
        yield _task(f"{at}.with", Form.TEMPLATE, Sees.OTHER)
        yield _task(f"{at}.correlate.*.from", Form.BARE, Sees.OTHER)
        yield _task(f"{at}.correlate.*.expect", Form.TEMPLATE, Sees.OTHER)


def _retry(path: str) -> Iterator[_Position]:
    yield _task(f"{path}.when", Form.BARE, Sees.OTHER)
    yield _task(f"{path}.exceptWhen", Form.BARE, Sees.OTHER)
    for literal in ("delay", "limit", "jitter"):
        yield _task(f"{path}.{literal}", Form.TEMPLATE, Sees.OTHER)


# The order is that of a run: what is evaluated first stands first.
_OF_TASK = (
    _task("if", Form.BARE, Sees.RAW_INPUT, _BEFORE),
    _task("input.from", Form.EITHER, Sees.RAW_INPUT, _BEFORE),
    _task("metadata.searchAttributes", Form.TEMPLATE, Sees.INPUT),
    _task("timeout.after", Form.TEMPLATE, Sees.INPUT),
    _task("with", Form.TEMPLATE, Sees.INPUT),
    _task("emit.event.with", Form.TEMPLATE, Sees.INPUT),
    _task("for.in", Form.EITHER, Sees.INPUT),
    _task("while", Form.BARE, Sees.OTHER),
    *_strategy("listen.to"),
    _task("listen.to.until", Form.BARE, Sees.OTHER),
    *_strategy("listen.to.until"),
    _task("foreach.output.as", Form.EITHER, Sees.OTHER),
    _task("foreach.export.as", Form.EITHER, Sees.OTHER, _AFTER),
    _task("raise.error", Form.TEMPLATE, Sees.INPUT),
    _task("run.workflow.input", Form.TEMPLATE, Sees.INPUT),
    _task("set", Form.TEMPLATE, Sees.INPUT),
    _task("switch.*.*.when", Form.BARE, Sees.INPUT),
    _task("wait", Form.TEMPLATE, Sees.INPUT),
    _task("catch.when", Form.BARE, Sees.OTHER),
    _task("catch.exceptWhen", Form.BARE, Sees.OTHER),
    *_retry("catch.retry"),
    _task("output.as", Form.EITHER, Sees.RAW_OUTPUT),
    _task("export.as", Form.EITHER, Sees.OUTPUT, _AFTER),
)

_OF_DOCUMENT = (
    _task("document.metadata.searchAttributes", Form.TEMPLATE, Sees.RUN_INPUT, _START | {"input"}),
    _task("input.from", Form.EITHER, Sees.RUN_INPUT, _START),
    _task("timeout.after", Form.TEMPLATE, Sees.OTHER, _START | {"input"}),
    _task("output.as", Form.EITHER, Sees.LAST_OUTPUT, _START | {"context"}),
    _task("use.authentications.*", Form.TEMPLATE, Sees.OTHER),
    _task("use.errors.*", Form.TEMPLATE, Sees.OTHER),
    _task("use.timeouts.*.after", Form.TEMPLATE, Sees.OTHER),
    *_retry("use.retries.*"),
    _task("use.extensions.*.*.when", Form.BARE, Sees.OTHER),
)

_REFUSED = ("asyncapi", "grpc", "a2a", "mcp")
"""Calls that are refused as such, whatever they are given; some bind variables of their own."""

_BINDS: dict[str, Callable[[dict[str, JsonValue]], frozenset[str]]] = {
    "while": loop_variables,
    "foreach": event_variables,
    "catch": catch_variable,
}


def expressions_used(definition: JsonValue) -> Iterator[Written]:
    """Every string of the definition where an expression may stand: in the document's own
    positions, then task by task."""
    tasks = list(walk_tasks(definition))
    caught = frozenset[str]().union(*(catch_variable(each.body) for each in tasks))
    for position in _OF_DOCUMENT:
        bound = caught if position.path[:2] == ("use", "retries") else frozenset[str]()
        yield from _written(definition, "", position, bound, None)
    for task in tasks:
        yield from expressions_of(task)


def expressions_of(task: TaskAt) -> Iterator[Written]:
    """Every string of the task itself, not of tasks inside it, where an expression may stand."""
    for position in _OF_TASK:
        if position.path == ("with",) and task.body.get("call") in _REFUSED:
            continue
        bind = _BINDS.get(position.path[0])
        bound = task.variables | (bind(task.body) if bind else frozenset())
        yield from _written(task.body, task.pointer, position, bound, task)


def secrets_declared(definition: JsonValue) -> tuple[str, ...]:
    """The names in `use.secrets`."""
    declared = mapping(definition, "use").get("secrets")
    return (
        tuple(each for each in declared if isinstance(each, str))
        if isinstance(declared, list)
        else ()
    )


def _written(
    value: JsonValue,
    pointer: str,
    position: _Position,
    bound: frozenset[str],
    task: TaskAt | None,
) -> Iterator[Written]:
    for at, found in every(value, position.path, pointer):
        is_bare = position.form is not Form.TEMPLATE and isinstance(found, str)
        if position.form is Form.BARE and not is_bare:
            continue
        for text_at, text in texts(found, at):
            yield Written(
                pointer=text_at,
                text=text,
                is_bare=is_bare,
                position=_named(position.path),
                sees=position.sees,
                variables=position.arguments | bound,
                task=task,
            )


def _named(path: tuple[str, ...]) -> str:
    return ".".join(segment for segment in path if segment != "*")
