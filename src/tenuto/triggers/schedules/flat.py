"""How a schedule stands in a file: one flat mapping, in which its times stand beside the rest."""

from collections.abc import Mapping
from typing import Any

import yaml
from pydantic import JsonValue

from tenuto.triggers.schedules.model import ScheduledStart, Timing

TIMES = tuple(Timing.model_fields)
"""What says when."""
KEYS = (
    *("run", "input", "run_id", "cron", "every", "offset", "calendars", "skip", "time_zone"),
    *("start_at", "end_at", "jitter", "overlap", "catchup_window", "pause_on_failure", "paused"),
    *("next_run", "note", "search_attributes", "sets"),
)
"""All that a schedule may say, in the order of the reference."""
OF_ALL = (
    *("skip", "time_zone", "start_at", "end_at", "jitter", "overlap", "catchup_window"),
    *("pause_on_failure", "paused", "note", "search_attributes", "sets"),
)
"""What may stand under `defaults`."""


def nested(schedule_id: str, said: Mapping[str, JsonValue]) -> dict[str, Any]:
    """The members of a `ScheduledStart`, from what stands in the file."""
    when = {key: value for key, value in said.items() if key in TIMES}
    rest = {key: value for key, value in said.items() if key not in TIMES}
    return {"id": schedule_id, **rest, "when": when}


def pointer_of(location: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """Where in the file stands what pydantic names so."""
    return location[1:] if location[:1] == ("when",) else location


def written(start: ScheduledStart) -> str:
    """The YAML of a schedule that Python code made: its id, and all that is not a default."""
    said = start.model_dump(mode="json", exclude_defaults=True, exclude={"id", "when"})
    said |= start.when.model_dump(mode="json", exclude_defaults=True)
    ordered = {key: said[key] for key in KEYS if key in said}
    return yaml.safe_dump({start.id: ordered}, sort_keys=False, allow_unicode=True, width=100)
