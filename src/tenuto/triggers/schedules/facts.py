"""Everything that makes a schedule what it is, in a form that can be compared and digested."""

from pydantic import JsonValue

from tenuto.core.canonical import canonical_sha256
from tenuto.triggers.schedules.model import ScheduledStart
from tenuto.triggers.schedules.targets import Target, attributes_of

Facts = dict[str, JsonValue]

DIGEST_LENGTH = 32
"""Hexadecimal digits that are kept: what is compared is one schedule's, never a stranger's."""


def facts_of(start: ScheduledStart, target: Target, stamp: str) -> Facts:
    """What the server would do by this schedule, and as whose deed.

    `stamp` names the key and the rules that sign its starts: with others it is another schedule.
    What is only about its beginning (`paused`) or about where it belongs (`sets`) is not in it.
    """
    when = start.when.model_dump(mode="json", exclude_defaults=True)
    return {
        "run": start.run,
        **target.facts,
        "run_id": target.named(start),
        "search_attributes": {pair.key.name: pair.value for pair in attributes_of(start, target)},
        **when,
        "time_zone": start.when.time_zone,
        "overlap": start.overlap,
        "catchup_window": start.model_dump(mode="json")["catchup_window"],
        "pause_on_failure": start.pause_on_failure,
        "note": start.note,
        "signed": stamp,
    }


def digest(facts: Facts) -> str:
    """The same for the same facts, in whatever order they were written."""
    return canonical_sha256(facts)[:DIGEST_LENGTH]
