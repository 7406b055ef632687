"""The plan: a checked definition as data, expanded, resolved, and ready to be run.

It travels in a run's start input and is all that the interpreter reads. Nothing in it refers to
the document's reusable parts any more (`use`), and every call names its activity, queue, and
timeouts, so that a run keeps what it started with.
"""

from functools import cache
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import (
    Field,
    JsonValue,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from tenuto.core.records import Record
from tenuto.definitions.compact import compact, whole

DEFINITION_ATTRIBUTE = "TenutoDefinition"
"""The search attribute, a keyword, with what a run runs: `namespace/name:version`."""

Expression: TypeAlias = str
"""jq text, without `${ }`."""
Template: TypeAlias = JsonValue
"""JSON in which a string that is `${ ... }` as a whole is an expression; all else is literal."""
Pointer: TypeAlias = str
"""JSON pointer into the definition, with index and name: `/do/0/getPet`."""


class Lean(Record):
    """Written without what it does not say: plans stand in every run's history."""

    @model_serializer(mode="wrap")
    def _without_defaults(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        silent = _defaults(type(self))
        return {
            name: value
            for name, value in write(self).items()
            if name not in silent or value != silent[name]
        }


_TELLING = ("kind", "version")
"""Members that say how to read the others."""


@cache
def _defaults(kind: type[Lean]) -> dict[str, Any]:
    """What each member is, as JSON, where nothing is said of it."""
    return {
        name: [] if default == () else default
        for name, field in kind.model_fields.items()
        if name not in _TELLING and not field.is_required()
        for default in [field.get_default(call_default_factory=True)]
    }


class Head(Lean):
    """What the definition is called."""

    dsl: str
    namespace: str
    name: str
    version: str
    title: str | None = None
    summary: str | None = None
    tags: dict[str, JsonValue] = Field(default_factory=dict)


class Retry(Lean):
    """How often and after what delay a caught error is tried again."""

    when: Expression | None = None
    except_when: Expression | None = None
    delay: Template = None
    """A duration: ISO 8601 text, an object of units, or an expression that gives one."""
    backoff: Literal["constant", "exponential", "linear"] = "constant"
    jitter_from: Template = None
    jitter_to: Template = None
    attempts: int | None = None
    """Most retries after the first attempt; None where there is no limit."""
    attempt_duration: Template = None
    """Longest time of one attempt."""
    duration: Template = None
    """Longest time of all attempts together."""


class ServerRetry(Lean):
    """The engine's own retry policy of an activity."""

    initial_s: float
    backoff: float
    maximum_s: float | None
    attempts: int
    """0 is without limit."""
    non_retryable: tuple[str, ...] = ()


class CallOptions(Lean):
    """How the engine runs an activity: the catalog's defaults, changed by `metadata.temporal`."""

    queue: str
    start_to_close_s: float | None = None
    schedule_to_close_s: float | None = None
    schedule_to_start_s: float | None = None
    heartbeat_s: float | None = None
    retry: ServerRetry | None = None
    priority: int | None = None
    is_local: bool = False
    spreads_fields: tuple[str, ...] | None = None
    """Plain code takes the arguments one by one, in this order; None sends them as one object."""
    summary: str | None = None
    """Shown in the history; the task's name unless given."""


class TaskBase(Lean):
    """What every task may have."""

    name: str
    at: Pointer
    if_: Expression | None = None
    input_schema: JsonValue = None
    input_from: Template = None
    """None is the identity."""
    output_as: Template = None
    output_schema: JsonValue = None
    export_as: Template = None
    export_schema: JsonValue = None
    timeout: Template = None
    then: str = "continue"
    """`continue`, `exit`, `end`, or the name of a task in the same list."""
    search_attributes: dict[str, Template] = Field(default_factory=dict)
    """Search attribute -> value, set when the task begins."""
    definition: JsonValue = None
    """The task as written; only where an expression reads `$task.definition`."""
    is_woven: bool = False
    """Made by compiling: it stands for a part of what the document says as one task, and nobody
    is shown it as a task of its own."""
    around: Pointer | None = None
    """The task that it extends, for a task of an extension."""


class CallTask(TaskBase):
    """Run an activity and take its result."""

    kind: Literal["call"] = "call"
    function: str
    """What the document calls: `http`, `nav.strike:1.2.0@default`."""
    activity: str
    """Name of the activity as the engine knows it."""
    arguments: Template
    """The activity's one argument."""
    options: CallOptions


class ChildTask(TaskBase):
    """Run a workflow of the catalog as a child and take its result."""

    kind: Literal["child"] = "child"
    function: str
    type_name: str
    arguments: Template
    """The request; its fields are spread where `spreads_fields`."""
    queue: str
    spreads_fields: tuple[str, ...] | None = None
    """Names of the arguments in order, for a workflow that takes several."""
    workflow_id: str | None = None
    """Template over the request's fields, as a catalog entry has it."""
    execution_timeout_s: float | None = None


class ApprovalTask(TaskBase):
    """Ask people, and wait for their decision."""

    kind: Literal["approval"] = "approval"
    function: str
    arguments: Template
    """A `tenuto.catalog.library.definitions.approval.ApprovalRequest`."""


class DoTask(TaskBase):
    """Run tasks in sequence."""

    kind: Literal["do"] = "do"
    do: "tuple[Task, ...]"


class Filter(Lean):
    """Which events a listener takes."""

    with_: dict[str, Template] = Field(default_factory=dict)
    """Attribute -> value that must be equal, or an expression over the event that must hold."""
    correlate: dict[str, "Correlation"] = Field(default_factory=dict)


class Correlation(Lean):
    """A key that ties events together."""

    from_: Expression
    """Over the event."""
    expect: Template = None
    """None: equal to the same key of the events taken before."""


class ListenTask(TaskBase):
    """Wait for events."""

    kind: Literal["listen"] = "listen"
    mode: Literal["one", "any", "all"]
    filters: tuple[Filter, ...]
    read: Literal["data", "envelope", "raw"] = "data"


class EmitTask(TaskBase):
    """Send an event."""

    kind: Literal["emit"] = "emit"
    event: dict[str, Template]
    activity: str
    options: CallOptions


class ForTask(TaskBase):
    """Run tasks once for each item of a collection."""

    kind: Literal["for"] = "for"
    each: str = "item"
    at_variable: str = "index"
    in_: Template
    while_: Expression | None = None
    do: "tuple[Task, ...]"


class ForkTask(TaskBase):
    """Run tasks at the same time."""

    kind: Literal["fork"] = "fork"
    compete: bool = False
    branches: "tuple[Task, ...]"


class RaiseTask(TaskBase):
    """End with an error."""

    kind: Literal["raise"] = "raise"
    error: dict[str, Template]
    """`type`, `status`, and perhaps `title` and `detail`."""


class RunTask(TaskBase):
    """Run another definition as a child."""

    kind: Literal["run"] = "run"
    namespace: str
    workflow: str
    version: str
    """Or `latest`."""
    input: Template = None
    is_awaited: bool = True
    activity: str
    """Loads the other definition's plan."""
    options: CallOptions


class SetTask(TaskBase):
    """Put together data."""

    kind: Literal["set"] = "set"
    value: Template


class Case(Lean):
    """One way out of a switch."""

    name: str
    when: Expression | None = None
    """None is the default case."""
    then: str


class SwitchTask(TaskBase):
    """Choose where to go on."""

    kind: Literal["switch"] = "switch"
    cases: tuple[Case, ...]


class Catch(Lean):
    """Which errors a try takes, and what it does then."""

    errors: dict[str, JsonValue] = Field(default_factory=dict)
    """Member of the problem -> value; empty takes every error. `type` is canonical."""
    variable: str = "error"
    when: Expression | None = None
    except_when: Expression | None = None
    retry: Retry | None = None
    do: "tuple[Task, ...]" = ()
    then: str | None = None


class TryTask(TaskBase):
    """Run tasks, and take their errors."""

    kind: Literal["try"] = "try"
    tasks: "tuple[Task, ...]"
    catch: Catch


class WaitTask(TaskBase):
    """Let time pass."""

    kind: Literal["wait"] = "wait"
    duration: Template


Task = Annotated[
    CallTask
    | ChildTask
    | ApprovalTask
    | DoTask
    | EmitTask
    | ForTask
    | ForkTask
    | ListenTask
    | RaiseTask
    | RunTask
    | SetTask
    | SwitchTask
    | TryTask
    | WaitTask,
    Field(discriminator="kind"),
]


class Plan(Lean):
    """A definition, ready to be run."""

    version: Literal[1] = 1
    head: Head
    input_schema: JsonValue = None
    input_from: Template = None
    output_as: Template = None
    output_schema: JsonValue = None
    timeout: Template = None
    do: tuple[Task, ...]
    awaits: tuple[str, ...] = ()
    """Types of the events that its listeners take, where they are literal; sorted."""
    search_attributes: dict[str, Template] = Field(default_factory=dict)
    """Of the whole run, set when it begins."""
    definition: JsonValue = None
    """As written; only where an expression reads `$workflow.definition`."""

    @model_serializer(mode="wrap")
    def _compact(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return compact(self._without_defaults(write))

    @model_validator(mode="before")
    @classmethod
    def _whole(cls, read: Any) -> Any:
        try:
            return whole(read) if isinstance(read, dict) and "do" in read else read
        except (AttributeError, IndexError, KeyError, TypeError) as wrong:
            raise ValueError(f"is no plan: {type(wrong).__name__} {wrong}") from wrong


Filter.model_rebuild()
for _task in (DoTask, ForTask, ForkTask, TryTask, Catch, Plan):
    _task.model_rebuild()
