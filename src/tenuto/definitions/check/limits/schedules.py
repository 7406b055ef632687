"""Whether the schedule of a definition can become one of the engine."""

from collections.abc import Callable, Iterator
from functools import cache
from zoneinfo import available_timezones

from pydantic import JsonValue

from tenuto.definitions.check.limits.cron import cron_mistake, limits_both_days
from tenuto.definitions.check.limits.literal_durations import length_s
from tenuto.definitions.check.meaning_codes import BOTH_DAYS, WRONG_SCHEDULE
from tenuto.definitions.check.nearest import did_you_mean, listed, nearest
from tenuto.definitions.check.parts import mapping, part
from tenuto.definitions.findings import Finding
from tenuto.definitions.loaded import Loaded, escaped

OVERLAPS = ("skip", "bufferOne", "bufferAll", "cancelOther", "terminateOther", "allowAll")
"""What to do when the run before is still going on."""

_SETTINGS = ("timeZone", "overlap", "catchup", "jitter")
_AT = "/document/metadata/temporal"


def find_wrong_schedules(loaded: Loaded) -> Iterator[Finding]:
    """What is wrong with `schedule`, and with `document.metadata.temporal`."""
    yield from _times(loaded)
    temporal = part(loaded.value, "document", "metadata", "temporal")
    if temporal is None:
        return
    if not isinstance(temporal, dict):
        yield loaded.error(WRONG_SCHEDULE, _AT, "`metadata.temporal` must be a mapping.")
        return
    for name in temporal:
        if name != "schedule":
            yield loaded.error(
                WRONG_SCHEDULE,
                f"{_AT}/{escaped(name)}",
                f"There is no setting `{name}` in `document.metadata.temporal`.",
                "It takes `schedule`; settings of calls stand in the task.",
                of_key=True,
            )
    yield from _settings(loaded)


def _times(loaded: Loaded) -> Iterator[Finding]:
    schedule = mapping(loaded.value, "schedule")
    cron = schedule.get("cron")
    mistake = cron_mistake(cron) if isinstance(cron, str) else None
    if mistake is not None:
        remedy = "Write minute, hour, day of month, month, and day of week: `0 17 * * 1-5`."
        if "zone" in mistake:
            remedy = "Give it in `document.metadata.temporal.schedule.timeZone`."
        yield loaded.error(WRONG_SCHEDULE, "/schedule/cron", mistake, remedy)
    elif isinstance(cron, str) and limits_both_days(cron):
        yield loaded.warning(
            BOTH_DAYS,
            "/schedule/cron",
            "Days of the month and of the week are given: a run starts on days that match both,"
            " unlike in a crontab.",
            "Leave one of the two `*`, unless that is what you mean.",
        )
    every = length_s(schedule.get("every"))
    if every is not None and every < 1:
        yield loaded.error(
            WRONG_SCHEDULE,
            "/schedule/every",
            f"`every` is {every:g} s, and a schedule starts no run more often than each second.",
            "Give at least one second.",
        )


def _settings(loaded: Loaded) -> Iterator[Finding]:
    settings = part(loaded.value, "document", "metadata", "temporal", "schedule")
    at = f"{_AT}/schedule"
    if settings is None:
        return
    if not isinstance(settings, dict):
        yield loaded.error(WRONG_SCHEDULE, at, "`metadata.temporal.schedule` must be a mapping.")
        return
    if not {"every", "cron"} & set(mapping(loaded.value, "schedule")):
        message = "Settings of a schedule are given, and there is no schedule."
        remedy = "Give `schedule.cron` or `schedule.every`, or take them away."
        yield loaded.error(WRONG_SCHEDULE, at, message, remedy, of_key=True)
    for name, value in settings.items():
        check = _CHECKS.get(name)
        if check is None:
            message = f"There is no setting `{name}` in `metadata.temporal.schedule`."
            remedy = did_you_mean(name, _SETTINGS)
            yield loaded.error(
                WRONG_SCHEDULE, f"{at}/{escaped(name)}", message, remedy, of_key=True
            )
        elif (mistake := check(value)) is not None:
            yield loaded.error(WRONG_SCHEDULE, f"{at}/{name}", *mistake)


@cache
def _zones() -> frozenset[str]:
    """All names; kept, because each is a file that is opened to find out."""
    return frozenset(available_timezones())


def _zone(value: JsonValue) -> tuple[str, str] | None:
    zones = _zones()
    if isinstance(value, str) and value in zones:
        return None
    close = nearest(str(value), zones)
    remedy = f"Did you mean `{close}`?" if close else "Write one as in `Europe/Zurich`."
    return f"There is no time zone `{value}`.", remedy


def _overlap(value: JsonValue) -> tuple[str, str] | None:
    if value in OVERLAPS:
        return None
    close = nearest(str(value), OVERLAPS)
    remedy = f"Did you mean `{close}`?" if close else f"Valid are {listed(OVERLAPS)}."
    return f"There is no way `{value}` to treat an overlap.", remedy


def _duration(value: JsonValue) -> tuple[str, str] | None:
    if length_s(value) is not None:
        return None
    return f"`{value}` is no duration.", "Write one as in `PT5M` or `{minutes: 5}`."


_CHECKS: dict[str, Callable[[JsonValue], tuple[str, str] | None]] = {
    "timeZone": _zone,
    "overlap": _overlap,
    "catchup": _duration,
    "jitter": _duration,
}
