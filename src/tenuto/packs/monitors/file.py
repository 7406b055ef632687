"""Reads `monitors.yaml`: monitors as a team keeps them, or every mistake with its place."""

from pathlib import Path
from typing import Any

from pydantic import JsonValue, ValidationError
from pydantic_core import ErrorDetails

from tenuto.catalog.check import explain
from tenuto.core.errors import UsageError
from tenuto.definitions.check.nearest import did_you_mean
from tenuto.definitions.findings import Finding, Severity
from tenuto.definitions.loaded import Loaded, escaped, pointer_to
from tenuto.definitions.loading import load
from tenuto.packs.monitors.asked import name_of
from tenuto.packs.monitors.models import Draft

_TOP = ("version", "monitors")
_CODE = "monitor"
_EXAMPLE = """\
monitors:
  Python release:
    search_query: Which is the newest stable release of Python?
    condition_description: a newer one than 3.14 is out
    schedule: 6 hours
"""


def read_monitors_file(path: Path, label: str) -> tuple[Draft, ...]:
    """The monitors in the file, which mistakes call `label`, in its order.

    Raises UsageError `monitors.no-file` where it cannot be read, and `monitors.file` with file,
    line, column, key, and remedy of every mistake.
    """
    hint = (
        f"Write monitors there, for example:\n\n{_EXAMPLE}\nAnother file is named by"
        " `[monitors] file` in tenuto.toml."
    )
    return read_monitors(_bytes(path, label, hint), label)


def read_monitor_file(path: Path, label: str) -> Draft:
    """The one monitor that the file holds; without a `name` it is called as its question begins.

    Raises as `read_monitors_file`.
    """
    loaded, found = load(
        _bytes(path, label, "Write one monitor there, its fields at the top."), label
    )
    if loaded is None:
        raise _refused(found)
    said = loaded.value
    if not isinstance(said, dict) or "monitors" in said:
        text = "The file does not hold the fields of one monitor."
        hint = "Write them at the top; a file of many monitors is for `tenuto monitor apply`."
        raise _refused([_error(loaded, "", text, hint)])
    query = said.get("search_query")
    named = {"name": name_of(query), **said} if isinstance(query, str) and query else said
    draft, wrong = _drafted(loaded, "", named)
    if draft is None:
        raise _refused(wrong)
    return draft


def read_monitors(text: str | bytes, label: str) -> tuple[Draft, ...]:
    """The monitors in `text`. Raises UsageError `monitors.file`."""
    loaded, found = load(text, label)
    if loaded is None:
        raise _refused(found)
    said = loaded.value
    if not isinstance(said, dict):
        raise _refused([_error(loaded, "", "The file holds no mapping.", _write_one())])
    found = [*found, *_of_top(loaded, said)]
    monitors = said.get("monitors")
    drafts: list[Draft] = []
    for name, fields in monitors.items() if isinstance(monitors, dict) else ():
        draft, wrong = _one(loaded, name, fields)
        found += wrong
        drafts += [draft] if draft else []
    if any(each.severity is Severity.ERROR for each in found):
        raise _refused(found)
    return tuple(drafts)


def _of_top(loaded: Loaded, said: dict[str, JsonValue]) -> list[Finding]:
    found = [
        _error(loaded, f"/{escaped(key)}", f"`{key}` is no part of this file.", hint, of_key=True)
        for key, hint in ((key, did_you_mean(key, _TOP)) for key in said if key not in _TOP)
    ]
    if said.get("version", 1) != 1:
        text = f"`version` is {said['version']!r}; this Tenuto reads version 1."
        found.append(_error(loaded, "/version", text, "Write `version: 1`."))
    if "monitors" not in said:
        found.append(_error(loaded, "", "There is no `monitors`.", _write_one()))
    elif not isinstance(said["monitors"], dict):
        text = "`monitors` is no mapping from names to monitors."
        found.append(_error(loaded, "/monitors", text, _write_one()))
    return found


def _one(loaded: Loaded, name: str, fields: JsonValue) -> tuple[Draft | None, list[Finding]]:
    at = f"/monitors/{escaped(name)}"
    if not isinstance(fields, dict):
        text = f"`{name}` is no mapping."
        return None, [_error(loaded, at, text, "Write its fields below it, indented.")]
    if "name" in fields:
        text = "`name` is given by the key above already."
        return None, [_error(loaded, f"{at}/name", text, "Take it away.", of_key=True)]
    return _drafted(loaded, at, {**fields, "name": name})


def _drafted(
    loaded: Loaded, at: str, fields: dict[str, JsonValue]
) -> tuple[Draft | None, list[Finding]]:
    try:
        return Draft.model_validate(fields), []
    except ValidationError as wrong:
        lines = explain(wrong, Draft)
        places = [_place(error) for error in wrong.errors()]
        return None, [
            _error(loaded, _pointer(at, place), line, of_key=True)
            for place, line in zip(places, lines, strict=False)
        ]


def _bytes(path: Path, label: str, hint: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{label} cannot be read: {error.strerror}. {hint}",
            code="monitors.no-file",
            details={"file": str(path)},
        ) from error


def _place(error: ErrorDetails) -> tuple[Any, ...]:
    """Where a mistake stands; what is missing is a mistake of what it is missing in."""
    return error["loc"][:-1] if error["type"] == "missing" else error["loc"]


def _pointer(at: str, place: tuple[Any, ...]) -> str:
    """The place of a field; what chooses between forms of a value stands in no file."""
    kept = [part for part in place if part not in ("email", "webhook")]
    return at + pointer_to(kept)


def _error(
    loaded: Loaded, pointer: str, message: str, remedy: str = "", *, of_key: bool = False
) -> Finding:
    return loaded.error(_CODE, pointer, message, remedy, of_key=of_key)


def _refused(found: list[Finding]) -> UsageError:
    errors = [each for each in found if each.severity is Severity.ERROR]
    lines = "\n".join(f"  {each}" for each in errors)
    return UsageError(
        f"The monitors have {len(errors)} error{'' if len(errors) == 1 else 's'}; nothing was"
        f" changed:\n{lines}",
        code="monitors.file",
        details={"findings": [each.model_dump(mode="json") for each in errors]},
    )


def _write_one() -> str:
    return "Write for example `monitors: {Python release: {search_query: ..., schedule: 6 hours}}`."
