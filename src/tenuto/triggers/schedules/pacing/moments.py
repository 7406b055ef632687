"""Which moment a result means, and which one is taken."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import JsonValue

from tenuto.core.durations import read_spoken_duration
from tenuto.triggers.schedules.pacing.models import PaceStep

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Choice:
    """The next moment, and what has to be said about it."""

    at: datetime
    """To the second."""
    remark: str = ""
    is_wrong: bool = False


def choose(step: PaceStep, now: datetime) -> Choice:
    """The moment that the result names, within `at_least` and `at_most` after the run ended.

    `at_most` after it where the result names none. A moment that has passed meanwhile, because the
    server or the worker was away, becomes `at_least` after now.
    """
    least, most = timedelta(seconds=step.at_least_s), timedelta(seconds=step.at_most_s)
    wanted = _moment(step.value, step.ended_at)
    choice = _within(step, wanted, step.ended_at + least, step.ended_at + most)
    at = choice.at if choice.at > now else now + least
    # A second before the longest distance: on it, a start would be due at once, too.
    at = min(at, now + most - _SECOND)
    return Choice(at.replace(microsecond=0), choice.remark, choice.is_wrong)


def _moment(value: JsonValue, ended_at: datetime) -> datetime | None:
    if not isinstance(value, str):
        return None
    length = read_spoken_duration(value)
    if length is not None:
        return ended_at + length
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _within(step: PaceStep, wanted: datetime | None, least: datetime, most: datetime) -> Choice:
    if wanted is None:
        said = "nothing" if step.value is None else f"`{str(step.value)[:60]}`"
        remark = (
            f"the result has {said} at `{step.path}`, expected a time with its offset or a length"
            " of time: the next run is `at_most` later"
        )
        return Choice(most, remark, is_wrong=True)
    if wanted < least:
        return Choice(least, f"the result says {wanted.isoformat()}: not before `at_least`")
    if wanted > most:
        return Choice(most, f"the result says {wanted.isoformat()}: not after `at_most`")
    return Choice(wanted)
