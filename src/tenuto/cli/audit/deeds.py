"""What was asked of the gate, done, or refused, one line each."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tenuto.cli.tables import table
from tenuto.evidence.ledger import Line
from tenuto.identity.ticket import NO_POLICY

if TYPE_CHECKING:
    from rich.table import Table

KINDS = (
    *("decision", "refusal", "access", "permit"),
    *("change", "alarm", "erase", "legal_hold", "damage"),
)
"""What somebody did or wanted to do; runs, tasks, policies, and counts are facts of other kinds."""


def deeds_in(lines: Iterable[Line]) -> list[dict[str, Any]]:
    """The records of these kinds, with their numbers."""
    return [
        {
            "record": line.record.seq,
            "at": line.record.entry.happened_at,
            "kind": line.record.entry.kind,
            **line.record.entry.data,
        }
        for line in lines
        if line.record.entry.kind in KINDS
    ]


def drawn_deeds(deeds: Iterable[dict[str, Any]]) -> "Table":
    """Them as a table."""
    drawn = table(
        "No.", "At (UTC)", "Kind", "Who", "What", "On", "Why", folds=("On", "Why"), right=("No.",)
    )
    for each in deeds:
        drawn.add_row(
            str(each["record"]),
            clock(each["at"]),
            each["kind"],
            who(each),
            _what(each),
            _on(each),
            _why(each),
        )
    return drawn


def who(deed: dict[str, Any]) -> str:
    """Who did it."""
    return str(deed.get("principal") or deed.get("sub") or "")


def about(deed: dict[str, Any]) -> str:
    """Id of what it was done to."""
    resource = deed.get("resource")
    named = resource.get("id") if isinstance(resource, dict) else resource
    return str(named or deed.get("wid") or deed.get("workflow_id") or deed.get("key") or "")


def clock(moment: datetime | str) -> str:
    """`2026-11-20 17:09:12`, of a moment in UTC."""
    return str(moment)[:19].replace("T", " ")


def short(digest: Any) -> str:
    """A policy's digest, as people name it."""
    return "no policy" if digest == NO_POLICY else f"policy {str(digest)[:16]}"


def _what(deed: dict[str, Any]) -> str:
    if deed["kind"] == "permit":
        return f"start {deed.get('type')}"
    named = ("action", "what", "state")
    return str(next((deed[key] for key in named if deed.get(key)), ""))


def _on(deed: dict[str, Any]) -> str:
    resource = deed.get("resource")
    kind = f"{resource['type']} " if isinstance(resource, dict) and resource.get("type") else ""
    return kind + about(deed)


def _why(deed: dict[str, Any]) -> str:
    if "allowed" not in deed:
        rules = f"rule {', '.join(deed['rules'])}" if deed.get("rules") else ""
        return str(deed.get("reason") or rules)
    if deed.get("problems"):
        return f"rules failed: {'; '.join(deed['problems'])}"
    said = [
        f"rule {each['rule']}" + (f" ({each['text']})" if each.get("text") else "")
        for each in deed.get("reasons", ())
    ]
    nothing = "policy is off" if deed.get("policy") == NO_POLICY else "no rule permits it"
    return ", ".join(said) or nothing
