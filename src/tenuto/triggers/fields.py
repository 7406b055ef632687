"""From what a person types to an input: files are pinned by content, models are read from YAML.

`--positions p.csv` puts the file into the artifact store and sends a reference; a later change
of the file changes nothing for the run.
"""

import difflib
import json
import typing
from collections.abc import Mapping
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


def read_fields(
    entry: WorkflowEntry[Any, Any], typed: Mapping[str, str], store: ArtifactStore
) -> dict[str, Any]:
    """The input fields, from the text typed for each.

    A field that is a `Document` takes a file name; one that is another model takes a YAML or
    JSON file; a list, dict, number, or flag is read as YAML. Raises UsageError naming the field
    and the file for anything that cannot be read.
    """
    fields = entry.request.model_fields
    return {
        name: _read_field(name, text, _known(entry, name, fields).annotation, store)
        for name, text in typed.items()
    }


def pin_documents(
    entry: WorkflowEntry[Any, Any], values: Mapping[str, Any], store: ArtifactStore, base: Path
) -> dict[str, Any]:
    """`values` of an input file, with each `Document` or model field given as a path read.

    Paths are relative to `base`, the folder of the input file.
    """
    fields = entry.request.model_fields
    pinned = dict(values)
    for name, value in values.items():
        kind = _plain_type(_known(entry, name, fields).annotation)
        if isinstance(value, str) and (kind is Document or _is_model(kind)):
            pinned[name] = _read_field(name, str(base / value), kind, store)
    return pinned


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


def _read_field(name: str, text: str, annotation: Any, store: ArtifactStore) -> Any:
    kind = _plain_type(annotation)
    if kind is Document:
        path = _existing(name, text)
        return store.put_file(path, name=path.name)
    if _is_model(kind) and kind is not Dataset:
        return _read_model(name, _existing(name, text), kind)
    if kind in (str, None) or _accepts_text(annotation, text):
        return text
    return read_yaml(text, f"`{name}`")


def _read_model(name: str, path: Path, model: type[BaseModel]) -> BaseModel:
    value = read_file(path)
    try:
        return model.model_validate(value)
    except ValidationError as wrong:
        lines = "\n".join(f"  {line}" for line in explain(wrong, model))
        raise UsageError(
            f"{path} (field `{name}`) is not a valid {model.__name__}:\n{lines}",
            code="input.file",
            details={"file": str(path), "field": name},
        ) from wrong


def _known(entry: WorkflowEntry[Any, Any], name: str, fields: Mapping[str, Any]) -> Any:
    if name in fields:
        return fields[name]
    close = difflib.get_close_matches(name, fields, n=1)
    hint = f"did you mean `{close[0]}`?" if close else f"valid fields are {', '.join(fields)}"
    raise UsageError(f"`{entry.name}` has no field `{name}`; {hint}", code="input.unknown-field")


def _existing(name: str, text: str) -> Path:
    path = Path(text).expanduser()
    if not path.is_file():
        raise UsageError(
            f"`{name}`: there is no file `{text}`; give the path of an existing file.",
            code="input.no-file",
            details={"field": name, "file": text},
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
