"""What a schedule with `next_run` starts: a run that does the one it names, and asks its result."""

from dataclasses import dataclass

from pydantic import JsonValue
from pydantic_core import to_jsonable_python

from tenuto.catalog.check import arguments
from tenuto.triggers.definitions import request_of
from tenuto.triggers.schedules.facts import Facts
from tenuto.triggers.schedules.model import Pace, ScheduledStart
from tenuto.triggers.schedules.pacing.catalog import paced_run
from tenuto.triggers.schedules.pacing.models import PacedStart
from tenuto.triggers.schedules.targets import OfCatalog, OfDefinition, Target
from tenuto.workflows.interpreter.entry import definition


@dataclass(frozen=True, kw_only=True, slots=True)
class OfPaced(OfCatalog):
    """The paced run of another target."""

    inner: Target

    @property
    def workflow(self) -> str:
        """What rules call it: what is done, not what does it."""
        return self.inner.workflow

    @property
    def listed_as(self) -> str:
        """What a list of schedules calls it: what is done, too."""
        return self.inner.listed_as

    def named(self, start: ScheduledStart) -> str:
        """What its runs are called; the run that is done is `<that>/run`."""
        return self.inner.named(start)


def paced(start: ScheduledStart, inner: Target, pace: Pace) -> OfPaced:
    """`inner`, whose result says when the next one is."""
    request = PacedStart(
        schedule_id=start.id,
        type_name=_type_name(inner),
        queue=_queue(inner),
        arguments=tuple(_arguments(inner)),
        execution_timeout_s=_timeout_s(inner),
        found_by={pair.key.name: str(pair.value) for pair in inner.found_by},
        summary=inner.workflow,
        path=pace.path,
        at_least_s=pace.at_least.total_seconds(),
        at_most_s=pace.at_most.total_seconds(),
    )
    return OfPaced(entry=paced_run, request=request, inner=inner)


def keeps_moment(before: Facts, after: Facts) -> bool:
    """Whether the next start that a run decided still holds: the same workflow decides it, at the
    same place in its result, within the same bounds."""
    old, new = _pace(before), _pace(after)
    return old is not None and old == new


def _pace(facts: Facts) -> tuple[JsonValue, ...] | None:
    given = facts.get("input")
    if facts.get("workflow") != paced_run.type_name or not isinstance(given, dict):
        return None
    return tuple(given.get(name) for name in ("type_name", "path", "at_least_s", "at_most_s"))


def _type_name(inner: Target) -> str:
    return definition.type_name if isinstance(inner, OfDefinition) else inner.entry.type_name


def _queue(inner: Target) -> str:
    return definition.queue if isinstance(inner, OfDefinition) else inner.entry.queue


def _arguments(inner: Target) -> list[JsonValue]:
    if isinstance(inner, OfDefinition):
        given = [request_of(inner.plan, inner.value)]
    else:
        given = list(arguments(inner.entry, inner.request))
    return [to_jsonable_python(each) for each in given]


def _timeout_s(inner: Target) -> float | None:
    if isinstance(inner, OfDefinition) or inner.entry.execution_timeout is None:
        return None
    return inner.entry.execution_timeout.total_seconds()
