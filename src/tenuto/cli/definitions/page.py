"""Deployed definitions for a reader: a table of all, and one on a page."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from tenuto.cli.tables import block, heading, table
from tenuto.cli.times import span
from tenuto.definitions.library import Deployed
from tenuto.definitions.plan import (
    ApprovalTask,
    CallTask,
    ChildTask,
    DoTask,
    ForkTask,
    ForTask,
    Plan,
    RunTask,
    Task,
    TryTask,
)
from tenuto.triggers.definition_timetable import Timetable, timetable_of

if TYPE_CHECKING:
    from rich.console import Console

_SHORT_DIGEST = 12


def summary(definition: Deployed) -> dict[str, Any]:
    """One version in a list, for a program."""
    timetable = timetable_of(definition.value)
    return {
        "namespace": definition.namespace,
        "name": definition.name,
        "version": definition.version,
        "title": definition.plan.head.title,
        "digest": definition.digest,
        "schedule": None if timetable is None else timetable.model_dump(mode="json"),
    }


def full_record(definition: Deployed, source: str) -> dict[str, Any]:
    """One version with all that it declares, for a program."""
    plan = definition.plan
    return summary(definition) | {
        "summary": plan.head.summary,
        "input_schema": plan.input_schema,
        "output_schema": plan.output_schema,
        "functions": functions_of(plan),
        "definitions": definitions_of(plan),
        "awaits": list(plan.awaits),
        "uri": definition.document.uri,
        "source": source,
    }


def draw_list(console: "Console", definitions: Iterable[Deployed]) -> None:
    """A row per version, oldest first."""
    drawn = table("Definition", "Version", "Digest", "Schedule", "", folds="")
    for each in definitions:
        record = summary(each)
        drawn.add_row(
            f"{each.namespace}/{each.name}",
            each.version,
            each.digest[:_SHORT_DIGEST],
            when(timetable_of(each.value)),
            record["title"] or "",
        )
    console.print(drawn)


def draw_definition(console: "Console", record: dict[str, Any], schedule: str) -> None:
    """One version on a page, its source at the end."""
    console.print(heading(f"{record['namespace']}/{record['name']}:{record['version']}"))
    if record["title"]:
        console.print(record["title"])
    console.print()
    console.print(
        block(
            [
                ("digest", record["digest"]),
                ("schedule", schedule or None),
                ("calls", ", ".join(record["functions"]) or None),
                ("runs", ", ".join(record["definitions"]) or None),
                ("waits for", ", ".join(record["awaits"]) or None),
                ("stored as", record["uri"]),
            ]
        )
    )
    _draw_input(console, record["input_schema"])
    console.print()
    console.print(heading("Source"))
    console.print(record["source"].rstrip("\n"), soft_wrap=True)


def _draw_input(console: "Console", schema: Any) -> None:
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(properties, dict) or not properties:
        return
    required = schema.get("required") or []
    console.print()
    drawn = table("Input", "Type", "", "", folds="")
    for name, each in properties.items():
        facts = each if isinstance(each, dict) else {}
        kind = facts.get("type", "")
        drawn.add_row(
            name,
            "|".join(kind) if isinstance(kind, list) else str(kind),
            "required" if name in required else "",
            " ".join(str(facts.get("description", "")).split()),
        )
    console.print(drawn)


def when(timetable: Timetable | None) -> str:
    """A timetable in words; empty for none."""
    if timetable is None:
        return ""
    if timetable.every is not None:
        return f"every {span(timetable.every)}"
    return f"{timetable.cron} ({timetable.time_zone})"


def functions_of(plan: Plan) -> list[str]:
    """Every catalog entry and activity that the plan calls, sorted."""
    return sorted(
        {
            task.function
            for task in tasks_of(plan.do)
            if isinstance(task, CallTask | ChildTask | ApprovalTask)
        }
    )


def definitions_of(plan: Plan) -> list[str]:
    """Every other definition that the plan runs, `namespace/name:version`, sorted."""
    return sorted(
        {
            f"{task.namespace}/{task.workflow}:{task.version}"
            for task in tasks_of(plan.do)
            if isinstance(task, RunTask)
        }
    )


def tasks_of(tasks: Iterable[Task]) -> Iterator[Task]:
    """The tasks and all that stand inside them, in document order."""
    for task in tasks:
        yield task
        if isinstance(task, DoTask | ForTask):
            yield from tasks_of(task.do)
        elif isinstance(task, ForkTask):
            yield from tasks_of(task.branches)
        elif isinstance(task, TryTask):
            yield from tasks_of((*task.tasks, *task.catch.do))
