"""What is wrong with a report can be found before it is due: files, templates, queries."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from jinja2 import TemplateSyntaxError
from pydantic import JsonValue

from tenuto.activities.fetch.sql_statement import parameters_in, select_statement
from tenuto.core.errors import TenutoError, UsageError
from tenuto.engine.settings import Settings
from tenuto.packs.reports.activities.open_report import recipients_of
from tenuto.packs.reports.definition import Bundle, Report, Text
from tenuto.packs.reports.models import Channel
from tenuto.packs.reports.parameters import merged, params_of
from tenuto.packs.reports.reading import names_in, read_report
from tenuto.packs.reports.rendering.environment import environment
from tenuto.packs.reports.rendering.figures import Figures
from tenuto.packs.reports.rendering.markup import plain
from tenuto.packs.reports.rendering.missing import Missing
from tenuto.packs.reports.zones import zone_of


def check_reports(settings: Settings, names: Sequence[str]) -> list[dict[str, Any]]:
    """For each report (by default all) its channels and everything that is wrong with it."""
    found = names or names_in(settings.root / settings.reports.folder)
    return [_checked(settings, name) for name in found]


def check_asked(
    settings: Settings,
    name: str,
    channel: str,
    params: Mapping[str, JsonValue],
    *,
    due: datetime,
) -> None:
    """Raises what a run with this input would raise in its first step."""
    bundle = read_report(settings, name)
    zone = zone_of(bundle.time_zone)
    assert zone is not None  # noqa: S101 (checked on reading)
    merged(bundle.report, params, due, zone)
    known = bundle.report.templates.channels
    if channel != "all" and channel not in known:
        raise UsageError(
            f"Report `{name}` has no template for `{channel}`; it has one for {', '.join(known)}.",
            code="reports.no-template",
        )


def _checked(settings: Settings, name: str) -> dict[str, Any]:
    channels: tuple[Channel, ...] = ()
    try:
        bundle = read_report(settings, name)
    except TenutoError as wrong:
        return {"name": name, "channels": [], "problems": [str(wrong)]}
    channels = bundle.report.templates.channels
    problems = [*_in_queries(bundle), *_in_templates(bundle), *_in_recipients(bundle, settings)]
    return {"name": name, "channels": list(channels), "problems": problems}


def _in_queries(bundle: Bundle) -> Iterator[str]:
    known = params_of(bundle.report)
    for query in bundle.report.every_query.values():
        if query.query is None:
            continue
        text = query.query
        names = parameters_in(text.text)
        unknown = sorted(names - set(known))
        if unknown:
            yield (
                f"{text.name}:{text.line}: the query names `:{unknown[0]}`, which is no parameter; "
                f"there are {', '.join(known)}"
            )
            continue
        try:
            select_statement(text.text, dict.fromkeys(names))
        except TenutoError as wrong:
            yield f"{text.name}:{text.line}: {wrong}"


def _in_templates(bundle: Bundle) -> Iterator[str]:
    zone = zone_of(bundle.time_zone)
    assert zone is not None  # noqa: S101 (checked on reading)
    figures = Figures(locale=bundle.locale, zone=zone, currency_code="EUR", missing=Missing())
    inside = environment(bundle.files, figures, plain)
    for text in _texts(bundle.report):
        try:
            inside.from_string(text.text)
        except TemplateSyntaxError as wrong:
            yield f"{text.name}:{text.line + wrong.lineno - 1}: {wrong.message}"


def _texts(report: Report) -> Iterator[Text]:
    for channel in report.templates.channels:
        template = getattr(report.templates, channel)
        parts = [template] if isinstance(template, Text) else vars(template).values()
        yield from (each for each in parts if isinstance(each, Text))


def _in_recipients(bundle: Bundle, settings: Settings) -> Iterator[str]:
    for channel in bundle.report.templates.channels:
        try:
            recipients_of(bundle.report, channel, settings)
        except TenutoError as wrong:
            yield str(wrong)
