"""Monitors as people write them: read, taken apart, and rid of secrets."""

from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue, ValidationError

from tenuto.catalog.check import explain
from tenuto.core.errors import UsageError
from tenuto.packs.monitors.models import Draft


def read_draft(values: Mapping[str, Any]) -> Draft:
    """A monitor as people wrote it. Raises UsageError `monitors.invalid` naming each field."""
    try:
        return Draft.model_validate(values)
    except ValidationError as wrong:
        lines = "\n".join(f"  {line}" for line in explain(wrong, Draft))
        raise UsageError(
            f"The monitor is written wrong:\n{lines}",
            code="monitors.invalid",
            details={
                "fields": [".".join(str(part) for part in each["loc"]) for each in wrong.errors()]
            },
        ) from wrong


def without_secrets(draft: Draft, name: str) -> Draft:
    """The draft under another name, without whom it tells and without references to secrets."""
    options = {key: value for key, value in draft.config.options.items() if not _is_secret(value)}
    config = draft.config.model_copy(update={"options": options})
    return draft.model_copy(
        update={"name": name, "config": config, "notifications": (), "on_failure": ()}
    )


def fields_in(draft: Draft) -> dict[str, Any]:
    """Name -> value, as models take them."""
    return {name: getattr(draft, name) for name in Draft.model_fields}


def _is_secret(value: JsonValue) -> bool:
    """Whether a reference to a secret stands anywhere in it."""
    if isinstance(value, dict):
        return any(_is_secret(each) for each in value.values())
    if isinstance(value, list):
        return any(_is_secret(each) for each in value)
    return isinstance(value, str) and "secret://" in value
