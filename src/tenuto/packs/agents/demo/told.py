"""What became of each tool call, as the transcript tells it."""

import json
from typing import Any


def tool_calls(lines: bytes) -> list[dict[str, Any]]:
    """Tool, outcome, and why of each call, in order."""
    calls: list[dict[str, Any]] = []
    for line in map(json.loads, lines.splitlines()):
        kind = line["kind"]
        if kind == "call":
            calls.append({"tool": line["tool"], "outcome": "", "why": ""})
        elif kind == "decision" and not calls[-1]["why"]:
            calls[-1] |= {"tool": line["tool"], "why": line["why"]}
        elif kind == "person":
            calls[-1]["why"] = _in_words(line)
        elif kind == "result":
            calls[-1]["outcome"] = line["outcome"]
    return calls


def _in_words(person: dict[str, Any]) -> str:
    deed = {"edit": "changed it", "approve": "approved it"}.get(person["decision"], "decided")
    return f"{person['by']} {deed}: {person['comment']}"
