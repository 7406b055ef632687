"""Questions that were decided before, so that other rules can decide them again."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue, ValidationError

from tenuto.core.errors import UsageError
from tenuto.engine.settings import Settings
from tenuto.evidence.spool import Spool
from tenuto.identity.ticket import hash_of
from tenuto.policy.decision import Decision, PolicyEngine, Question

_KINDS = ("decision", "access", "refusal")


@dataclass(frozen=True, slots=True)
class Recorded:
    """Questions, and how many records hold too little to ask them again."""

    questions: tuple[Question, ...]
    incomplete: int


@dataclass(frozen=True, slots=True)
class Change:
    """A question that gets another answer."""

    question: Question
    old: Decision
    new: Decision


def changes(
    old: PolicyEngine, new: PolicyEngine, questions: Sequence[Question]
) -> Iterator[Change]:
    """Every question, once, whose answer differs."""
    for question in {hash_of([each]): each for each in questions}.values():
        before, after = old.decide(question), new.decide(question)
        if (before.allowed, before.obligations) != (after.allowed, after.obligations):
            yield Change(question, before, after)


def read_recorded(file: Path) -> Recorded:
    """The questions of a file with one JSON object per line: a question, or a record of the audit
    trail. Raises UsageError `policy.decisions`."""
    try:
        records = [json.loads(line) for line in file.read_text("utf-8").splitlines() if line]
    except (OSError, ValueError) as wrong:
        raise UsageError(
            f"{file} cannot be read: {wrong}. Expected one JSON object per line.",
            code="policy.decisions",
        ) from wrong
    return _recorded(records)


def spooled(settings: Settings) -> Recorded:
    """The questions in this machine's spool; what was exported to the ledger is not in it."""
    entries = Spool(settings.spool_path).take()
    return _recorded([entry.data for entry in entries if entry.kind in _KINDS])


def _recorded(records: Sequence[JsonValue]) -> Recorded:
    found = [_question(record) for record in records]
    questions = tuple(each for each in found if each is not None)
    return Recorded(questions, len(found) - len(questions))


def _question(record: JsonValue) -> Question | None:
    """The question of a record; None where it is not all there, judged by its hash."""
    if not isinstance(record, dict):
        return None
    data = record.get("data", record)
    if not isinstance(data, dict):
        return None
    hashed = data.get("question")
    who = data.get("principal")
    if isinstance(who, str):
        who = {
            "id": who,
            "groups": data.get("groups", []),
            "owner": data.get("owner"),
            "authentication": data.get("authentication"),
        }
    fields = {name: data.get(name) for name in ("action", "resource")}
    try:
        question = Question.model_validate(
            {**fields, "principal": who, "context": data.get("context", {})}
        )
    except ValidationError:
        return None
    return question if hashed in (None, hash_of([question])) else None
