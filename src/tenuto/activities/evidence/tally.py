"""What the ledger says about runs: which are in it, and which have to come."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import AwareDatetime, JsonValue

from tenuto.core.records import Record
from tenuto.evidence.ledger import Ledger
from tenuto.evidence.record import Entry

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
            self.closed.append((entry.happened_at, str(data["status"])))
            self.runs.add((str(data["workflow_id"]), str(data["run_id"])))
            started = datetime.fromisoformat(str(data["started_at"]))
            known = self.started.setdefault(str(data["workflow_id"]), started)
            self.started[str(data["workflow_id"])] = min(known, started)
            if data["parent"] is None:  # children carry the permit of their root
                self.permits_used.update(_texts(data["permit"], "jti"))
            self.children.update(_children(data["children"]))
        elif entry.kind == "permit" and data.get("schedule") is None:
            self.permits[str(data.get("jti"))] = (entry.happened_at, str(data.get("wid")))
        elif data.get("what") == EXPLAINED:
            self.explained.add(str(data.get("workflow_id")))

    def has(self, run: Awaited) -> bool:
        """Whether the ledger has the run, or somebody's explanation why not."""
        if run.workflow_id in self.explained:
            return True
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


def _children(value: JsonValue) -> Iterator[tuple[str, str]]:
    for child in value if isinstance(value, list) else ():
        if isinstance(child, dict):
            yield str(child["workflow_id"]), str(child["run_id"])
