"""From what a person types to an input: files are pinned by content, models are read from YAML.

`--positions p.csv` puts the file into the artifact store and sends a reference; a later change
of the file changes nothing for the run.
"""

import difflib
import json
import typing
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from types import UnionType
from typing import Any, Union

from pydantic import BaseModel, TypeAdapter, ValidationError

from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog.check import explain
from tenuto.catalog.entries import WorkflowEntry
from tenuto.core.errors import UsageError
from tenuto.core.references import Dataset, Document
from tenuto.core.yaml12 import read_yaml
from tenuto.triggers.typed_lists import LISTS, read_list

Typed = str | Sequence[str]
"""What was typed for a field."""


def read_fields(
    entry: WorkflowEntry[Any, Any], typed: Mapping[str, Typed], store: ArtifactStore
) -> dict[str, Any]:
    """The input fields, from what was typed for each: a text, or several where it was repeated.

    A field that is a `Document` takes a file name; one that is another model takes a YAML or
    JSON file; a dict, number, or flag is read as YAML; a list is one too, or one of its items for
    each time it was typed. Files named inside these are pinned as `pin_documents` does. Raises
    UsageError naming the field and the file for anything that cannot be read.
    """
    fields = entry.request.model_fields
    return {
        name: _read_typed(name, given, _known(entry, name, fields).annotation, store)
        for name, given in typed.items()
    }


def pin_documents(
    entry: WorkflowEntry[Any, Any], values: Mapping[str, Any], store: ArtifactStore, base: Path
) -> dict[str, Any]:
    """`values` of an input file, in which a path stands where a `Document` or a model belongs.

    At any depth, in lists and dicts too. Paths are relative to `base`, the folder of the input
    file; those inside a file that is named there, to the folder of that one.
    """
    fields = entry.request.model_fields
    return {
        name: _pinned(name, value, _known(entry, name, fields).annotation, store, base)
        for name, value in values.items()
    }


def read_file(path: Path) -> Any:
    """The value in a JSON or YAML file; UsageError with line and column when it is neither."""
    text = _read_text(path)
    if path.suffix != ".json":
        return read_yaml(text, str(path))
    try:
        return json.loads(text, parse_float=Decimal)
    except json.JSONDecodeError as error:
        where = f"{path}:{error.lineno}:{error.colno}"
        raise UsageError(f"{where}: not valid JSON: {error.msg}.", code="input.file") from error


def _read_typed(name: str, given: Typed, annotation: Any, store: ArtifactStore) -> Any:
    texts = (given,) if isinstance(given, str) else tuple(given)
    if typing.get_origin(_plain_type(annotation)) in LISTS:
        return _pinned(name, read_list(name, texts, annotation), annotation, store, Path())
    if len(texts) > 1:
        raise UsageError(
            f"`{name}` takes one value and was given {len(texts)} times; give it once.",
            code="input.given-twice",
            details={"field": name},
        )
    return _read_field(name, texts[0], annotation, store)


def _read_field(name: str, text: str, annotation: Any, store: ArtifactStore) -> Any:
    kind = _plain_type(annotation)
    if _takes_document(kind) or (_is_model(kind) and kind is not Dataset):
        return _pinned(name, text, annotation, store, Path())
    if kind in (str, None) or _accepts_text(annotation, text):
        return text
    return _pinned(name, read_yaml(text, f"`{name}`"), annotation, store, Path())


def _pinned(name: str, value: Any, annotation: Any, store: ArtifactStore, base: Path) -> Any:
    """`value` with every path in it read, as far as `annotation` says that one belongs there."""
    kind = _plain_type(annotation)
    arguments = typing.get_args(kind)
    if isinstance(value, str) and _takes_document(kind):
        path = _existing(name, base / value)
        return store.put_file(path, name=path.name)
    if isinstance(value, str) and _is_model(kind) and kind is not Dataset:
        return _read_model(name, _existing(name, base / value), kind, store)
    if isinstance(value, list) and typing.get_origin(kind) in (list, tuple):
        return [_pinned(name, each, arguments[0], store, base) for each in value]
    if isinstance(value, dict) and typing.get_origin(kind) is dict:
        return {
            key: _pinned(f"{name}.{key}", each, arguments[1], store, base)
            for key, each in value.items()
        }
    if isinstance(value, dict) and _is_model(kind):
        return _pinned_fields(name, value, kind, store, base)
    return value


def _pinned_fields(
    name: str, values: dict[str, Any], model: type[BaseModel], store: ArtifactStore, base: Path
) -> dict[str, Any]:
    """Fields that the model does not know are left for its validation to refuse."""
    fields = model.model_fields
    return {
        key: _pinned(f"{name}.{key}", each, fields[key].annotation, store, base)
        if key in fields
        else each
        for key, each in values.items()
    }


def _read_model(name: str, path: Path, model: type[BaseModel], store: ArtifactStore) -> BaseModel:
    value = read_file(path)
    if isinstance(value, dict):
        value = _pinned_fields(name, value, model, store, path.parent)
    try:
        return model.model_validate(value)
    except ValidationError as wrong:
        lines = "\n".join(f"  {line}" for line in explain(wrong, model))
        raise UsageError(
            f"{path} (field `{name}`) is not a valid {model.__name__}:\n{lines}",
            code="input.file",
            details={"file": str(path), "field": name},
        ) from wrong


def _takes_document(kind: Any) -> bool:
    is_union = typing.get_origin(kind) in (Union, UnionType)
    return kind is Document or (is_union and Document in typing.get_args(kind))


def _known(entry: WorkflowEntry[Any, Any], name: str, fields: Mapping[str, Any]) -> Any:
    if name in fields:
        return fields[name]
    close = difflib.get_close_matches(name, fields, n=1)
    hint = f"did you mean `{close[0]}`?" if close else f"valid fields are {', '.join(fields)}"
    raise UsageError(f"`{entry.name}` has no field `{name}`; {hint}", code="input.unknown-field")


def _existing(name: str, given: Path) -> Path:
    path = given.expanduser()
    if not path.is_file():
        raise UsageError(
            f"`{name}`: there is no file `{given}`; give the path of an existing file.",
            code="input.no-file",
            details={"field": name, "file": str(given)},
        )
    return path


def _read_text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}.", code="input.file") from error


def _plain_type(annotation: Any) -> Any:
    """The type itself, without `| None` and `Annotated`."""
    if typing.get_origin(annotation) is typing.Annotated:
        return _plain_type(typing.get_args(annotation)[0])
    if typing.get_origin(annotation) in (Union, UnionType):
        rest = [part for part in typing.get_args(annotation) if part is not type(None)]
        return _plain_type(rest[0]) if len(rest) == 1 else annotation
    return annotation


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _accepts_text(annotation: Any, text: str) -> bool:
    try:
        TypeAdapter(annotation).validate_python(text)
    except ValidationError:
        return False
    return True
