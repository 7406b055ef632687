"""Whether somebody is told of a check: from what was found, and from what was known before."""

import hashlib
import json

from tenuto.packs.monitors.models import Behavior, Memory, Monitor


def is_notice_due(
    behavior: Behavior,
    *,
    met: bool,
    changed: bool,
    is_first: bool,
    was_told: bool = False,
    is_owed: bool = False,
) -> bool:
    """Whether a check ends in a notice.

    Never where the condition is not met. `was_told` says that a `once` monitor has told since it
    was opened, `is_owed` that the last notice reached nobody. The first check that a condition is
    known to be met at is news to everybody, so `track_state` tells it too.
    """
    if not met:
        return False
    if behavior == "once":
        return not was_told
    if behavior == "always":
        return True
    return is_first or changed or is_owed


def question_of(monitor: Monitor) -> str:
    """Digest of what is asked, 16 hexadecimal characters: equal for equal questions."""
    asked = [
        monitor.search_query,
        monitor.condition_description,
        monitor.config.model_dump(mode="json", exclude={"model"}),
    ]
    text = json.dumps(asked, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def is_first_of(memory: Memory | None, question: str) -> bool:
    """Whether nothing is known yet of what is asked."""
    return memory is None or memory.question != question
