"""The events that come in a rehearsal to which nobody gave any."""

from collections.abc import Iterator

from pydantic import JsonValue

from tenuto.cli.definitions.page import tasks_of
from tenuto.core.problem import Fault
from tenuto.definitions.expressions import evaluate_template, is_expression, paths_read
from tenuto.definitions.plan import Correlation, Filter, ListenTask, Plan, Template

REHEARSED_RUN = "rehearsal"
"""`$workflow.id` in a rehearsal."""
_KEY = "sample"
"""What events that belong together have in common, where nothing says what it is."""

Event = dict[str, JsonValue]


def sample_events(plan: Plan, value: JsonValue) -> Iterator[JsonValue]:
    """One event for each filter of each listener.

    Its attributes are what the filter asks for, as far as that is literal or follows from the
    run's input `value`. Events of a listener have the same correlation keys.
    """
    listeners = [task for task in tasks_of(plan.do) if isinstance(task, ListenTask)]
    for number, taken in enumerate(each for task in listeners for each in task.filters):
        yield _event(taken, number + 1, value)


def _event(taken: Filter, number: int, value: JsonValue) -> Event:
    event: Event = {
        "specversion": "1.0",
        "id": f"sample-{number}",
        "source": "rehearsal",
        "type": "rehearsal.event",
        "subject": REHEARSED_RUN,
        "data": {},
    }
    for name, wanted in taken.with_.items():
        known = _known(wanted, value)
        if known is not None and not (isinstance(known, bool) and is_expression(wanted)):
            event[name] = known
    for correlation in taken.correlate.values():
        _correlate(event, correlation, value)
    return event


def _correlate(event: Event, correlation: Correlation, value: JsonValue) -> None:
    """Puts the key where the correlation reads it, if that is a plain path."""
    read = [each.path for each in paths_read(correlation.from_) if each.root == "."]
    if len(read) != 1 or not all(isinstance(part, str) for part in read[0]):
        return
    expected = None if correlation.expect is None else _known(correlation.expect, value)
    *outer, last = map(str, read[0])
    place: JsonValue = event
    for part in outer:
        place = place.setdefault(part, {}) if isinstance(place, dict) else None
    if isinstance(place, dict):
        place[last] = _KEY if expected is None else expected


def _known(wanted: Template, value: JsonValue) -> JsonValue:
    """What a template gives for the run's input; None where more has to be known."""
    run: JsonValue = {"id": REHEARSED_RUN, "input": value}
    try:
        return evaluate_template(wanted, value, {"context": value, "input": value, "workflow": run})
    except Fault:
        return None
