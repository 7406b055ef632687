"""Reports from their folder: a YAML file, or a folder with `report.yaml` and what it names."""

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError
from pydantic import JsonValue, ValidationError
from pydantic_core import ErrorDetails

from tenuto.core.errors import NotFoundError, UsageError
from tenuto.definitions.findings import Finding, Severity
from tenuto.definitions.loaded import Loaded, escaped, pointer_to
from tenuto.definitions.loading import load
from tenuto.definitions.model_paths import fields_at
from tenuto.engine.settings import Settings
from tenuto.packs.reports.definition import Bundle, Report
from tenuto.packs.reports.zones import zone_of

FILE = "report.yaml"
_INCLUDED = {".html", ".j2", ".md", ".mjml", ".sql", ".txt"}
_MOST_BYTES = 1_000_000
_TEXTS = (
    ("query",),
    ("queries", "*", "query"),
    ("templates", "email", "subject"),
    ("templates", "email", "mjml"),
    ("templates", "email", "text"),
    *(
        ("templates", each, part)
        for each in ("slack", "teams", "chat")
        for part in ("title", "text")
    ),
    ("templates", "sms"),
    ("templates", "webhook", "json"),
)
"""Where a text may stand, inline or as `{file: name}`."""


def names_in(folder: Path) -> list[str]:
    """Names of all reports of a folder, sorted; none where there is no folder."""
    if not folder.is_dir():
        return []
    files = [each.stem for each in folder.glob("*.yaml") if not each.name.startswith("_")]
    folders = [each.parent.name for each in folder.glob(f"*/{FILE}")]
    return sorted({*files, *folders})


def read_report(settings: Settings, name: str) -> Bundle:
    """The report called `name`, with its files.

    Raises NotFoundError `reports.unknown`, and UsageError `reports.invalid` with file, line, and
    column of everything that is wrong.
    """
    folder = settings.root / settings.reports.folder
    file = _file_of(folder, name)
    text = _text_of(file)
    shown = _shown(file, settings.root)
    loaded, findings = load(text, shown)
    if loaded is None:
        raise _invalid(shown, [str(each) for each in _errors(findings)])
    if not isinstance(loaded.value, dict):
        raise _invalid(shown, [f"{shown}:1:1: expected a mapping with `query` and `templates`"])
    value: dict[str, Any] = {"name": name, **loaded.value}
    beside = file.parent if file.name == FILE else None
    _place_texts(value, loaded, beside or folder, settings.root)
    _shorten_chats(value, loaded)
    try:
        report = Report.model_validate(value)
    except ValidationError as wrong:
        raise _invalid(shown, [_line(each, loaded) for each in wrong.errors()]) from None
    if report.name != name:
        raise _invalid(
            shown, [f"{_at(loaded, '/name')}: the report is called `{name}` by its file"]
        )
    return Bundle(
        report=report,
        files=_beside(beside) if beside else {},
        time_zone=_zone(report, settings, loaded),
        locale=_locale(report, settings, loaded),
    )


def _file_of(folder: Path, name: str) -> Path:
    for file in (folder / f"{name}.yaml", folder / name / FILE):
        if file.is_file():
            return file
    known = names_in(folder)
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean `{close[0]}`?" if close else f"there are {', '.join(known) or 'none'}"
    raise NotFoundError(
        f"There is no report `{name}` in {folder}; {hint}. A report is a file `{name}.yaml`, or a "
        f"folder `{name}` with a {FILE}.",
        code="reports.unknown",
    )


def _text_of(file: Path) -> str:
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise UsageError(
                f"{file} is larger than {_MOST_BYTES:,} bytes; data belongs into a query.",
                code="reports.invalid",
            )
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{file} cannot be read ({error}); expected a text file in UTF-8.",
            code="reports.invalid",
        ) from error


def _errors(findings: list[Finding]) -> Iterator[Finding]:
    return (each for each in findings if each.severity is Severity.ERROR)


def _place_texts(value: dict[str, Any], loaded: Loaded, folder: Path, root: Path) -> None:
    """Every text becomes one that knows its place; `{file: name}` becomes the file's text."""
    for path in _TEXTS:
        for holder, key, pointer in _at_path(value, path, ""):
            holder[key] = _placed(holder[key], loaded, pointer, folder, root)


def _at_path(
    value: Any, path: tuple[str, ...], pointer: str
) -> Iterator[tuple[dict[str, Any], str, str]]:
    if not isinstance(value, dict):
        return
    first, rest = path[0], path[1:]
    keys = list(value) if first == "*" else [first] if first in value else []
    for key in keys:
        inner = f"{pointer}/{escaped(key)}"
        if rest:
            value[key] = dict(value[key]) if isinstance(value[key], dict) else value[key]
            yield from _at_path(value[key], rest, inner)
        else:
            yield value, key, inner


def _placed(given: Any, loaded: Loaded, pointer: str, folder: Path, root: Path) -> Any:
    if isinstance(given, dict) and set(given) == {"file"} and isinstance(given["file"], str):
        file = (folder / given["file"]).resolve()
        if not file.is_relative_to(folder.resolve()) or not file.is_file():
            raise _invalid(
                loaded.file,
                [f"{_at(loaded, pointer + '/file')}: no file `{given['file']}` in {folder}"],
            )
        return {"text": _text_of(file), "name": _shown(file, root), "line": 1}
    if isinstance(given, str):
        return {"text": given, "name": loaded.file, "line": _first_line(loaded, pointer)}
    return given


def _first_line(loaded: Loaded, pointer: str) -> int:
    """A block begins on the line below its `|`."""
    line, column = loaded.place(pointer)
    rest = loaded.text.splitlines()[line - 1][column - 1 :]
    return line + 1 if rest.startswith(("|", ">")) else line


def _shorten_chats(value: dict[str, Any], loaded: Loaded) -> None:
    """`slack: text` is a message titled like the report."""
    templates = value.get("templates")
    if not isinstance(templates, dict):
        return
    heading = str(value.get("title") or value.get("name"))
    title = {"text": "{{ report.title }}", "name": loaded.file, "line": 1}
    for channel in ("slack", "teams", "chat"):
        given = templates.get(channel)
        if isinstance(given, str) and heading:
            line = _first_line(loaded, f"/templates/{channel}")
            templates[channel] = {
                "title": title,
                "text": {"text": given, "name": loaded.file, "line": line},
            }
        elif isinstance(given, dict):
            given.setdefault("title", title)


def _beside(folder: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.suffix in _INCLUDED:
            found[file.relative_to(folder).as_posix()] = _text_of(file)
    return found


def _zone(report: Report, settings: Settings, loaded: Loaded) -> str:
    name = report.time_zone or settings.reports.time_zone
    if zone_of(name) is None:
        raise _invalid(
            loaded.file,
            [f"{_at(loaded, '/time_zone')}: no time zone `{name}`; write one such as `UTC`"],
        )
    return name


def _locale(report: Report, settings: Settings, loaded: Loaded) -> str:
    name = report.locale or settings.reports.locale
    try:
        return str(Locale.parse(name.replace("-", "_")))
    except (UnknownLocaleError, ValueError):
        raise _invalid(
            loaded.file,
            [f"{_at(loaded, '/locale')}: no locale `{name}`; write one such as `de_CH`"],
        ) from None


def _line(error: ErrorDetails, loaded: Loaded) -> str:
    parts = [str(each) for each in error["loc"]]
    pointer = pointer_to(parts)
    key = ".".join(parts) or "the report"
    if error["type"] == "extra_forbidden":
        known = fields_at(Report, error["loc"][:-1])
        close = difflib.get_close_matches(parts[-1], known, n=1)
        hint = f"did you mean `{close[0]}`?" if close else f"valid keys are {', '.join(known)}"
        return f"{_at(loaded, pointer, of_key=True)}: `{key}` is not known; {hint}"
    if error["type"] == "missing":
        return f"{_at(loaded, pointer)}: `{key}` is required"
    said = error["msg"].removeprefix("Value error, ")
    return f"{_at(loaded, pointer)}: `{key}`: {said[:1].lower()}{said[1:]}"


def _at(loaded: Loaded, pointer: str, *, of_key: bool = False) -> str:
    line, column = loaded.place(pointer, of_key=of_key)
    return f"{loaded.file}:{line}:{column}"


def _invalid(file: str, lines: list[str]) -> UsageError:
    found: list[JsonValue] = [*lines]
    return UsageError(
        "\n".join(lines) if len(lines) == 1 else f"{file}:\n  " + "\n  ".join(lines),
        code="reports.invalid",
        details={"problems": found},
    )


def _shown(file: Path, root: Path) -> str:
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else str(file)
