"""Writes the reference pages that follow from the code: catalog, settings, commands.

`python docs/generate_reference.py` renews them; `tests/docs` fails while they are stale.
"""

import json
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from pydantic import BaseModel

from tenuto.app import project_catalog
from tenuto.catalog.entries import ActivityEntry, WorkflowEntry
from tenuto.catalog.registry import Catalog
from tenuto.engine.settings import EmbeddedSettings, Settings, WorkerSettings

FOLDER = Path(__file__).parent / "reference"
NOTICE = "<!-- Written by docs/generate_reference.py from the code. -->\n\n"


def pages() -> dict[str, str]:
    """Page name -> Markdown."""
    return {
        "catalog.md": NOTICE + "\n".join(_catalog(project_catalog(Settings(root=Path("/"))))),
        "settings.md": NOTICE + "\n".join(_settings()),
        "commands.md": NOTICE + "\n".join(_commands()),
    }


def _catalog(catalog: Catalog) -> Iterator[str]:
    yield "# Catalog\n"
    yield "What can be called. `tenuto catalog NAME` shows the same with JSON Schemas.\n"
    yield "## Workflows\n"
    for flow in sorted(catalog.workflows.values(), key=lambda each: each.name):
        yield from _workflow(flow)
    yield "## Activities\n"
    for step in sorted(catalog.activities.values(), key=lambda each: each.name):
        yield from _activity(step)


def _workflow(entry: WorkflowEntry[Any, Any]) -> Iterator[str]:
    yield f"### `{entry.name}`\n\n{entry.summary}\n"
    yield f"* Temporal type `{entry.type_name}`, task queue `{entry.queue}`"
    yield f"* Run id `{entry.run_id or entry.name + '-<random>'}`\n"
    yield from _fields(entry.request)


def _activity(entry: ActivityEntry[Any, Any]) -> Iterator[str]:
    yield f"### `{entry.name}`\n\n{entry.summary}\n"
    limits = [f"one attempt at most {_span(entry.start_to_close)}"]
    if entry.heartbeat:
        limits.append(f"heartbeat within {_span(entry.heartbeat)}")
    attempts = entry.retry.maximum_attempts or "unlimited"
    yield f"* Task queue `{entry.queue}`; {', '.join(limits)}; attempts: {attempts}"
    yield f"* Side effect: {entry.side_effect}. {entry.idempotency}\n"
    yield f"Takes `{entry.request.__name__}`, returns `{_name(entry.result)}`.\n"


def _fields(model: type[BaseModel]) -> Iterator[str]:
    schema = model.model_json_schema()
    required = set(schema.get("required", []))
    yield "| Field | Type | | |\n|---|---|---|---|"
    for name, field in schema["properties"].items():
        need = "required" if name in required else f"default `{_default(field)}`"
        text = " ".join(field.get("description", "").split()).replace("|", "\\|")
        yield f"| `{name}` | {_type(field)} | {need} | {text} |"
    yield ""


def _settings() -> Iterator[str]:
    yield "# Settings\n"
    yield (
        "A project's settings are in `tenuto.toml` at its root. A variable `TENUTO_<NAME>` wins"
        " over the file; a section's key is `TENUTO_<SECTION>__<NAME>`. An unknown key is an"
        " error.\n"
    )
    sections: tuple[tuple[str, type[BaseModel]], ...] = (
        ("", Settings),
        ("embedded", EmbeddedSettings),
        ("worker", WorkerSettings),
    )
    for section, model in sections:
        yield f"## `[{section}]`\n" if section else "## Top level\n"
        yield "| Key | Default | |\n|---|---|---|"
        for name, field in model.model_fields.items():
            if name == "root" or (not section and name in {"embedded", "worker"}):
                continue
            default = json.dumps(field.default, default=str)
            yield f"| `{name}` | `{default}` | {' '.join((field.description or '').split())} |"
        yield ""


def _commands() -> Iterator[str]:
    from tenuto.cli.program import program

    yield "# Commands\n"
    yield "`tenuto COMMAND --help` shows the same.\n"
    context = click.Context(program, info_name="tenuto")
    yield from _command(program, context, depth=2)


def _command(command: click.Command, context: click.Context, depth: int) -> Iterator[str]:
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None and not child.hidden:
                inner = click.Context(child, info_name=name, parent=context)
                yield f"{'#' * depth} `{inner.command_path}`\n"
                yield f"```text\n{child.get_help(inner)}\n```\n"
                if isinstance(child, click.Group):
                    yield from _command(child, inner, depth + 1)


def _type(field: dict[str, Any]) -> str:
    if "$ref" in field:
        return "`" + field["$ref"].rpartition("/")[2] + "`"
    if "anyOf" in field:
        kinds = [_type(each) for each in field["anyOf"] if each.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if "enum" in field:
        return " or ".join(f"`{each}`" for each in field["enum"])
    return str(field.get("format") or field.get("type", "any"))


def _default(field: dict[str, Any]) -> str:
    return json.dumps(field.get("default"))


def _name(kind: Any) -> str:
    return getattr(kind, "__name__", str(kind))


def _span(period: timedelta) -> str:
    seconds = int(period.total_seconds())
    return f"{seconds // 60} min" if seconds % 60 == 0 else f"{seconds} s"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text)
        sys.stdout.write(f"wrote {FOLDER / name}\n")
