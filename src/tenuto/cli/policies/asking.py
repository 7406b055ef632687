"""A question to rules, from what was typed."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import JsonValue, ValidationError

from tenuto.artifacts.store import open_store
from tenuto.catalog.check import check_input
from tenuto.cli.asking import asked_address, principal_of
from tenuto.cli.policies.rulebook import Rulebook
from tenuto.core.errors import UsageError
from tenuto.core.yaml12 import read_yaml
from tenuto.engine.settings import load_settings
from tenuto.policy.decision import Question, Resource
from tenuto.policy.schema import START
from tenuto.triggers.fields import read_fields


@dataclass(frozen=True, kw_only=True, slots=True)
class Typed:
    """What was typed."""

    file: str | None
    start: str | None
    fields: Sequence[str]
    tags: Sequence[str]
    action: str | None
    resource: str | None
    attributes: Sequence[str]
    context: Sequence[str]


def question_of(typed: Typed, book: Rulebook) -> Question:
    """The question. Raises UsageError `policy.question` for what is none."""
    if typed.file is not None:
        return _read(typed.file)
    settings = load_settings()
    principal = principal_of(settings, asked_address(settings))
    context = _pairs(typed.context, "--context")
    if typed.start is not None:
        entry = book.catalog.workflow(typed.start)
        store = open_store(settings.artifacts_url)
        values = read_fields(entry, _texts(typed.fields), store)
        asked: JsonValue = check_input(entry, values).model_dump(mode="json")
        resource = Resource(
            type="WorkflowType", id=entry.name, attributes={"tags": list(typed.tags)}
        )
        context = {"input": asked} | context
        return Question(principal=principal, action=START, resource=resource, context=context)
    if typed.action is None or typed.resource is None:
        raise _no_question(
            "it needs `--start NAME`, or `--action` and `--resource`, or `--question`"
        )
    if typed.action not in book.grammar.actions:
        near = get_close_matches(typed.action, book.grammar.actions, n=1)
        hint = f"did you mean `{near[0]}`?" if near else "`tenuto policy show --schema` has them"
        raise _no_question(f"there is no action `{typed.action}`, {hint}")
    kind, colon, name = typed.resource.partition(":")
    if not colon:
        raise _no_question(f"`{typed.resource}` is no resource; write TYPE:ID")
    attributes = _pairs(typed.attributes, "--attribute")
    resource = Resource(type=kind, id=name, attributes=attributes)
    return Question(principal=principal, action=typed.action, resource=resource, context=context)


def _read(file: str) -> Question:
    text = sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
    try:
        return Question.model_validate_json(text)
    except ValidationError as wrong:
        raise _no_question(str(wrong.errors(include_input=False)[0]["msg"])) from wrong


def _texts(pairs: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            raise _no_question(f"`{pair}` is not NAME=VALUE")
        found.setdefault(name.replace("-", "_"), []).append(text)
    return found


def _pairs(pairs: Sequence[str], option: str) -> dict[str, JsonValue]:
    """Name -> value, read as YAML."""
    texts: Mapping[str, list[str]] = _texts(pairs)
    values: dict[str, Any] = {
        name: read_yaml(given[-1], f"{option} {name}") for name, given in texts.items()
    }
    plain: dict[str, JsonValue] = json.loads(json.dumps(values, default=str))
    return plain


def _no_question(why: str) -> UsageError:
    return UsageError(
        f"That is no question: {why}. For example `tenuto policy explain --start daily-nav -f"
        " date=2026-03-31 --as u:bob`.",
        code="policy.question",
    )
