"""The order of versions after Semantic Versioning 2.0.0."""

import re
from typing import TypeAlias

from tenuto.core.errors import UsageError

LATEST = "latest"
"""Stands for the highest version there is."""

Precedence: TypeAlias = tuple[int, int, int, bool, tuple[tuple[bool, int, str], ...], str]

_VERSION = re.compile(
    r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)"
    r"(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?",
    re.ASCII,
)


def precedence(version: str) -> Precedence:
    """A key to sort versions by: `1.0.0-rc.2` < `1.0.0-rc.10` < `1.0.0` < `1.10.0`.

    Versions that differ in their build (`+…`) alone have no order among them in SemVer; here the
    text decides. Raises UsageError `definition.bad-version`.
    """
    match = _VERSION.fullmatch(version)
    if match is None:
        raise UsageError(
            f"`{version}` is no semantic version; write three numbers, such as `1.0.0`, perhaps"
            " with a pre-release (`1.1.0-rc.1`).",
            code="definition.bad-version",
            details={"version": version},
        )
    major, minor, patch, before, build = match.groups()
    identifiers = tuple(_identifier(each) for each in before.split(".")) if before else ()
    return int(major), int(minor), int(patch), before is None, identifiers, build or ""


def _identifier(text: str) -> tuple[bool, int, str]:
    # Numbers are compared as such and come before words.
    return (False, int(text), "") if text.isdigit() else (True, 0, text)
