"""The catalog's entry for runs of definitions, and what such a run is asked for and asked about.

Importable without the interpreter: whoever starts or watches a run needs no more.
"""

from typing import Any, Literal

from pydantic import Field, JsonValue
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from tenuto.catalog import workflow_entry
from tenuto.catalog.entries import ENTRY_ATTRIBUTE, WorkflowEntry
from tenuto.catalog.library.definitions.events import AWAITS_ATTRIBUTE
from tenuto.core.records import Record
from tenuto.definitions.plan import DEFINITION_ATTRIBUTE, Plan, Pointer
from tenuto.workflows.interpreter.pending import PendingTask
from tenuto.workflows.interpreter.state import State

QUEUE = "definitions"
"""Task queue of the interpreter."""


class DefinitionRun(Record):
    """One run of a definition: all of it, so that the history can be replayed by itself."""

    plan: Plan
    digest: str
    """SHA-256 of the plan's canonical JSON."""
    input: JsonValue = Field(default_factory=dict)
    """The run's raw input."""
    interpreter: Literal[1] = 1
    """What version of the interpreter the run was started for."""
    jq: str
    """The expression engine the run was started with, as `tenuto.definitions.expressions.ENGINE`
    has it; a record for whoever replays the run."""
    most_events: int | None = Field(default=None, ge=50)
    """History length at which the run goes on with a fresh history; None leaves it to the engine,
    which suggests one at some 4,000 events."""
    state: State | None = None
    """Where a run before this one stopped; None for the first of a chain."""


class RunState(Record):
    """Answer of the query `state`."""

    context: JsonValue
    """`$context`, outside any open fork."""
    position: tuple[Pointer, ...]
    """The tasks under way outside any open fork, outermost first."""


class RunPending(Record):
    """Answer of the query `pending`."""

    tasks: tuple[PendingTask, ...]
    """Those that take time, in every branch."""
    approvals: list[JsonValue]
    """Open ones: what may be decided and by whom, the id of the task, what answers it."""
    events: dict[str, JsonValue]
    """What listens, which events wait, which were refused."""


def found_by(plan: Plan) -> TypedSearchAttributes:
    """What a run of `plan` is found by: the entry, the definition, the types it listens for."""
    found: list[SearchAttributePair[Any]] = [
        SearchAttributePair(SearchAttributeKey.for_keyword(ENTRY_ATTRIBUTE), definition.name),
        SearchAttributePair(SearchAttributeKey.for_keyword(DEFINITION_ATTRIBUTE), name_of(plan)),
    ]
    if plan.awaits:
        awaits = SearchAttributeKey.for_keyword_list(AWAITS_ATTRIBUTE)
        found.append(SearchAttributePair(awaits, list(plan.awaits)))
    return TypedSearchAttributes(found)


def name_of(plan: Plan) -> str:
    """`namespace/name:version`."""
    return f"{plan.head.namespace}/{plan.head.name}:{plan.head.version}"


definition: WorkflowEntry[DefinitionRun, Any] = workflow_entry(
    "definition",
    type_name="RunDefinition",
    request=DefinitionRun,
    result=JsonValue,  # type: ignore[arg-type]
    summary="Run a workflow that is written as a document.",
    queue=QUEUE,
    started_by="`tenuto definition run`, a schedule of a deployed definition, or `run.workflow`",
)
