"""Something that arrived, and what a trigger makes of it: taken or not, which input, which id."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pydantic import JsonValue

from tenuto.core.errors import DataError
from tenuto.core.problem import Fault
from tenuto.definitions.expressions import evaluate, evaluate_template, expression_in, holds
from tenuto.triggers.events.model import Start

Kind = Literal["webhook", "event", "file"]

VARIABLES: dict[Kind, frozenset[str]] = {
    "webhook": frozenset({"id", "headers"}),
    "event": frozenset({"id", "event"}),
    "file": frozenset({"id"}),
}
"""What expressions may read beside the data."""

_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@+/-]{0,199}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrival:
    """A delivery that was proved to be the sender's, an event, or a file."""

    kind: Kind
    trigger: str
    """Name of the trigger; of an event `<source>/<route>`."""
    event_id: str
    """Who has seen it has seen the event."""
    data: JsonValue
    variables: Mapping[str, JsonValue] = field(default_factory=dict)


def is_taken(arrival: Arrival, condition: str | None) -> bool:
    """Whether the trigger's filter lets it through. Raises DataError `triggers.mapping-failed`."""
    if condition is None:
        return True
    try:
        return holds(expression_in(condition), arrival.data, arrival.variables)
    except Fault as fault:
        raise _failed("filter", fault) from fault


def mapped(arrival: Arrival, template: JsonValue, what: str = "input") -> JsonValue:
    """The value of a template over what arrived. Raises DataError `triggers.mapping-failed`."""
    try:
        return evaluate_template(template, arrival.data, arrival.variables)
    except Fault as fault:
        raise _failed(what, fault) from fault


def run_id(arrival: Arrival, start: Start) -> str:
    """The id of the run that it starts: the same for the same event, whoever asks and when.

    It begins with the trigger's kind and name, so that no sender reaches the runs of others.
    Raises DataError `triggers.mapping-failed`, `triggers.bad-id`.
    """
    if start.id is None:
        return f"{arrival.kind}/{arrival.trigger}/{digest(arrival.event_id)}"
    try:
        found = evaluate(expression_in(start.id), arrival.data, arrival.variables)
    except Fault as fault:
        raise _failed("id", fault) from fault
    is_number = isinstance(found, int) and not isinstance(found, bool)
    word = str(found) if is_number else found
    if not isinstance(word, str) or not _RUN_ID.fullmatch(word):
        raise DataError(
            f"The expression of `id` gave {_shown(found)}; expected 1 to 200 letters, digits, and"
            " `. _ : @ + / -`, the first a letter or digit.",
            code="triggers.bad-id",
        )
    return f"{arrival.kind}/{arrival.trigger}/{word}"


def digest(event_id: str) -> str:
    """32 hexadecimal digits that stand for an event's id, whatever characters it has."""
    return hashlib.sha256(event_id.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _failed(what: str, fault: Fault) -> DataError:
    return DataError(
        f"`{what}` cannot be made of what was sent: {fault.message}",
        code="triggers.mapping-failed",
        details={"part": what},
    )


def _shown(value: JsonValue) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
