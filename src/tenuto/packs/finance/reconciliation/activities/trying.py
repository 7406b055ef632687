"""Rules tried on files, outside of any run: for the command line, and for golden tests of rules."""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import ValidationError

from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import open_store
from tenuto.core.errors import UsageError
from tenuto.core.yaml12 import read_yaml
from tenuto.packs.finance.reconciliation.activities.classify import classify
from tenuto.packs.finance.reconciliation.activities.collect import collect
from tenuto.packs.finance.reconciliation.activities.compare_rules import compare_rules
from tenuto.packs.finance.reconciliation.activities.match import match
from tenuto.packs.finance.reconciliation.handoffs import (
    ClassifyRequest,
    CollectRequest,
    CompareRulesRequest,
    MatchRequest,
    RulesDifference,
)
from tenuto.packs.finance.reconciliation.models import ReconciliationRequest
from tenuto.packs.finance.reconciliation.rules import RecRules

_SHOWN = 1000
_GOLDEN = ("key", "break_class", "priority", "field", "ours", "theirs", "variance")


def read_rules(file: Path | str) -> RecRules:
    """The rules in a YAML file. Raises UsageError `reconciliation.rules-invalid`."""
    path = Path(file)
    try:
        return RecRules.model_validate(read_yaml(path.read_text("utf-8"), path.name))
    except ValidationError as wrong:
        first = wrong.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the rules"
        raise UsageError(
            f"{path.name}: `{where}`: {first['msg'].removeprefix('Value error, ')}.",
            code="reconciliation.rules-invalid",
            details={"file": path.name, "errors": wrong.error_count()},
        ) from wrong


def try_files(
    old: Path | str, new: Path | str, sources: Iterable[str], day: str
) -> tuple[RulesDifference, list[dict[str, Any]]]:
    """What the rules in `new` would do otherwise than those in `old`, and the first 1000 items.

    `sources` are `side=file`. Everything happens in a temporary store. Raises UsageError for
    words that make no sense, and what reading and matching the files raises.
    """
    rules, proposed = read_rules(old), read_rules(new)
    with TemporaryDirectory(prefix="tenuto-") as folder:
        store = open_store(folder)
        use_store(store)
        try:
            documents = {side: store.put_file(file) for side, file in map(_split, sources)}
            request = ReconciliationRequest(rules=rules, date=_day(day), sources=documents)
            found = compare_rules(CompareRulesRequest(request=request, proposed=proposed))
            return found, store.get_table(found.items).head(_SHOWN).to_dicts()
        finally:
            use_store(None)


def outcome_of(
    rules: RecRules, sources: Mapping[str, Path | str], day: date, **request: Any
) -> dict[str, Any]:
    """What `rules` make of these files: plain values, to be compared with a golden file.

    `passes` is pass -> matches, `breaks` one line per break with class, values, priority, and
    variance, by key. `request` is anything else that a `ReconciliationRequest` takes. Raises what
    reading and matching the files raises.
    """
    with TemporaryDirectory(prefix="tenuto-") as folder:
        store = open_store(folder)
        use_store(store)
        try:
            documents = {side: store.put_file(file) for side, file in sources.items()}
            asked = ReconciliationRequest(
                rules=rules, date=day, sources=documents, version=1, **request
            )
            collected = collect(CollectRequest(request=asked))
            matched = match(
                MatchRequest(rules=rules, date=day, collected=collected, resources=asked.resources)
            )
            classified = classify(
                ClassifyRequest(request=asked, collected=collected, matched=matched)
            )
            breaks = store.get_table(classified.breaks).sort("key", "break_id").select(_GOLDEN)
            return {
                "passes": {each.name: each.matches for each in matched.passes},
                "breaks": [
                    {name: None if value is None else str(value) for name, value in row.items()}
                    for row in breaks.iter_rows(named=True)
                ],
            }
        finally:
            use_store(None)


def _split(word: str) -> tuple[str, str]:
    side, equals, file = word.partition("=")
    if not equals or not file:
        raise UsageError(
            f"`{word}` names no source; write SIDE=FILE, for example `ours=book.csv`.",
            code="reconciliation.source-word",
        )
    return side, file


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise UsageError(
            f"`{text}` is not a date; write it as YYYY-MM-DD.", code="reconciliation.not-a-date"
        ) from wrong
