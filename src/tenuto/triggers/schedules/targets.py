"""What a schedule starts: a workflow of the catalog, or a deployed definition, with its input."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, JsonValue
from temporalio.client import ScheduleActionStartWorkflow
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from tenuto.catalog.check import arguments
from tenuto.catalog.entries import WorkflowEntry
from tenuto.definitions.digest import digest_of
from tenuto.definitions.plan import Plan
from tenuto.engine.bootstrap import SEARCH_ATTRIBUTE_TYPES
from tenuto.engine.headers import header_payload
from tenuto.triggers.definitions import request_of, scheduled_start
from tenuto.triggers.origin import Origin, Starting, headers_of
from tenuto.triggers.schedules.model import ScheduledStart
from tenuto.workflows.interpreter.entry import definition, found_by, name_of

MOST_SUMMARY = 200
"""Characters of a run's summary that the engine keeps."""
_KEYS = {
    "Keyword": SearchAttributeKey.for_keyword,
    "KeywordList": SearchAttributeKey.for_keyword_list,
    "Int": SearchAttributeKey.for_int,
    "Double": SearchAttributeKey.for_float,
    "Bool": SearchAttributeKey.for_bool,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class OfCatalog:
    """A workflow of the catalog, with a request that fits."""

    entry: WorkflowEntry[Any, Any]
    request: BaseModel

    @property
    def workflow(self) -> str:
        """What rules call it."""
        return self.entry.name

    @property
    def listed_as(self) -> str:
        """What a list of schedules calls it."""
        return self.entry.name

    @property
    def facts(self) -> dict[str, JsonValue]:
        """What makes its runs what they are."""
        entry = self.entry
        lasts = entry.execution_timeout
        return {
            "workflow": entry.type_name,
            "queue": entry.queue,
            "input": self.request.model_dump(mode="json"),
            "execution_timeout": None if lasts is None else f"{lasts.total_seconds():g} s",
        }

    @property
    def found_by(self) -> TypedSearchAttributes:
        """What its runs are found by."""
        return self.entry.filled_search_attributes(self.request)

    @property
    def size(self) -> int:
        """Bytes of the input as they travel, about."""
        return len(self.request.model_dump_json())

    def named(self, start: ScheduledStart) -> str:
        """What its runs are called. Raises KeyError and the like for a template of other fields."""
        fields = {name: getattr(self.request, name) for name in type(self.request).model_fields}
        return start.run_id.format(**fields) if start.run_id else start.id

    def action(
        self, start: ScheduledStart, memo: Mapping[str, Any], origin: Origin | None
    ) -> ScheduleActionStartWorkflow:
        """What the schedule does, signed by `origin`."""
        starting = Starting(
            type_name=self.entry.type_name,
            workflow_id=self.named(start),
            queue=self.entry.queue,
            arguments=arguments(self.entry, self.request),
            schedule=start.id,
        )
        action = ScheduleActionStartWorkflow(
            starting.type_name,
            args=starting.arguments,
            id=starting.workflow_id,
            task_queue=starting.queue,
            execution_timeout=self.entry.execution_timeout,
            memo={**memo, **(origin.memo if origin else {})},
            static_summary=self.entry.summary[:MOST_SUMMARY] or None,
        )
        headers = headers_of(origin, starting)
        action.headers = {name: header_payload(text) for name, text in headers.items()}
        return action


@dataclass(frozen=True, kw_only=True, slots=True)
class OfDefinition:
    """A deployed definition, with an input that its schema takes."""

    plan: Plan
    value: dict[str, JsonValue]

    @property
    def workflow(self) -> str:
        """What rules call it."""
        return definition.name

    @property
    def listed_as(self) -> str:
        """What a list of schedules calls it, `namespace/name`."""
        return f"{self.plan.head.namespace}/{self.plan.head.name}"

    @property
    def facts(self) -> dict[str, JsonValue]:
        """What makes its runs what they are."""
        return {
            "workflow": definition.type_name,
            "queue": definition.queue,
            "definition": name_of(self.plan),
            "digest": digest_of(self.plan),
            "input": self.value,
        }

    @property
    def found_by(self) -> TypedSearchAttributes:
        """What its runs are found by."""
        return found_by(self.plan)

    @property
    def size(self) -> int:
        """Bytes of plan and input as they travel, about."""
        return len(request_of(self.plan, self.value).model_dump_json())

    def named(self, start: ScheduledStart) -> str:
        """What its runs are called. Raises KeyError and the like for a template of other fields."""
        return start.run_id.format(**self.value) if start.run_id else start.id

    def action(
        self, start: ScheduledStart, memo: Mapping[str, Any], origin: Origin | None
    ) -> ScheduleActionStartWorkflow:
        """What the schedule does, signed by `origin`."""
        return scheduled_start(
            self.plan,
            start.id,
            memo=memo,
            origin=origin,
            value=self.value,
            workflow_id=self.named(start),
        )


Target = OfCatalog | OfDefinition


def attributes_of(start: ScheduledStart, target: Target) -> TypedSearchAttributes:
    """What runs of the schedule are found by: what all runs of the workflow are, and its own.

    Raises TypeError for a value that its attribute cannot hold.
    """
    own = {name: _pair(name, value) for name, value in start.search_attributes.items()}
    pairs = [pair for pair in target.found_by if pair.key.name not in own]
    return TypedSearchAttributes([*pairs, *own.values()])


def _pair(name: str, value: JsonValue) -> SearchAttributePair[Any]:
    kind = SEARCH_ATTRIBUTE_TYPES.get(name) or _kind(value)
    if kind is None or _kind(value) != kind:
        raise TypeError(f"`{name}` holds a {kind or 'text, number, flag, or list of texts'}")
    key: Any = _KEYS[kind](name)
    return SearchAttributePair(key, value)


def _kind(value: JsonValue) -> str | None:
    match value:
        case bool():
            return "Bool"
        case int():
            return "Int"
        case float():
            return "Double"
        case str():
            return "Keyword"
        case list() if all(isinstance(each, str) for each in value):
            return "KeywordList"
    return None
