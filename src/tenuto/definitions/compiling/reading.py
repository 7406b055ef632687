"""Whether a text may read the definition itself, so that a plan carries it only then."""

import json
import re

from pydantic import JsonValue

_TASK = re.compile(r"\$task\b(?!\s*\.\s*(?:name|reference|input|output|startedAt)\b)")
_WORKFLOW = re.compile(r"\$workflow\b(?!\s*\.\s*(?:id|input|startedAt)\b)")
_ANY_TASK = re.compile(r"\$task\b")

_TASK_LISTS = {"do", "try", "fork", "foreach"}


def reads_workflow_definition(definition: JsonValue) -> bool:
    """Whether some expression may read `$workflow.definition`; never no where one does."""
    return _WORKFLOW.search(json.dumps(definition)) is not None


def reads_task_definition(body: dict[str, JsonValue]) -> bool:
    """Whether an expression of this task may read `$task.definition`.

    Tasks inside it are not looked at: there, `$task` is that task.
    """
    own = {key: value for key, value in body.items() if key not in _TASK_LISTS}
    catch = own.get("catch")
    if isinstance(catch, dict):
        own["catch"] = {key: value for key, value in catch.items() if key != "do"}
    return _TASK.search(json.dumps(own)) is not None


def reads_task(text: str) -> bool:
    """Whether an expression names `$task` at all."""
    return _ANY_TASK.search(text) is not None


def reads_more_than_name(text: str) -> bool:
    """Whether an expression may read more of `$task` than what every task has."""
    return _TASK.search(text) is not None
