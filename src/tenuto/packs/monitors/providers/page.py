"""One web page, read as it is: no model, no key, no doubt about what was compared."""

import asyncio
from datetime import timedelta
from typing import Any

from pydantic import JsonValue, ValidationError

from tenuto.catalog.check import explain
from tenuto.core.canonical import canonical_sha256
from tenuto.core.errors import UsageError
from tenuto.packs.monitors.judging import comparing, conditions
from tenuto.packs.monitors.judging.changed_lines import changed_lines
from tenuto.packs.monitors.judging.same_meaning import plain_text
from tenuto.packs.monitors.judging.values import value_of
from tenuto.packs.monitors.models import (
    CompareRequest,
    Comparison,
    Finding,
    Judgement,
    JudgeRequest,
    LookRequest,
    ProviderConfig,
    SchemaField,
    Source,
)
from tenuto.packs.monitors.providers import document
from tenuto.packs.monitors.providers.document import Picked
from tenuto.packs.monitors.providers.page_options import PageField, PageOptions, Pick

_LONGEST_ANSWER = 2_000
_SNIPPET = 300
_WHOLE = (
    SchemaField(name="text", type="string", description="What the page says."),
    SchemaField(name="digest", type="string", description="Of all of its text."),
)


def page_options(config: ProviderConfig) -> PageOptions:
    """The options of a monitor of a page. Raises UsageError `monitors.options-invalid`."""
    try:
        return PageOptions.model_validate(config.options)
    except ValidationError as wrong:
        raise UsageError(
            f"`options` of the monitor cannot be used: {'; '.join(explain(wrong, PageOptions))}."
            " Give the page by `--url`, and the others by `--option NAME=JSON`.",
            code="monitors.options-invalid",
        ) from wrong


class WebPage:
    """A page, a JSON document, or a text at one address."""

    def check(self, config: ProviderConfig) -> None:
        """Raises UsageError `monitors.options-invalid`, or `monitors.selector-invalid` for a
        selector, pattern, or path that is none."""
        options = page_options(config)
        for pick in _picks(options):
            kind = "json" if pick.jsonpath is not None else "html"
            empty = document.Fetched(options.url, kind, "{}" if kind == "json" else "")
            document.read(empty, (pick,), readable=False, within=timedelta(seconds=10))

    async def search(self, request: LookRequest) -> Finding:
        """The page as it is now; its only source is itself."""
        return await asyncio.to_thread(_look, page_options(request.config))

    async def judge(self, request: JudgeRequest) -> Judgement:
        """The condition, decided by comparing texts and numbers; at a first check, that the page
        changed is no condition that is met."""
        options = page_options(request.config)
        details: Any = request.finding.details
        met, explanation = details["met"], details["explanation"]
        fields, state = _schema(options), dict(details["state"])
        if met is None:
            met, explanation = _changed(request.before, state, fields)
        return Judgement(condition_met=met, explanation=explanation, fields=fields, state=state)

    async def compare(self, request: CompareRequest) -> Comparison:
        """Digest, then field by field. Nothing on a page is unclear: other words are a change."""
        found = comparing.differences(request.before, request.after, request.fields)
        others = found.certain + found.unclear
        return Comparison(
            changed=bool(others),
            summary=_summary(others, request.fields),
            method="hash" if found.is_equal else "fields",
            state=request.after,
        )


def _look(options: PageOptions) -> Finding:
    fetched = document.fetch(options.url, most_bytes=options.most_bytes)
    picks = _picks(options)
    whole = options.part.is_whole and not options.fields
    reading = document.read(fetched, picks, readable=whole)
    part, condition, *values = reading.picked
    text = reading.text if whole else "\n".join(part.values)
    state, unread = _state(options, values, text)
    answer = _told(state) if options.part.is_whole and options.fields else text
    verdict = conditions.judged(options.condition, condition, reading.text)
    met, explanation = verdict or (None, "")
    snippet = " ".join(answer.split())[:_SNIPPET]
    return Finding(
        answer=answer[:_LONGEST_ANSWER],
        sources=(Source(url=fetched.url[:4_000], title=reading.title, snippet=snippet),),
        provider="page",
        details={"state": state, "met": met, "explanation": explanation, "unread": unread},
    )


def _picks(options: PageOptions) -> tuple[Pick, ...]:
    return (options.part, options.condition, *options.fields)


def _told(state: dict[str, JsonValue]) -> str:
    """The values, one a line: of a page with fields they say more than its text."""
    return "\n".join(
        f"{name}: {'not there' if value is None else value}" for name, value in state.items()
    )


def _state(
    options: PageOptions, values: list[Picked], text: str
) -> tuple[dict[str, JsonValue], dict[str, JsonValue]]:
    """A value for each field, and for those that have none although the page says something there,
    what it says."""
    if not options.fields:
        digest = canonical_sha256(plain_text(text))[:16]
        return {"text": text[:_LONGEST_ANSWER], "digest": digest}, {}
    state: dict[str, JsonValue] = {}
    unread: dict[str, JsonValue] = {}
    for field, picked in zip(options.fields, values, strict=True):
        try:
            state[field.name] = _value(field, picked)
        except ValueError as wrong:
            state[field.name] = None
            unread[field.name] = f"{(picked.first or '')[:200]} ({wrong})"
    return state, unread


def _value(field: PageField, picked: Picked) -> JsonValue:
    return value_of(field.as_schema(), picked.first, decimal_comma=field.decimal_comma)


def _schema(options: PageOptions) -> tuple[SchemaField, ...]:
    return tuple(field.as_schema() for field in options.fields) or _WHOLE


def _changed(
    before: dict[str, JsonValue] | None,
    state: dict[str, JsonValue],
    fields: tuple[SchemaField, ...],
) -> tuple[bool, str]:
    if before is None:
        return False, "This is the first check, so nothing can have changed."
    found = comparing.differences(before, state, fields)
    others = found.certain + found.unclear
    return bool(others), _summary(others, fields) or "Nothing changed."


def _summary(others: tuple[comparing.Difference, ...], fields: tuple[SchemaField, ...]) -> str:
    """Of a whole page the lines that changed; the digest is for the parts that are not kept."""
    if fields != _WHOLE or not others:
        return comparing.summary(others)
    for each in others:
        if each.name == "text":
            return changed_lines(str(each.before), str(each.after))
    return "A later part of the page changed."
