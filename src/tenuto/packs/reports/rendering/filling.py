"""A job's texts: every template filled, what was left out said, MJML turned into HTML."""

import re
import traceback
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import mjml
from jinja2 import TemplateError, TemplateSyntaxError

from tenuto.packs.reports.rendering.environment import environment
from tenuto.packs.reports.rendering.figures import Figures
from tenuto.packs.reports.rendering.job import Answer, Flaw, Job, Kind, Part, TablePart
from tenuto.packs.reports.rendering.markup import ESCAPES
from tenuto.packs.reports.rendering.missing import Missing, MissingCompared
from tenuto.packs.reports.rendering.rows import Row, Rows, UnknownColumn, untold

_INLINE = "the template"
_NO_LANGUAGE = re.compile(r"<mjml(?=[\s>])(?![^>]*\slang=)")
_PLAIN = (TemplateError, ValueError, TypeError, UnknownColumn, MissingCompared)
"""Errors whose own words say enough."""


def fill(job: Job) -> Answer:
    """Every part of the job, or the first flaw."""
    parts: dict[str, str] = {}
    for name, part in job.parts.items():
        made = _filled(job, part)
        if isinstance(made, Flaw):
            return Answer(flaw=made)
        parts[name] = made
    return Answer(parts=parts)


def _filled(job: Job, part: Part) -> str | Flaw:
    missing = Missing(job.missing)
    figures = Figures(
        locale=job.locale,
        zone=ZoneInfo(job.time_zone),
        currency_code=job.currency,
        missing=missing,
    )
    tables = {name: rows_of(table, missing) for name, table in job.tables.items()}
    inside = environment({**job.files, _INLINE: part.text}, figures, ESCAPES[part.escape])
    try:
        text = inside.get_template(_INLINE).render(_names(job, tables, missing))
    except TemplateSyntaxError as wrong:
        place = wrong.filename or wrong.name or _INLINE
        return _flaw(part, place, wrong.lineno, wrong.message or "is not a template")
    except Exception as wrong:  # noqa: BLE001 (whatever a template does wrong is told to its author)
        place, line = _place_of(wrong, {*job.files, _INLINE})
        return _flaw(part, place, line, _said(wrong))
    text = _with_rest(text, part, tables)
    if len(text) > job.most_chars:
        return Flaw(
            code="too-long",
            message=f"has {len(text):,} characters (limit {job.most_chars:,}); show fewer rows",
            place=f"{part.name}:{part.line}",
        )
    return _as_html(text, part, job.locale) if part.is_mjml else text


def _names(job: Job, tables: dict[str, Rows], missing: Missing) -> dict[str, Any]:
    main = tables.get("rows")
    names: dict[str, Any] = {
        "report": job.report,
        "params": {
            name: _cell(value, job.param_kinds[name], missing) for name, value in job.params.items()
        },
        "queries": tables,
        "charts": {each.name: each.model_dump() for each in job.pictures},
        "missing": missing,
        **job.extra,
    }
    if main is not None:
        names |= {"rows": main, "row": main.first}
    return names


def rows_of(table: TablePart, missing: Missing) -> Rows:
    """A table as templates see it."""
    kinds = list(table.columns.items())
    shown = [
        Row(
            {
                name: _cell(value, kind, missing)
                for (name, kind), value in zip(kinds, row, strict=True)
            }
        )
        for row in table.rows
    ]
    sums = {
        name: None if value is None else _cell(value, table.columns[name], missing)
        for name, value in table.sums.items()
    }
    return Rows(shown, total=table.total, sums=sums, columns=list(table.columns), missing=missing)


def _cell(value: Any, kind: Kind, missing: Missing) -> Any:
    if value is None:
        return missing
    match kind:
        case "decimal":
            return Decimal(value)
        case "date":
            return date.fromisoformat(value)
        case "datetime":
            return datetime.fromisoformat(value)
        case _:
            return value


def _with_rest(text: str, part: Part, tables: dict[str, Rows]) -> str:
    """A template that lists rows and does not say how many it left out gets a line that does."""
    left = sum(untold(rows) for rows in tables.values())
    if not left or part.escape == "json":
        return text
    line = f"and {left:,} more {'row' if left == 1 else 'rows'}"
    if not part.is_mjml:
        return f"{text}\n{line}"
    section = f"<mj-section><mj-column><mj-text>{line}</mj-text></mj-column></mj-section>"
    head, end, tail = text.rpartition("</mj-body>")
    return f"{head}{section}{end}{tail}"


def _as_html(text: str, part: Part, locale: str) -> str | Flaw:
    # For whoever has e-mails read aloud; a template that names its language keeps it.
    text = _NO_LANGUAGE.sub(f'<mjml lang="{locale.replace("_", "-")}"', text, count=1)
    try:
        # No fonts from anywhere: opening an e-mail tells nobody.
        return str(mjml.mjml2html(text, disable_comments=True, fonts={}))
    except ValueError as wrong:
        return Flaw(
            code="mjml",
            message=f"is not MJML: {wrong}; compare it with documentation.mjml.io",
            place=f"{part.name}:{part.line}",
        )


def _flaw(part: Part, place: str, line: int | None, message: str) -> Flaw:
    if place == _INLINE:
        at = f"{part.name}:{part.line + (line or 1) - 1}"
    else:
        at = f"{place}:{line or 1}"
    return Flaw(code="template", message=message, place=at)


def _place_of(wrong: BaseException, names: set[str]) -> tuple[str, int | None]:
    """The innermost line of a template that led to the error."""
    frames = traceback.extract_tb(wrong.__traceback__)
    for frame in reversed(frames):
        if frame.filename in names:
            return frame.filename, frame.lineno
    return _INLINE, None


def _said(wrong: BaseException) -> str:
    said = " ".join(str(wrong).split()) or type(wrong).__name__
    return said if isinstance(wrong, _PLAIN) else f"{type(wrong).__name__}: {said}"
