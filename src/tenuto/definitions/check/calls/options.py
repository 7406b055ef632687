"""Whether `metadata.temporal` and `metadata.searchAttributes` say what the engine can do."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from pydantic import JsonValue

from tenuto.catalog.entries import ActivityEntry, WorkflowEntry
from tenuto.catalog.registry import Catalog
from tenuto.definitions.check.calls.calls import Callee, callee
from tenuto.definitions.check.limits.literal_durations import length_s
from tenuto.definitions.check.meaning_codes import (
    UNKNOWN_ATTRIBUTE,
    WRONG_DURATIONS,
    WRONG_OPTION,
)
from tenuto.definitions.check.nearest import did_you_mean
from tenuto.definitions.check.parts import mapping, part
from tenuto.definitions.findings import Finding
from tenuto.definitions.loaded import Loaded, escaped
from tenuto.definitions.tasks import TaskAt

KNOWN_ATTRIBUTES = ("TenutoSubject", "TenutoBusinessDate", "TenutoStatus")
"""Search attributes of every namespace that a definition may set."""
HOME = "definitions"
"""The queue of the workers that run definitions."""


class _Option(NamedTuple):
    expected: str
    fits: Callable[[JsonValue], bool]


def _is_text(value: JsonValue) -> bool:
    return isinstance(value, str) and value != ""


def _is_flag(value: JsonValue) -> bool:
    return isinstance(value, bool)


def _is_duration(value: JsonValue) -> bool:
    length = length_s(value)
    return length is not None and length > 0


def _is_count(least: int, most: int | None = None) -> Callable[[JsonValue], bool]:
    def fits(value: JsonValue) -> bool:
        is_number = isinstance(value, int) and not isinstance(value, bool)
        return is_number and least <= value and (most is None or value <= most)  # type: ignore[operator]

    return fits


def _is_coefficient(value: JsonValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 1


def _are_texts(value: JsonValue) -> bool:
    return isinstance(value, list) and all(_is_text(each) for each in value)


_TEXT = _Option("a text", _is_text)
_DURATION = _Option("a duration above zero, as in `PT5M` or `{minutes: 5}`", _is_duration)

_RETRY = {
    "initialInterval": _DURATION,
    "backoffCoefficient": _Option("a number from 1", _is_coefficient),
    "maximumInterval": _DURATION,
    "maximumAttempts": _Option("a whole number from 0 (no limit)", _is_count(0)),
    "nonRetryableErrorTypes": _Option("a list of texts", _are_texts),
}
_ACTIVITY = {
    "taskQueue": _TEXT,
    "startToClose": _DURATION,
    "scheduleToClose": _DURATION,
    "scheduleToStart": _DURATION,
    "heartbeat": _DURATION,
    "retry": _Option("a mapping", lambda value: isinstance(value, dict)),
    "priority": _Option("a whole number from 1 (first) to 5", _is_count(1, 5)),
    "local": _Option("true or false", _is_flag),
    "summary": _TEXT,
}
_CALL = {"activity": _TEXT, **_ACTIVITY}
_CHILD = {"taskQueue": _TEXT}
_OF_KIND = {"call": _CALL, "emit": _ACTIVITY, "run": _ACTIVITY}


def find_wrong_options(
    loaded: Loaded,
    tasks: Iterable[TaskAt],
    catalog: Catalog,
    known_attributes: Iterable[str] = KNOWN_ATTRIBUTES,
) -> Iterator[Finding]:
    """Every setting that is unknown, ill-formed, contradictory, or not for its kind of task."""
    known = frozenset(known_attributes)
    head = mapping(loaded.value, "document", "metadata")
    yield from _attributes(loaded, head, "/document/metadata", known)
    for task in tasks:
        metadata, at = mapping(task.body, "metadata"), f"{task.pointer}/metadata"
        yield from _attributes(loaded, metadata, at, known)
        if "temporal" in metadata:
            yield from _temporal(loaded, task, f"{at}/temporal", catalog)


def _attributes(
    loaded: Loaded, metadata: dict[str, JsonValue], at: str, known: frozenset[str]
) -> Iterator[Finding]:
    for name in mapping(metadata, "searchAttributes"):
        if name not in known:
            yield loaded.error(
                UNKNOWN_ATTRIBUTE,
                f"{at}/searchAttributes/{escaped(name)}",
                f"The namespace has no search attribute `{name}` that a definition may set.",
                did_you_mean(name, known),
                of_key=True,
            )


def _temporal(loaded: Loaded, task: TaskAt, at: str, catalog: Catalog) -> Iterator[Finding]:
    reached = callee(task.body, loaded.value, catalog)
    options, why = _allowed(task, reached)
    settings = part(task.body, "metadata", "temporal")
    if not options:
        yield loaded.error(
            WRONG_OPTION, at, f"{why} takes no `metadata.temporal`.", "Take it away.", of_key=True
        )
        return
    yield from _settings(loaded, settings, options, at, "metadata.temporal")
    if isinstance(settings, dict):
        if isinstance(settings.get("retry"), dict):
            where = "metadata.temporal.retry"
            yield from _settings(loaded, settings["retry"], _RETRY, f"{at}/retry", where)
        yield from _contradictions(loaded, settings, at)
        yield from _queue(loaded, settings, reached, at)


def _allowed(task: TaskAt, reached: Callee | None) -> tuple[dict[str, _Option], str]:
    """The settings of the task; where it has none, what it is."""
    if task.kind != "call":
        return _OF_KIND.get(task.kind or "call", {}), f"`{task.kind}` runs in the workflow, and"
    if reached is not None and reached.kind == "function":
        return {}, "A function of `use.functions` has settings of its own; its call"
    if reached is not None and reached.kind == "approval":
        return {}, "An approval is a task for people, and"
    if reached is not None and isinstance(reached.entry, WorkflowEntry):
        return _CHILD, ""
    return _CALL, ""


def _queue(
    loaded: Loaded, settings: dict[str, JsonValue], reached: Callee | None, at: str
) -> Iterator[Finding]:
    entry = reached.entry if reached is not None else None
    if "activity" in settings and "taskQueue" not in settings and entry is None:
        yield loaded.error(
            WRONG_OPTION,
            at,
            "`activity` names an activity outside the catalog, and no `taskQueue` says where it"
            " runs.",
            "Give `taskQueue`, the queue that its workers poll.",
            of_key=True,
        )
    is_elsewhere = not isinstance(entry, ActivityEntry) or entry.queue != HOME
    if settings.get("local") is True and is_elsewhere and not getattr(entry, "is_local", False):
        yield loaded.error(
            WRONG_OPTION,
            f"{at}/local",
            "A local activity runs in the worker of the definition itself, which does not have"
            " this one.",
            "Take `local` away.",
        )


def _settings(
    loaded: Loaded, settings: JsonValue, options: dict[str, _Option], at: str, where: str
) -> Iterator[Finding]:
    if not isinstance(settings, dict):
        yield loaded.error(WRONG_OPTION, at, f"`{where}` is no mapping.", "")
        return
    for name, value in settings.items():
        option = options.get(name)
        if option is None:
            message = f"There is no setting `{name}` in `{where}`."
            remedy = did_you_mean(name, options)
            yield loaded.error(WRONG_OPTION, f"{at}/{escaped(name)}", message, remedy, of_key=True)
        elif not option.fits(value):
            message = f"`{where}.{name}` must be {option.expected}."
            yield loaded.error(WRONG_OPTION, f"{at}/{name}", message)


def _contradictions(loaded: Loaded, settings: dict[str, JsonValue], at: str) -> Iterator[Finding]:
    for shorter, longer in (
        ("startToClose", "scheduleToClose"),
        ("heartbeat", "startToClose"),
        ("scheduleToStart", "scheduleToClose"),
    ):
        first, second = length_s(settings.get(shorter)), length_s(settings.get(longer))
        if first is not None and second is not None and first > second:
            yield loaded.error(
                WRONG_DURATIONS,
                f"{at}/{shorter}",
                f"`{shorter}` ({first:g} s) is longer than `{longer}` ({second:g} s).",
                f"Make `{longer}` at least as long.",
            )
    retry = mapping(settings, "retry")
    first, most = length_s(retry.get("initialInterval")), length_s(retry.get("maximumInterval"))
    if first is not None and most is not None and first > most:
        yield loaded.error(
            WRONG_DURATIONS,
            f"{at}/retry/initialInterval",
            f"`initialInterval` ({first:g} s) is longer than `maximumInterval` ({most:g} s).",
            "Make `maximumInterval` at least as long.",
        )
