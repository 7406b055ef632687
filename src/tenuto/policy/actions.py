"""Actions of one's own, which definitions ask about with `policy.check`: `actions.yaml`.

    payment.release:
      type: object
      properties: { amount: { type: string, format: decimal } }

Each is a name and the JSON Schema of its `context.input`; it is about any `Thing`.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tenuto.core.errors import UsageError
from tenuto.core.yaml12 import read_yaml
from tenuto.policy.source import read_text

FILE = "actions.yaml"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,199}")


def read_actions(folder: Path) -> Mapping[str, Mapping[str, Any]]:
    """Action -> JSON Schema of its input; empty without the file.

    Raises UsageError `policy.actions` for what is no such file.
    """
    file = folder / FILE
    if not file.is_file():
        return {}
    said = read_yaml(read_text(file), str(file))
    if not isinstance(said, dict):
        raise _wrong(file, "it is no mapping from names of actions to JSON Schemas")
    for name, schema in said.items():
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise _wrong(file, f"`{name}` is no name: letters, digits, `.`, `_`, `-`, no colon")
        if not isinstance(schema, dict):
            raise _wrong(file, f"`{name}` has no JSON Schema; write `{{type: object}}` for none")
    return said


def _wrong(file: Path, why: str) -> UsageError:
    return UsageError(
        f"{file}: {why}. For example `payment.release: {{type: object, properties: {{amount:"
        " {type: number}}}`.",
        code="policy.actions",
    )
