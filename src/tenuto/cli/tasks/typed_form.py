"""The data that goes with a decision: typed field by field, or read from a file."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from tenuto.core.errors import UsageError
from tenuto.core.yaml12 import read_yaml
from tenuto.triggers.tasks.forms import check_form

MOST_BYTES = 1_000_000


def read_form(
    schema: Mapping[str, JsonValue] | None,
    fields: Sequence[str],
    file: Path | None,
    *,
    is_free: bool = False,
) -> dict[str, JsonValue] | None:
    """The form, checked against the task's `schema`; None where nothing was given and the task has
    none. A form of fields that may all be left out is then an empty one.

    A typed field wins over the same one of the file. It is read as YAML unless the schema says
    that it is a text. With `is_free` any fields are taken: an edit changes what the task shows,
    which whoever asked judges. Raises UsageError `task.form`, `task.form-typed`, and
    `task.form-invalid` for an edit of nothing.
    """
    form: dict[str, JsonValue] = _of_file(file) if file else {}
    for typed in fields:
        name, equals, text = typed.partition("=")
        if not equals or not name:
            raise UsageError(
                f"{typed!r} is no field; write `-f name=value`.", code="task.form-typed"
            )
        form[name] = text if _is_text(schema, name) else read_yaml(text, f"field `{name}`")
    given = form if fields or file else None
    if is_free and not given:
        raise UsageError(
            "An edit changes something: give it as `-f name=value`, or in a file with `--form`."
            " `tenuto tasks show` has what is proposed.",
            code="task.form-invalid",
        )
    if not is_free and (schema is not None or given is not None):
        check_form(schema, given)
    return {} if given is None and schema is not None else given


def _of_file(file: Path) -> dict[str, JsonValue]:
    try:
        size = file.stat().st_size
        if size > MOST_BYTES:
            raise UsageError(
                f"{file} has {size:,} bytes; a form has at most {MOST_BYTES:,}. Attach a large"
                " file with `tenuto tasks attach`.",
                code="task.form-typed",
            )
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}.", code="task.form-typed") from error
    value = read_yaml(text, str(file))
    if not isinstance(value, dict):
        raise UsageError(
            f"{file} holds no form: a mapping of fields is expected, in YAML or JSON.",
            code="task.form-typed",
        )
    return value


def _is_text(schema: Mapping[str, JsonValue] | None, name: str) -> bool:
    properties: Any = (schema or {}).get("properties")
    told = properties.get(name) if isinstance(properties, dict) else None
    return isinstance(told, dict) and told.get("type") == "string"
