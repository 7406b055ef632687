"""Which of the events that came a listener takes."""

from collections.abc import Iterable, Mapping, Sequence

from pydantic import JsonValue

from tenuto.core.problem import Fault
from tenuto.definitions.expressions import evaluate, evaluate_template, is_expression
from tenuto.definitions.plan import Correlation, Filter, ListenTask, Template
from tenuto.workflows.interpreter.cloud_events import CloudEvent
from tenuto.workflows.interpreter.guards import Pace
from tenuto.workflows.interpreter.inbox import Kept
from tenuto.workflows.interpreter.step import Step

_SHOWN = 5

Keys = dict[str, JsonValue]
"""Correlation -> value that an event gives for it."""


class EventChoice:
    """What one `listen` waits for. Every event is held against every filter once.

    `one` and `any` take the first event that passes a filter. `all` takes one event for each
    filter, nothing before they are all there; where an event could serve several filters, it
    serves the one that lets the others be served. An event that an expression fails on does not
    pass: what others send must not end the run. The query `pending` shows such failures.
    """

    def __init__(self, task: ListenTask, step: Step) -> None:
        self._task = task
        self._filters = [EventFilter(each, step) for each in task.filters]
        self._passed: dict[int, list[Keys | None]] = {}
        """Number of an event -> what it gives each filter; None for one that it does not pass."""
        self._failures: dict[int, str] = {}

    def is_behind(self, kept: Iterable[Kept]) -> bool:
        """Whether an event that matters has to be read before anything can be chosen."""
        for each in kept:
            if each.number not in self._passed:
                return True
            if self._is_enough(each):
                return False
        return False

    async def read(self, kept: Iterable[Kept], pace: Pace) -> None:
        """Holds the events that matter against the filters; waits where `pace` says so."""
        for each in kept:
            if each.number not in self._passed:
                self._passed[each.number] = [
                    await self._keys(wanted, each, pace) for wanted in self._filters
                ]
            if self._is_enough(each):
                return

    def choose(self, kept: tuple[Kept, ...]) -> tuple[Kept, ...]:
        """The events to take, in order of arrival; none while one is missing.

        Nothing is evaluated here: it is asked whenever anything happens to the run.
        """
        self._forget_others(kept)
        kept = tuple(each for each in kept if each.number in self._passed)
        if self._task.mode == "all":
            return self._all_of(kept)
        return next(((each,) for each in kept if self._passes_one(each)), ())

    def view(self) -> dict[str, JsonValue]:
        """As the query `pending` shows it."""
        shown: dict[str, JsonValue] = {
            "task": self._task.name,
            "at": self._task.at,
            "mode": self._task.mode,
            "filters": [each.with_ for each in self._task.filters],
        }
        if self._failures:
            latest: list[JsonValue] = [*self._failures.values()]
            shown["failed_on"] = latest[-_SHOWN:]
        return shown

    def _is_enough(self, event: Kept) -> bool:
        return self._task.mode != "all" and self._passes_one(event)

    def _passes_one(self, event: Kept) -> bool:
        """Whether it passes a filter; without filters every event does."""
        keys = self._passed[event.number]
        return not keys or any(each is not None for each in keys)

    def _all_of(self, kept: tuple[Kept, ...]) -> tuple[Kept, ...]:
        placing = _Placing(self._filters)
        for each in kept:
            placing.place(each, self._passed[each.number])
        return placing.complete()

    async def _keys(self, wanted: "EventFilter", event: Kept, pace: Pace) -> Keys | None:
        await pace.step()
        try:
            return wanted.keys(event.event)
        except Fault as failure:
            self._failures[event.number] = f"event {event.number}: {failure.message}"
            return None

    def _forget_others(self, kept: tuple[Kept, ...]) -> None:
        if len(self._passed) > len(kept):
            numbers = {each.number for each in kept}
            self._passed = {n: keys for n, keys in self._passed.items() if n in numbers}
            self._failures = {n: text for n, text in self._failures.items() if n in numbers}


class EventFilter:
    """One filter, its expectations evaluated over the listening task's input."""

    def __init__(self, wanted: Filter, step: Step) -> None:
        self._with = wanted.with_
        self._correlate = wanted.correlate
        self._variables = step.variables
        self.expected: Keys = {
            name: step.evaluate(each.expect)
            for name, each in wanted.correlate.items()
            if each.expect is not None
        }

    def keys(self, event: CloudEvent) -> Keys | None:
        """What the event gives for the correlations; None when it does not pass.

        An attribute's expression sees the whole event, the one of `data` the data. It passes
        with true; where it gives anything but a boolean, the attribute must equal that. All else
        is literal. An event without a value for a correlation does not pass. Raises Fault
        `expression` where an expression fails on the event.
        """
        if not all(self._holds(name, wanted, event) for name, wanted in self._with.items()):
            return None
        keys = {name: self._key(each, event) for name, each in self._correlate.items()}
        fits = all(
            value is not None and same(value, self.expected.get(name, value))
            for name, value in keys.items()
        )
        return keys if fits else None

    def _holds(self, name: str, wanted: Template, event: CloudEvent) -> bool:
        sees = event.get("data") if name == "data" else event
        found = evaluate_template(wanted, sees, self._variables)
        if isinstance(found, bool) and is_expression(wanted):
            return found
        return name in event and same(event[name], found)

    def _key(self, correlation: Correlation, event: CloudEvent) -> JsonValue:
        return evaluate(correlation.from_, event, self._variables)


class _Placing:
    """Events placed at the filters of an `all`, one at each, as they come."""

    def __init__(self, filters: Sequence[EventFilter]) -> None:
        self._held: list[Kept | None] = [None] * len(filters)
        self._fits: dict[int, list[int]] = {}
        self._tied: Keys = {}

    def place(self, event: Kept, keys: Sequence[Keys | None]) -> None:
        """Places the event where it fits, moving earlier ones where that makes room.

        The first event placed says what a correlation without expectation must be.
        """
        fitting = [at for at, each in enumerate(keys) if each is not None and self._is_tied(each)]
        self._fits[event.number] = fitting
        if not self._make_room(event, set()):
            return
        at = self._held.index(event)
        self._tied = {**(keys[at] or {}), **self._tied}

    def complete(self) -> tuple[Kept, ...]:
        """The events in order of arrival; none while a filter has none."""
        held = [each for each in self._held if each is not None]
        if len(held) < len(self._held):
            return ()
        return tuple(sorted(held, key=lambda each: each.number))

    def _is_tied(self, keys: Keys) -> bool:
        return all(same(value, self._tied.get(name, value)) for name, value in keys.items())

    def _make_room(self, event: Kept, asked: set[int]) -> bool:
        """Places `event`, along an augmenting path of the matching between events and filters."""
        for at in self._fits[event.number]:
            if at in asked:
                continue
            asked.add(at)
            holder = self._held[at]
            if holder is None or self._make_room(holder, asked):
                self._held[at] = event
                return True
        return False


def same(one: JsonValue, other: JsonValue) -> bool:
    """Whether two JSON values are equal: `1` and `1.0` are, `1` and `true` are not."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    return one == other
