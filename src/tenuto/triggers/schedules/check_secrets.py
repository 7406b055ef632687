"""Looks before applying whether the secrets that an input names are there at all."""

import os
import re
from collections.abc import Iterator

from pydantic import JsonValue

from tenuto.definitions.findings import Severity
from tenuto.triggers.schedules import findings as codes
from tenuto.triggers.schedules.findings import Findings

_SCHEME = "secret://"
_Path = tuple[int | str, ...]
_REFERENCE = re.compile(r"secret://env/([A-Za-z_][A-Za-z0-9_]*)")


def find_empty_secrets(findings: Findings, given: JsonValue, severity: Severity) -> None:
    """Adds each `secret://env/NAME` in the input whose variable is not set here, or is empty.

    Only whether there is a value is looked at; it is neither kept nor shown. A reference of
    another form is an error always: no worker could resolve it.
    """
    for path, text in _references(given, ("input",)):
        match = _REFERENCE.fullmatch(text)
        if match is None:
            said = "A secret is given in a form that cannot be resolved (not shown here)."
            findings.error(codes.EMPTY_SECRET, path, said, "Write `secret://env/NAME`.")
        elif not os.environ.get(match[1]):
            say = findings.error if severity is Severity.ERROR else findings.warning
            said = f"The environment variable `{match[1]}` is not set here, or is empty."
            say(codes.EMPTY_SECRET, path, said, "Set it where the workers run.")


def _references(value: JsonValue, path: _Path) -> Iterator[tuple[_Path, str]]:
    if isinstance(value, str) and value.startswith(_SCHEME):
        yield path, value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _references(each, (*path, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _references(each, (*path, index))
