"""A task's form, checked before it is sent: the task checks it again."""

from collections.abc import Mapping
from itertools import islice

import jsonschema_rs
from pydantic import JsonValue

from tenuto.core.errors import UsageError

_MOST_SHOWN = 5
_MOST_FOUND = 100


def check_form(schema: Mapping[str, JsonValue] | None, form: dict[str, JsonValue] | None) -> None:
    """Raises UsageError `task.form` naming every field of `form` that does not fit `schema`.

    Nothing is fetched: a reference that leaves the schema is refused.
    """
    if schema is None:
        if form is not None:
            raise UsageError(
                "This task asks for no data; decide without a form.", code="task.no-form"
            )
        return
    try:
        validator = jsonschema_rs.Draft202012Validator(
            dict(schema), validate_formats=False, offline=True
        )
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        raise UsageError(
            f"The task's form is no JSON Schema: {error}.", code="task.form"
        ) from error
    wrong = [
        f"`{'.'.join(map(str, error.instance_path)) or 'the form'}`: {error.message}"
        for error in islice(validator.iter_errors(form or {}), _MOST_FOUND)
    ]
    if wrong:
        more = f"; and {len(wrong) - _MOST_SHOWN} more" if len(wrong) > _MOST_SHOWN else ""
        raise UsageError(
            f"The form does not fit: {'; '.join(wrong[:_MOST_SHOWN])}{more}. `tenuto tasks show`"
            " lists its fields; give them as `-f field=value` or in a file with `--form`.",
            code="task.form",
            details={"problems": wrong},
        )
