"""What is said to a run on the command line: JSON arguments, or the fields of its one argument."""

import inspect
import json
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import BaseModel
from temporalio import workflow

from tenuto.app import known_packs
from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog.check import check_input
from tenuto.catalog.entries import WorkflowEntry
from tenuto.cli.session import Session
from tenuto.core.errors import UsageError
from tenuto.core.pack import resolve
from tenuto.core.yaml12 import read_yaml
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.raw import describe_raw
from tenuto.engine.settings import Settings
from tenuto.triggers.fields import read_fields


async def read_arguments(
    session: Session, run: Execution, name: str, words: Sequence[str]
) -> list[Any]:
    """The arguments of message `name`, from the words that follow it.

    `--field value` words make up one argument: checked against its model where this project
    has the workflow's code, so that a file field takes a file name; a plain object otherwise.
    Any other word is JSON, or text where the code here says that it is. Raises UsageError for
    what is neither.
    """
    values, fields = _split(words)
    if values and fields:
        raise UsageError(
            f"{values[0]!r} stands beside `--field value` options; give the argument of `{name}`"
            " either as JSON or by its fields.",
            code="cli.mixed-arguments",
        )
    if not values and not fields:
        return []
    raw = await describe_raw(session.client, run)
    type_name = raw.workflow_execution_info.type.name
    types = _argument_types(session.settings, type_name, name)
    if fields:
        return [_argument(session.store, f"{type_name}.{name}", types, fields)]
    padded = [*types, *[None] * len(values)]
    return [_value(word, kind) for word, kind in zip(values, padded, strict=False)]


def _argument(
    store: ArtifactStore, title: str, types: Sequence[type | None], fields: dict[str, list[str]]
) -> Any:
    """One argument, made of its fields."""
    model = types[0] if len(types) == 1 else None
    if not (inspect.isclass(model) and issubclass(model, BaseModel)):
        return {field: _plain(field, texts) for field, texts in fields.items()}
    entry: WorkflowEntry[Any, Any] = WorkflowEntry(
        name=title, type_name=title, request=model, result=Any, summary="", queue=""
    )
    return check_input(entry, read_fields(entry, fields, store))


def _plain(field: str, texts: Sequence[str]) -> Any:
    """A field of an unknown type: what was given several times is a list."""
    values = [read_yaml(text, f"`{field}`") for text in texts]
    return values[0] if len(values) == 1 else values


def _split(words: Sequence[str]) -> tuple[list[str], dict[str, list[str]]]:
    values: list[str] = []
    fields: dict[str, list[str]] = {}
    rest = iter(words)
    for word in rest:
        if not word.startswith("--"):
            values.append(word)
            continue
        name, equals, text = word[2:].partition("=")
        given = text if equals else _next(rest, word)
        fields.setdefault(name.replace("-", "_"), []).append(given)
    return values, fields


def _next(rest: Iterator[str], option: str) -> str:
    try:
        return next(rest)
    except StopIteration:
        raise UsageError(
            f"`{option}` has no value; write `{option} VALUE`.", code="cli.no-value"
        ) from None


def _value(word: str, kind: type | None) -> Any:
    try:
        value = json.loads(word)
    except json.JSONDecodeError as error:
        if kind is str:
            return word
        raise UsageError(
            f"{word!r} is not JSON: {error.msg}. A text is written with its quotes: '\"{word}\"'.",
            code="cli.not-json",
        ) from error
    return value if kind is not str or isinstance(value, str) else word


def _argument_types(settings: Settings, type_name: str, name: str) -> Sequence[type | None]:
    """Types of the arguments of message `name`, where the workflow's code is here."""
    for definition in _definitions(settings):
        if definition.name != type_name:
            continue
        for handlers in (definition.signals, definition.updates, definition.queries):
            if name in handlers:
                return handlers[name].arg_types or []
    return []


def _definitions(settings: Settings) -> Iterator[workflow._Definition]:
    classes = [resolve(each) for pack in known_packs(settings) for each in pack.workflows]
    classes += [
        value
        for module in settings.modules
        for value in vars(resolve(module)).values()
        if inspect.isclass(value)
    ]
    for cls in classes:
        definition = workflow._Definition.from_class(cls)
        if definition:
            yield definition
