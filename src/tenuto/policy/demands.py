"""Where what a rule asks for besides can be had: elsewhere it would be a promise nobody keeps."""

from collections.abc import Mapping

from tenuto.policy.rules import Rule
from tenuto.policy.schema import ACTIONS, START, Shape

BREAK_GLASS = "workflow:break-glass"
REDACTED: Mapping[str, tuple[str, ...]] = {
    "run:read": ("input", "result"),
    "task:read": ("shown",),
    "payload:decode": ("input", "result"),
}
"""Reads that can hide something -> what the paths of `@redact` begin with there."""


def broken_promises(rule: Rule, actions: Mapping[str, Shape]) -> list[tuple[str, str]]:
    """What `rule` asks for where nobody can see to it, each with what to do. Actions of one's own
    are asked by definitions, which are told."""
    judged = [name for name, shape in actions.items() if rule.is_about(name, shape.parent)]
    judged = [name for name in judged if name in ACTIONS or actions[name].parent]
    found: list[tuple[str, str]] = []
    for each in rule.obligations():
        for action in judged:
            if each.kind == "approval" and not _is_start(action):
                found.append(_no_approval(action))
            if each.kind == "redact" and (each.path or "").split(".")[0] not in REDACTED.get(
                action, ()
            ):
                found.append(_no_redaction(action, each.path or ""))
    return found[:1]


def _is_start(action: str) -> bool:
    return action in (START, BREAK_GLASS) or action.startswith(f"{START}/")


def _no_approval(action: str) -> tuple[str, str]:
    return (
        f"nobody can be asked to approve `{action}`",
        f"`@requires_approval` is for `{START}`, its workflows, and `{BREAK_GLASS}`.",
    )


def _no_redaction(action: str, path: str) -> tuple[str, str]:
    if action not in REDACTED:
        known = ", ".join(f"`{name}`" for name in REDACTED)
        return f"`{action}` shows nothing that could be hidden", f"`@redact` is for {known}."
    roots = " or ".join(f"`{root}`" for root in REDACTED[action])
    return f"`{action}` cannot hide `{path}`", f"Paths begin with {roots} there."
