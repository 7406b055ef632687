"""Writes the reference pages that follow from the code: catalog, definitions, settings, commands.

`python docs/generate_reference.py` renews them; `tests/docs` fails while they are stale.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from pydantic import BaseModel, TypeAdapter

from tenuto.app import project_catalog
from tenuto.catalog.entries import ActivityEntry, WorkflowEntry
from tenuto.catalog.registry import Catalog
from tenuto.engine.settings import EmbeddedSettings, Settings, WorkerSettings

sys.path.insert(0, str(Path(__file__).parent))

from definitions_reference import definitions_page

FOLDER = Path(__file__).parent / "reference"
NOTICE = "<!-- Written by docs/generate_reference.py from the code. -->\n\n"
WIDTH = 96
"""Of the help texts, whatever terminal this runs in."""

LIBRARY = ("calculate", "call", "events", "fetch", "notify", "policy", "validate")
"""Areas whose steps people call in workflows of their own, so that their records are listed."""

Schema = dict[str, Any]


def pages() -> dict[str, str]:
    """Page name -> Markdown."""
    return {
        "catalog.md": NOTICE + "\n".join(_catalog(project_catalog(Settings(root=Path("/"))))),
        "definitions.md": NOTICE + "\n".join(definitions_page()) + "\n",
        "settings.md": NOTICE + "\n".join(_settings()),
        "commands.md": NOTICE + "\n".join(_commands()),
    }


def _catalog(catalog: Catalog) -> Iterator[str]:
    flows = sorted(catalog.workflows.values(), key=lambda each: each.name)
    yield "# Catalog\n"
    yield "What can be called: [workflows](#workflows), which a person or a program starts,"
    yield "[activities](#activities), their steps, and [builtins](#builtins-of-definitions), which"
    yield "only definitions can call. [Records](#records) has the fields of what they take and"
    yield "give. `tenuto catalog NAME --json` has the same as JSON Schemas.\n"
    yield "## Workflows\n"
    for flow in flows:
        yield from _workflow(flow)
    yield "## Activities\n"
    for step in sorted(catalog.activities.values(), key=lambda each: each.name):
        yield from _activity(step)
    yield "## Builtins of definitions\n"
    for builtin in sorted(catalog.builtins.values(), key=lambda each: each.name):
        yield f"### `{builtin.name}`\n\n{builtin.summary}\n"
        yield f"* Takes `{builtin.request.__name__}`, gives `{_name(builtin.result)}`"
        yield f"* {builtin.usage}\n"
    yield "## Records\n"
    yield "A number is written plainly in a file of yours; in JSON that comes back it is text, so"
    yield "that no digit is lost.\n"
    records: dict[str, Schema] = {}
    for flow in flows:
        if flow.started_by is None:
            records |= _records(_schema(flow.request)) | _records(_schema(flow.result))
    for builtin in catalog.builtins.values():
        records |= _records(_schema(builtin.request)) | _records(_schema(builtin.result))
    for step in catalog.activities.values():
        if step.name.split(".")[0] in LIBRARY:
            records |= _records(_schema(step.request)) | _records(_schema(step.result))
    for name in sorted(records):
        yield f"### `{name}`\n"
        yield from _fields(records[name], records[name]["$defs"])


def _workflow(entry: WorkflowEntry[Any, Any]) -> Iterator[str]:
    schema = _schema(entry.request)
    yield f"### `{entry.name}`\n\n{entry.summary}\n"
    yield f"* Temporal type `{entry.type_name}`, task queue `{entry.queue}`"
    if entry.started_by is not None:
        yield f"* Started by {entry.started_by}\n"
        return
    yield f"* Run id `{entry.run_id or entry.name + '-<random>'}`"
    yield f"* Answers with {_type(_schema(entry.result), {})}\n"
    yield from _fields(schema, schema.get("$defs", {}))


def _activity(entry: ActivityEntry[Any, Any]) -> Iterator[str]:
    yield f"### `{entry.name}`\n\n{entry.summary}\n"
    limits = [f"one attempt at most {_span(entry.start_to_close)}"]
    if entry.heartbeat:
        limits.append(f"heartbeat within {_span(entry.heartbeat)}")
    attempts = entry.retry.maximum_attempts or "unlimited"
    yield f"* Takes `{entry.request.__name__}`, gives `{_name(entry.result)}`"
    yield f"* Task queue `{entry.queue}`; {', '.join(limits)}; attempts: {attempts}"
    yield f"* Side effect: {entry.side_effect}. {entry.idempotency}\n"


def _schema(kind: Any) -> Schema:
    return TypeAdapter(kind).json_schema()


def _records(schema: Schema) -> dict[str, Schema]:
    """Every model below and with the schema's own; each carries what it refers to."""
    definitions: dict[str, Schema] = schema.get("$defs", {})
    found = {schema["title"]: schema} if "properties" in schema else {}
    found |= {name: each for name, each in definitions.items() if "properties" in each}
    return {
        name: each | {"$defs": definitions} for name, each in found.items() if name not in _WORDS
    }


def _fields(schema: Schema, definitions: Mapping[str, Schema]) -> Iterator[str]:
    required = set(schema.get("required", []))
    yield "| Field | Type | Default | Meaning |\n|---|---|---|---|"
    for name, field in schema["properties"].items():
        default = "required" if name in required else _default(field)
        text = " ".join(field.get("description", "").split())
        yield f"| `{name}` | {_type(field, definitions)} | {default} | {_cell(text)} |"
    yield ""


_WORDS = {
    "Document": "file",
    "Dataset": "dataset",
    "Column": "column",
    "JsonValue": "any JSON",
    "string": "text",
    "integer": "number",
    "number": "number",
    "boolean": "true or false",
    "date": "date",
    "date-time": "moment",
}


def _type(field: Schema, definitions: Mapping[str, Schema]) -> str:
    if "$ref" in field:
        name = field["$ref"].rpartition("/")[2]
        if name in _WORDS:
            return _WORDS[name]
        if "enum" in definitions.get(name, {}):
            return _type(definitions[name], definitions)
        return f"[`{name}`](#{name.lower()})"
    if "properties" in field:
        return f"[`{field['title']}`](#{field['title'].lower()})"
    if "anyOf" in field:
        given = [each for each in field["anyOf"] if each.get("type") != "null"]
        kinds = [_type(each, definitions) for each in given]
        # An exact number is a number, or text of this pattern.
        is_exact = any("pattern" in each and each["type"] == "string" for each in given)
        return "number" if is_exact and "number" in kinds else " or ".join(dict.fromkeys(kinds))
    if "enum" in field or "const" in field:
        return " or ".join(f"`{each}`" for each in field.get("enum", [field.get("const")]))
    if field.get("type") == "array":
        return f"list of {_type(field['items'], definitions)}"
    if field.get("type") == "object":
        values = [field.get("additionalProperties"), *field.get("patternProperties", {}).values()]
        kinds = [_type(each, definitions) for each in values if isinstance(each, dict)]
        return f"map of text to {' or '.join(kinds)}" if kinds else "map"
    kind = str(field.get("format") or field.get("type", "any"))
    return _WORDS.get(kind, kind)


def _default(field: Schema) -> str:
    value = field.get("default")
    if value in (None, "", [], {}):
        return ""
    return "as below" if isinstance(value, dict) else f"`{json.dumps(value).strip(chr(34))}`"


def _settings() -> Iterator[str]:
    yield "# Settings\n"
    yield "A project's settings are in `tenuto.toml`, the nearest one at or above the current"
    yield "folder; an unknown key is an error. A variable wins over the file; a list is written in"
    yield 'it as JSON, `["workflows"]`. [Environment](environment.md) has all other variables.\n'
    sections: tuple[tuple[str, type[BaseModel]], ...] = (
        ("", Settings),
        ("embedded", EmbeddedSettings),
        ("worker", WorkerSettings),
    )
    for section, model in sections:
        yield f"## `[{section}]`\n" if section else "## Top level\n"
        yield "| Key | Variable | Default | Meaning |\n|---|---|---|---|"
        for name, field in model.model_fields.items():
            if name == "root" or (not section and name in {"embedded", "worker"}):
                continue
            variable = "TENUTO_" + "__".join(filter(None, (section, name))).upper()
            default = json.dumps(field.default, default=str)
            text = " ".join((field.description or "").split())
            yield f"| `{name}` | `{variable}` | `{default}` | {_cell(text)} |"
        yield ""


def _commands() -> Iterator[str]:
    from tenuto.cli.program import program

    context = click.Context(
        program, info_name="tenuto", terminal_width=WIDTH, **program.context_settings
    )
    yield "# Commands\n"
    yield "`tenuto COMMAND --help` shows the same. All share their [exit codes](exit-codes.md).\n"
    yield f"```text\n{program.get_help(context)}\n```\n"
    yield from _children(program, context, depth=2)


def _children(group: click.Group, context: click.Context, depth: int) -> Iterator[str]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        inner = click.Context(
            command,
            info_name=name,
            parent=context,
            terminal_width=WIDTH,
            **command.context_settings,
        )
        yield f"{'#' * depth} `{inner.command_path}`\n"
        if depth > 2 and _is_at_the_top(command, name, context):
            yield f"The same as [`tenuto {name}`](#tenuto-{name}).\n"
            continue
        yield f"```text\n{command.get_help(inner)}\n```\n"
        if isinstance(command, click.Group):
            yield from _children(command, inner, depth + 1)


def _is_at_the_top(command: click.Command, name: str, context: click.Context) -> bool:
    root = context.find_root()
    return isinstance(root.command, click.Group) and root.command.get_command(root, name) is command


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


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
