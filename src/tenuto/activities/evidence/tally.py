"""What the ledger says about runs: which are in it, and which have to come."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import AwareDatetime, JsonValue

from tenuto.core.records import Record
from tenuto.evidence.ledger import Ledger
from tenuto.evidence.record import Entry

EXPORTER = "s:tenuto"
"""Who starts the exporter itself, which needs nobody's decision."""
EXPLAINED = "gap_explained"
"""What an administrator records to say that a missing run is known about, and why."""


class Awaited(Record):
    """A run that has to be in the ledger some day."""

    workflow_id: str
    run_id: str = ""
    """Empty where only a permit tells of it."""
    permit: str = ""
    """Name (`jti`) of the permit."""
    issued: AwareDatetime | None = None
    """When the permit was."""
    teller: str = ""
    """Who told the run something, where that is all it is awaited for."""
    is_unrecorded: bool = False
    """The run is here; what is awaited is the record of its permit, or of what `teller` told it,
    from the spool of the machine where that was allowed."""

    def is_refused_for(self, started_at: datetime) -> bool:
        """Whether a run of this id was there before the permit: the start was refused then."""
        return self.issued is not None and started_at < self.issued


@dataclass
class Tally:
    """What the ledger says about the runs since the last count."""

    closed: list[tuple[datetime, str]] = field(default_factory=list)
    """When each run closed, and how."""
    runs: set[tuple[str, str]] = field(default_factory=set)
    permits_used: set[str] = field(default_factory=set)
    used: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    """Permit -> the run that it started, and when that closed."""
    told: dict[tuple[str, str], datetime] = field(default_factory=dict)
    """Workflow id and who told it something by a ticket -> when the run closed."""
    issued: set[str] = field(default_factory=set)
    """Every permit that a spool told of."""
    allowed: set[tuple[str, str]] = field(default_factory=set)
    """Id of a resource, and who was allowed something on it."""
    permits: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    """Permit -> when it was issued, and for which workflow id."""
    started: dict[str, datetime] = field(default_factory=dict)
    """Workflow id -> when its first run that is here was started."""
    children: set[tuple[str, str]] = field(default_factory=set)
    explained: set[str] = field(default_factory=set)
    """Workflow ids of missing runs that somebody answered for."""

    def add(self, entry: Entry) -> None:
        """Takes in a record."""
        data = entry.data
        if entry.kind == "run":
            self._add_signed(entry)
            self.closed.append((entry.happened_at, str(data["status"])))
            self.runs.add((str(data["workflow_id"]), str(data["run_id"])))
            started = datetime.fromisoformat(str(data["started_at"]))
            known = self.started.setdefault(str(data["workflow_id"]), started)
            self.started[str(data["workflow_id"])] = min(known, started)
            if data["parent"] is None:  # children carry the permit of their root
                self.permits_used.update(_texts(data["permit"], "jti"))
            self.children.update(_children(data["children"]))
        elif entry.kind == "permit":
            self.issued.add(str(data.get("jti")))
            if data.get("schedule") is None:
                self.permits[str(data.get("jti"))] = (entry.happened_at, str(data.get("wid")))
        elif entry.kind == "decision":
            self.allowed.update((each, str(data.get("principal"))) for each in _resource(data))
        elif data.get("what") == EXPLAINED:
            self.explained.add(str(data.get("workflow_id")))

    def has(self, run: Awaited) -> bool:
        """Whether the ledger has the run, or somebody's explanation why not."""
        if run.workflow_id in self.explained:
            return True
        if run.is_unrecorded:
            return run.permit in self.issued or (run.workflow_id, run.teller) in self.allowed
        if run.permit:
            started = self.started.get(run.workflow_id)
            is_refused = started is not None and run.is_refused_for(started)
            return is_refused or run.permit in self.permits_used
        return (run.workflow_id, run.run_id) in self.runs

    def awaited(self) -> Iterator[Awaited]:
        """Runs that permits and parents tell of."""
        for permit, (issued, workflow_id) in self.permits.items():
            yield Awaited(workflow_id=workflow_id, permit=permit, issued=issued)
        for workflow_id, run_id in self.children:
            yield Awaited(workflow_id=workflow_id, run_id=run_id)

    def unrecorded(self, before: datetime) -> Iterator[Awaited]:
        """What was signed for runs that closed before that moment, and no spool told of."""
        signed = [
            (Awaited(workflow_id=run, permit=permit, is_unrecorded=True), closed)
            for permit, (run, closed) in self.used.items()
        ]
        signed += [
            (Awaited(workflow_id=run, teller=teller, is_unrecorded=True), closed)
            for (run, teller), closed in self.told.items()
        ]
        for each, closed in signed:
            if closed < before and not self.has(each):
                yield each

    def _add_signed(self, entry: Entry) -> None:
        data, run = entry.data, str(entry.data["workflow_id"])
        permit, messages = data["permit"], data["messages"]
        if data["parent"] is None and isinstance(permit, dict) and permit.get("sub") != EXPORTER:
            for jti in _texts(permit, "jti"):
                self.used[jti] = (run, entry.happened_at)
        for message in messages if isinstance(messages, list) else ():
            for teller in _texts(message, "by"):
                self.told[run, teller] = entry.happened_at


def tally(ledger: Ledger, since: datetime | None) -> Tally:
    """What the ledger recorded since the moment, or ever."""
    lines = ledger.lines_since(since) if since else ledger.all_lines()
    counted = Tally()
    for line in lines:
        counted.add(line.record.entry)
    return counted


def _texts(value: JsonValue, key: str) -> Iterator[str]:
    if isinstance(value, dict) and isinstance(value.get(key), str):
        yield str(value[key])


def _resource(data: Mapping[str, JsonValue]) -> Iterator[str]:
    yield from _texts(data.get("resource"), "id")


def _children(value: JsonValue) -> Iterator[tuple[str, str]]:
    for child in value if isinstance(value, list) else ():
        if isinstance(child, dict):
            yield str(child["workflow_id"]), str(child["run_id"])
