"""A language model that searches the web, and is believed only where it names its sources.

A check asks it twice: once to search, once to judge the answer and read its values, so that one
verdict decides. A third time only where texts differ that may mean the same.
"""

import asyncio
from typing import Any

from tenuto.activities.definitions.masks import Masks
from tenuto.core.errors import DataError
from tenuto.engine.settings import MonitorsSettings
from tenuto.packs.monitors.judging import comparing
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
from tenuto.packs.monitors.providers import prompts
from tenuto.packs.monitors.providers.asking import Asker, spent_on
from tenuto.packs.monitors.providers.clients import chosen
from tenuto.packs.monitors.providers.sources import is_redirect, sources_of

_LONGEST_ANSWER = 4_000


class GroundedSearch:
    """Google, OpenAI, or Anthropic, each with its own search of the web."""

    def __init__(self, settings: MonitorsSettings, masks: Masks) -> None:
        self._settings = settings
        self._masks = masks

    def check(self, config: ProviderConfig) -> None:
        """Raises UsageError `monitors.no-model`, `monitors.model-unknown`."""
        chosen(config, self._settings)

    async def search(self, request: LookRequest) -> Finding:
        """The answer, and the pages that it stands on."""
        asker = self._asker(request.config)
        question = {
            "question": request.search_query,
            "condition": request.condition_description,
            "now": request.checked_at.isoformat(),
            "last_checked": request.last_checked_at.isoformat()
            if request.last_checked_at
            else "never",
        }
        response = await asker.search(prompts.SEARCH, question)
        sources = await asyncio.to_thread(sources_of, response)
        unresolved = [source.url for source in sources if is_redirect(source.url)]
        return Finding(
            answer=" ".join((response.text or "").split())[:_LONGEST_ANSWER],
            sources=sources,
            provider=asker.which.provider,
            model=response.model_name or asker.which.model,
            spent=spent_on(response),
            details={"unresolved": list(unresolved)} if unresolved else {},
        )

    async def judge(self, request: JudgeRequest) -> Judgement:
        """One verdict on the answer. An answer without sources meets no condition, and nobody is
        asked about it."""
        if not request.finding.is_grounded:
            return Judgement(
                condition_met=False,
                explanation="The answer names no source, so it is not believed.",
                fields=request.fields,
                state={field.name: None for field in request.fields},
            )
        asker = self._asker(request.config)
        question: dict[str, Any] = {
            "question": request.search_query,
            "condition": request.condition_description,
            "now": request.checked_at.isoformat(),
            "answer": request.finding.answer,
            "sources": [_shown(source) for source in request.finding.sources],
        }
        if request.fields:
            return await _known_fields(asker, question, request.fields)
        return await _first_fields(asker, question)

    async def compare(self, request: CompareRequest) -> Comparison:
        """By digest, then field by field, and only then by the model."""
        now = comparing.filled(request.before, request.after)
        found = comparing.differences(request.before, now, request.fields)
        if found.is_equal:
            return Comparison(changed=False, method="hash", state=now)
        if found.certain or not found.unclear:
            summary = comparing.summary(found.certain)
            kept = now if found.certain else _kept(request, now)
            return Comparison(
                changed=bool(found.certain), summary=summary, method="fields", state=kept
            )
        return await self._by_meaning(request, now, found.unclear)

    async def _by_meaning(
        self,
        request: CompareRequest,
        now: dict[str, Any],
        unclear: tuple[comparing.Difference, ...],
    ) -> Comparison:
        asker = self._asker(request.config)
        question = {
            "question": request.search_query,
            "fields": [
                {"name": each.name, "before": each.before, "now": each.after} for each in unclear
            ],
        }
        verdict, response = await asker.fill_in(prompts.Sameness, prompts.COMPARE, question)
        said = {each.name: each.is_same for each in verdict.fields}
        missing = [each.name for each in unclear if each.name not in said]
        if missing:
            raise _reply(asker, f"it says nothing about `{missing[0]}`")
        others = tuple(each for each in unclear if not said[each.name])
        return Comparison(
            changed=bool(others),
            summary=(verdict.summary or comparing.summary(others)) if others else "",
            method="semantic",
            state=now if others else _kept(request, now),
            spent=spent_on(response),
        )

    def _asker(self, config: ProviderConfig) -> Asker:
        return Asker(chosen(config, self._settings), self._settings, self._masks)


async def _known_fields(
    asker: Asker, question: dict[str, Any], fields: tuple[SchemaField, ...]
) -> Judgement:
    question["fields"] = [field.model_dump(mode="json") for field in fields]
    verdict, response = await asker.fill_in(prompts.Verdict, prompts.JUDGE, question)
    said = {each.name: each.value for each in verdict.values}
    unknown = sorted(said.keys() - {field.name for field in fields})
    if unknown:
        raise _reply(asker, f"it has a value for `{unknown[0]}`, which is no field")
    return Judgement(
        condition_met=verdict.condition_met,
        explanation=verdict.explanation,
        fields=fields,
        state={field.name: _value(asker, field, said.get(field.name)) for field in fields},
        spent=spent_on(response),
    )


async def _first_fields(asker: Asker, question: dict[str, Any]) -> Judgement:
    verdict, response = await asker.fill_in(
        prompts.FirstVerdict, prompts.JUDGE + prompts.MAKE_FIELDS, question
    )
    if len({each.name for each in verdict.fields}) != len(verdict.fields):
        raise _reply(asker, "two of its fields have the same name")
    if any((each.type == "enum") != (len(each.options) > 1) for each in verdict.fields):
        raise _reply(asker, "an enum needs two options or more, and nothing else has any")
    fields = tuple(
        SchemaField(
            name=each.name,
            type=each.type,
            description=each.description,
            options=tuple(each.options),
        )
        for each in verdict.fields
    )
    return Judgement(
        condition_met=verdict.condition_met,
        explanation=verdict.explanation,
        fields=fields,
        state={
            field.name: _value(asker, field, each.value)
            for field, each in zip(fields, verdict.fields, strict=True)
        },
        spent=spent_on(response),
    )


def _value(asker: Asker, field: SchemaField, said: str | None) -> Any:
    try:
        return value_of(field, said)
    except ValueError as wrong:
        raise _reply(asker, f"`{field.name}` is {str(said)[:100]!r}; {wrong}") from wrong


def _kept(request: CompareRequest, now: dict[str, Any]) -> dict[str, Any]:
    """The first wording stays, so that many small steps of wording never pass for no change."""
    return {name: _or_now(request.before.get(name), value) for name, value in now.items()}


def _or_now(before: Any, now: Any) -> Any:
    return now if before is None else before


def _shown(source: Source) -> dict[str, str]:
    return {"url": source.url, "title": source.title, "snippet": source.snippet}


def _reply(asker: Asker, why: str) -> DataError:
    return DataError(
        f"The answer of `{asker.which}` cannot be used: {why}.", code="monitors.reply-unusable"
    )
