"""Taking out of a value what rules say is not to be shown."""

from collections.abc import Iterable
from typing import Any

from tenuto.policy.decision import Decision

HIDDEN = "(hidden by policy)"


def hidden_paths(decision: Decision) -> tuple[str, ...]:
    """What the decision says is not to be shown, for example `input.tax_id`."""
    return tuple(each.path for each in decision.obligations if each.path is not None)


def without(value: Any, root: str, paths: Iterable[str]) -> Any:
    """A copy of the JSON `value`, which is what `root` names, with what `paths` name taken out.

    A path goes through every item of a list on its way.
    """
    for path in paths:
        first, *names = path.split(".")
        if first == root:
            value = _without(value, names)
    return value


def _without(value: Any, names: list[str]) -> Any:
    if not names:
        return HIDDEN
    if isinstance(value, list | tuple):
        return [_without(each, names) for each in value]
    if isinstance(value, dict) and names[0] in value:
        return {**value, names[0]: _without(value[names[0]], names[1:])}
    return value
