"""Catalog entries for a reader: as records for a program, as tables for a person."""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from tenuto.catalog.entries import ActivityEntry, BuiltinEntry, WorkflowEntry
from tenuto.catalog.registry import Catalog, Entry
from tenuto.cli.definitions.example import call_example
from tenuto.cli.fields import Field, fields_of, kind_of
from tenuto.cli.tables import block, heading, table
from tenuto.cli.times import span

if TYPE_CHECKING:
    from rich.console import Console


def summaries(catalog: Catalog) -> list[dict[str, Any]]:
    """One short record per entry, workflows first."""
    return [
        {
            "name": entry.name,
            "kind": _kind(entry),
            "queue": None if isinstance(entry, BuiltinEntry) else entry.queue,
            "summary": entry.summary,
        }
        for entry in (
            *_sorted(catalog.workflows),
            *_sorted(catalog.builtins),
            *_sorted(catalog.activities),
        )
    ]


def describe(entry: Entry) -> dict[str, Any]:
    """All that an entry declares, with the JSON Schemas of its input and its result."""
    record = {
        "name": entry.name,
        "version": entry.version,
        "kind": _kind(entry),
        "queue": None if isinstance(entry, BuiltinEntry) else entry.queue,
        "summary": entry.summary,
        "input_schema": entry.request.model_json_schema(),
        "result_schema": TypeAdapter(entry.result).json_schema(),
        "definition_example": call_example(entry),
    }
    if isinstance(entry, BuiltinEntry):
        return record | {"usage": entry.usage}
    if isinstance(entry, WorkflowEntry):
        return record | {
            "type_name": entry.type_name,
            "run_id": entry.run_id,
            "execution_timeout_s": entry.execution_timeout,
            "example": example(entry),
        }
    return record | {
        "side_effect": entry.side_effect.value,
        "idempotency": entry.idempotency,
        "start_to_close_s": entry.start_to_close,
        "schedule_to_start_s": entry.schedule_to_start,
        "schedule_to_close_s": entry.schedule_to_close,
        "heartbeat_s": entry.heartbeat,
        "maximum_attempts": entry.retry.maximum_attempts or None,
        "retry_initial_interval_s": entry.retry.initial_interval,
        "retry_backoff_coefficient": entry.retry.backoff_coefficient,
        "retry_maximum_interval_s": entry.retry.maximum_interval,
    }


def draw_catalog(console: "Console", catalog: Catalog) -> None:
    """Three tables: workflows, what only definitions can call, activities."""
    groups: tuple[tuple[str, Mapping[str, Entry]], ...] = (
        ("Workflows", catalog.workflows),
        ("Builtins of definitions", catalog.builtins),
        ("Activities", catalog.activities),
    )
    for title, entries in groups:
        if entries:
            drawn = table(title, "", folds="")
            for entry in _sorted(entries):
                drawn.add_row(entry.name, entry.summary)
            console.print(drawn)
            console.print()
    console.print("tenuto catalog NAME describes one; tenuto run NAME --help shows its options.")


def draw_entry(console: "Console", entry: Entry) -> None:
    """The entry on one page."""
    console.print(heading(f"{entry.name}  ({_kind(entry)})"))
    console.print(entry.summary)
    console.print()
    console.print(block(_facts(entry)))
    if isinstance(entry, WorkflowEntry) and entry.started_by is not None:
        return
    console.print()
    _draw_fields(console, fields_of(entry.request))
    called = call_example(entry)
    if called:
        console.print()
        console.print(heading("In a definition"))
        console.print(called, soft_wrap=True)
    if isinstance(entry, WorkflowEntry):
        console.print()
        console.print(heading("Example"))
        command = example(entry)
        if len(command) > console.width:
            command = " \\\n  --".join(command.split(" --"))
        console.print(command, soft_wrap=True)


def example(entry: WorkflowEntry[Any, Any]) -> str:
    """A command that starts it, with a placeholder for every required field."""
    needed = [field.example for field in fields_of(entry.request) if field.is_required]
    return " ".join(["tenuto run", entry.name, *needed, "--wait"])


def _draw_fields(console: "Console", fields: list[Field]) -> None:
    if not fields:
        console.print("It takes no input.")
        return
    drawn = table("Field", "Type", "Default", "", folds="")
    for field in fields:
        default = "required" if field.is_required else field.default
        drawn.add_row(field.name, field.kind, default, field.summary)
    console.print(drawn)


def _facts(entry: Entry) -> list[tuple[str, Any]]:
    if isinstance(entry, BuiltinEntry):
        return [("returns", kind_of(entry.result)), ("how", entry.usage)]
    facts: list[tuple[str, Any]] = [
        ("returns", kind_of(entry.result)),
        ("queue", entry.queue),
    ]
    if isinstance(entry, WorkflowEntry):
        return [
            ("Temporal type", entry.type_name),
            *facts,
            ("run id", None if entry.started_by else entry.run_id or f"{entry.name}-<random>"),
            ("started by", entry.started_by),
            ("may take", entry.execution_timeout and span(entry.execution_timeout)),
        ]
    return [
        *facts,
        ("one attempt", f"at most {span(entry.start_to_close)}"),
        ("heartbeat", entry.heartbeat and f"at least every {span(entry.heartbeat)}"),
        ("waits for a worker", _at_most(entry.schedule_to_start)),
        ("all attempts", _at_most(entry.schedule_to_close)),
        ("retries", _retries(entry)),
        ("side effect", entry.side_effect.value),
        ("repeating it", entry.idempotency or None),
    ]


def _at_most(limit: timedelta | None) -> str | None:
    return f"at most {span(limit)}" if limit else None


def _retries(entry: ActivityEntry[Any, Any]) -> str:
    policy = entry.retry
    attempts = policy.maximum_attempts
    if attempts == 1:
        return "none"
    first, factor = span(policy.initial_interval), f"{policy.backoff_coefficient:g}"
    longest = f", at most {span(policy.maximum_interval)}" if policy.maximum_interval else ""
    count = f"{attempts} attempts" if attempts else "for ever"
    return f"{count}; pause {first}, times {factor} each{longest}"


def _kind(entry: Entry) -> str:
    if isinstance(entry, BuiltinEntry):
        return "builtin"
    return "workflow" if isinstance(entry, WorkflowEntry) else "activity"


def _sorted(entries: Mapping[str, Any]) -> list[Any]:
    return [entries[name] for name in sorted(entries)]
