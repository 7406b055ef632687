"""Reads `schedules.yaml`: every schedule in it that can be read, and all that is wrong."""

import bisect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import JsonValue, ValidationError
from pydantic_core import ErrorDetails

from tenuto.core.errors import UsageError
from tenuto.core.records import Record
from tenuto.definitions.check.nearest import did_you_mean, nearest
from tenuto.definitions.findings import Finding
from tenuto.definitions.loaded import Loaded, pointer_to
from tenuto.definitions.loading import load
from tenuto.triggers.definition_timetable import OVERLAPS, zones
from tenuto.triggers.schedules import findings as codes
from tenuto.triggers.schedules.findings import Findings, InFile, Origin
from tenuto.triggers.schedules.flat import KEYS, OF_ALL, nested, pointer_of, written
from tenuto.triggers.schedules.model import Calendar, Day, ScheduledStart

_TOP = ("schedules", "defaults", "version")
_EXAMPLE = "`schedules: {daily-nav: {run: daily-nav, cron: '0 18 * * 1-5'}}`"
_WHENS = {"cron", "every", "calendars"}
_LISTS: dict[str, type[Record]] = {"calendars": Calendar, "skip": Day}


@dataclass(frozen=True, slots=True)
class Written:
    """One schedule, as it is written."""

    start: ScheduledStart
    text: str
    """The YAML of it, with its comments and without its neighbours."""
    origin: Origin
    is_whole: bool = True
    """False where some of it is wrong and left out: it is checked further, and never applied."""


@dataclass(frozen=True, slots=True)
class Read:
    """What was read, and what could not be."""

    starts: tuple[Written, ...]
    findings: tuple[Finding, ...]
    ids: tuple[str, ...]
    """Of every schedule there is, the unreadable ones too."""


def read_schedules_file(path: Path, label: str) -> Read:
    """The schedules in a file, which findings call `label`.

    Raises UsageError `schedule.no-file` where it cannot be read.
    """
    try:
        text = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{label} cannot be read: {error.strerror}. Write schedules there, for example"
            f" {_EXAMPLE}; another file is named by `[schedules] file` in tenuto.toml.",
            code="schedule.no-file",
            details={"file": str(path)},
        ) from error
    return read_schedules(text, label)


def read_schedules(text: str | bytes, label: str) -> Read:
    """The schedules in `text`; never raises."""
    loaded, found = load(text, label)
    if loaded is None:
        return Read((), tuple(_about_emptiness(each) for each in found), ())
    top = loaded.value
    if not isinstance(top, dict):
        wrong = loaded.error(codes.NOT_A_MAPPING, "", "The file holds no mapping.", _write_one())
        return Read((), (*found, wrong), ())
    found += _of_top(loaded, top)
    schedules = top.get("schedules")
    if not isinstance(schedules, dict):
        return Read((), tuple(found), ())
    shared, wrong_defaults = _defaults(loaded, top.get("defaults"))
    found += wrong_defaults
    texts = _Texts(loaded)
    starts = [
        Written(start, texts.of(start), InFile(loaded, ("schedules", schedule_id)), is_whole)
        for schedule_id, said in schedules.items()
        for start, is_whole in _one(loaded, schedule_id, said, shared, found)
    ]
    return Read(tuple(starts), tuple(found), tuple(schedules))


def _of_top(loaded: Loaded, top: Mapping[str, JsonValue]) -> list[Finding]:
    found = [
        loaded.error(
            codes.UNKNOWN_KEY,
            pointer_to((key,)),
            f"`{key}` is no part of this file.",
            did_you_mean(key, _TOP),
            of_key=True,
        )
        for key in top
        if key not in _TOP
    ]
    if top.get("version", 1) != 1:
        said = f"`version` is {top['version']!r}; this Tenuto reads version 1."
        found.append(loaded.error(codes.WRONG_VALUE, "/version", said, "Write `version: 1`."))
    if "schedules" not in top:
        found.append(loaded.error(codes.MISSING_KEY, "", "There is no `schedules`.", _write_one()))
    elif not isinstance(top["schedules"], dict):
        said = "`schedules` is no mapping from ids to schedules."
        found.append(loaded.error(codes.NOT_A_MAPPING, "/schedules", said, _write_one()))
    return found


def _defaults(loaded: Loaded, said: JsonValue) -> tuple[dict[str, JsonValue], list[Finding]]:
    """What schedules take that do not say it themselves, as far as it is right."""
    if said is None:
        return {}, []
    if not isinstance(said, dict):
        wrong = "`defaults` is no mapping."
        remedy = "Write for example `defaults: {time_zone: Europe/Luxembourg}`."
        return {}, [loaded.error(codes.NOT_A_MAPPING, "/defaults", wrong, remedy)]
    findings = Findings(InFile(loaded, ("defaults",)), [])
    for key in said:
        if key not in OF_ALL:
            _unknown(findings, (key,), key, OF_ALL)
    known = {key: value for key, value in said.items() if key in OF_ALL}
    wrong_keys = _validate(findings, "defaults", {"run": "any", "every": "PT1S", **known})[1]
    return {key: value for key, value in known.items() if key not in wrong_keys}, findings.found


def _one(
    loaded: Loaded,
    schedule_id: str,
    said: JsonValue,
    shared: Mapping[str, JsonValue],
    found: list[Finding],
) -> Iterator[tuple[ScheduledStart, bool]]:
    """The schedule, and whether that is all of it; none where nothing can be made of it."""
    findings = Findings(InFile(loaded, ("schedules", schedule_id)), found)
    if not isinstance(said, dict):
        findings.error(codes.NOT_A_MAPPING, (), f"`{schedule_id}` is no mapping.", _write_one())
        return
    whole = {**shared, **said}
    start, wrong = _validate(findings, schedule_id, whole)
    if start is not None:
        yield start, True
        return
    rest = {key: value for key, value in whole.items() if key not in wrong}
    if "run" in rest:
        placeholder = {} if _WHENS & rest.keys() else {"every": "PT1S"}
        start, _ = _validate(Findings(findings.origin, []), "wrong", {**rest, **placeholder})
        if start is not None:
            yield start.model_copy(update={"id": schedule_id}), False


def _validate(
    findings: Findings, schedule_id: str, said: Mapping[str, JsonValue]
) -> tuple[ScheduledStart | None, set[str]]:
    """The schedule, or None; and the keys that are wrong."""
    unknown = said.keys() - KEYS
    for key in sorted(unknown):
        _unknown(findings, (key,), key, KEYS)
    known = {key: value for key, value in said.items() if key in KEYS}
    try:
        start = ScheduledStart.model_validate(nested(schedule_id, known))
    except ValidationError as wrong:
        errors = wrong.errors()
    else:
        return None if unknown else start, unknown
    for error in errors:
        _explain(findings, error, schedule_id)
    return None, unknown | {str(path[0]) for error in errors if (path := pointer_of(error["loc"]))}


def _explain(findings: Findings, error: ErrorDetails, schedule_id: str) -> None:
    path = pointer_of(error["loc"])
    if path[:1] == ("id",):
        remedy = "Write letters, digits, `.`, `_`, `-`, `:`, and `/`, at most 200."
        findings.error(codes.WRONG_VALUE, (), f"`{schedule_id}` is no id.", remedy, key=True)
    elif error["type"] == "extra_forbidden":
        model = _LISTS.get(str(path[0]))
        known = model.model_fields if model is not None and len(path) > 1 else KEYS
        _unknown(findings, path, str(path[-1]), known)
    elif error["type"] == "missing":
        remedy = "Name a workflow of `tenuto catalog`, or a deployed definition."
        findings.error(codes.MISSING_KEY, (), f"`{path[-1]}` is missing.", remedy, key=True)
    elif not path:
        findings.error(codes.MISSING_KEY, (), _message(error), _whens(), key=True)
    else:
        _wrong_value(findings, path, error)


def _wrong_value(findings: Findings, path: tuple[int | str, ...], error: ErrorDetails) -> None:
    # A member of a union has its type as last part, which is no place in the file.
    path = tuple(part for part in path if part not in ("int", "str"))
    key, value = path[0], error["input"]
    remedy = ""
    if key == "time_zone":
        near = nearest(str(value), zones())
        remedy = f"Did you mean `{near}`?" if near else ""
    elif key == "overlap":
        remedy = did_you_mean(str(value), OVERLAPS)
    elif error["type"] == "timezone_aware":
        remedy = "Write the offset too: `2026-01-01T00:00:00+01:00`, or `Z` for UTC."
    findings.error(codes.WRONG_VALUE, path, f"`{key}`: `{value}`: {_message(error)}", remedy)


def _unknown(findings: Findings, path: tuple[int | str, ...], key: str, known: Any) -> None:
    remedy = did_you_mean(key, known)
    if key in KEYS:
        remedy = "It belongs to each schedule."
    findings.error(codes.UNKNOWN_KEY, path, f"There is no key `{key}`.", remedy, key=True)


def _message(error: ErrorDetails) -> str:
    text = error["msg"].removeprefix("Value error, ")
    return f"{text[:1].lower()}{text[1:]}."


def _whens() -> str:
    return "Write for example `cron: '0 18 * * 1-5'` or `every: 6 hours`."


def _write_one() -> str:
    return f"Write {_EXAMPLE}; `schedules: {{}}` for none."


def _about_emptiness(finding: Finding) -> Finding:
    """An empty file is an error here too: it may be one that was cut off, and asks to prune all."""
    if finding.message != "The file holds no document.":
        return finding
    return finding.model_copy(update={"remedy": _write_one(), "code": codes.NOT_A_MAPPING})


class _Texts:
    """The text of each schedule in a file: the lines from its key to the next key like it."""

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded
        self._lines = loaded.text.splitlines()
        keys = [s.key.line for at, s in loaded.spans.items() if s.key and at.count("/") <= 2]
        self._begins = sorted(keys)

    def of(self, start: ScheduledStart) -> str:
        """As it is written, comments inside included; written anew where it shares its line."""
        key = self._loaded.spans[pointer_to(("schedules", start.id))].key
        assert key is not None  # noqa: S101 (members of a mapping have keys)
        after = bisect.bisect_right(self._begins, key.line)
        end = self._begins[after] - 1 if after < len(self._begins) else len(self._lines)
        lines = self._lines[key.line - 1 : end]
        margin = lines[0][: key.column - 1]
        if margin.strip() or self._begins.count(key.line) > 1:
            return written(start)
        while not lines[-1].strip() or lines[-1].lstrip().startswith("#"):
            lines.pop()
        return "\n".join(line.removeprefix(margin) for line in lines) + "\n"
