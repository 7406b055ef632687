"""Everything that the ledger says about one run."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from tenuto.core.errors import NotFoundError
from tenuto.evidence.checkpoint import SignedCheckpoint
from tenuto.evidence.ledger import Ledger, Line
from tenuto.evidence.merkle import Hashes, inclusion_proof, leaf_hash
from tenuto.evidence.record import Entry


@dataclass(frozen=True, kw_only=True)
class Dossier:
    """The records about a run, its children, and its tasks, in the order they were recorded."""

    run: str
    """Workflow id."""
    lines: tuple[Line, ...]
    checkpoint: SignedCheckpoint
    """Of the whole ledger."""
    leaves: tuple[bytes, ...]
    """Of the whole ledger."""

    def of(self, *kinds: str) -> list[Entry]:
        """The entries of these kinds."""
        return [line.record.entry for line in self.lines if line.record.entry.kind in kinds]

    def proof(self, line: Line) -> Hashes:
        """That the record is in the ledger."""
        return inclusion_proof(self.leaves, line.record.seq)


def find_dossier(ledger: Ledger, run: str) -> Dossier:
    """What the ledger says about the run with that workflow id or run id.

    Reads the whole ledger, twice. Raises NotFoundError `evidence.no-run` for one it does not know,
    and what reading a damaged ledger raises.
    """
    newest = ledger.newest()
    workflow_id, names = _names(ledger.all_lines(), run)
    if newest is None or not names:
        raise NotFoundError(
            f"The ledger {ledger.place.url} has no run `{run}`. A run is there once it has closed"
            " and was exported: `tenuto audit export`.",
            code="evidence.no-run",
        )
    lines, leaves = [], []
    for line in ledger.all_lines():
        if line.record.seq >= newest.checkpoint.size:
            break
        leaves.append(leaf_hash(line.data))
        lines.append(line)
    chosen = _closure(lines, names)
    return Dossier(run=workflow_id, lines=tuple(chosen), checkpoint=newest, leaves=tuple(leaves))


def _names(lines: Iterable[Line], run: str) -> tuple[str, set[str]]:
    """The workflow id, and everything that belongs to the run: it, its children, their permits."""
    workflow_id, names = "", set[str]()
    held: list[dict[str, JsonValue]] = []
    for line in lines:
        entry = line.record.entry
        if entry.kind == "run":
            held.append(entry.data)
            if run in (entry.data["workflow_id"], entry.data["run_id"]):
                workflow_id = str(entry.data["workflow_id"])
    for data in held:
        if workflow_id and workflow_id in (data["workflow_id"], data["root"]):
            names.add(str(data["workflow_id"]))
            names.update(_said(data))
    return workflow_id, names


def _said(data: dict[str, JsonValue]) -> set[str]:
    """Permits, tickets, and policies that a run's record names."""
    messages = data["messages"] if isinstance(data["messages"], list) else []
    return {
        str(each[key])
        for each in (data["permit"], *messages)
        if isinstance(each, dict)
        for key in ("jti", "policy")
        if each.get(key)
    }


def _closure(lines: Sequence[Line], names: set[str]) -> list[Line]:
    """The records about these names, and those that they lead to: a permit to the decision that
    it stands for, a decision to its policy."""
    while True:
        chosen = [line for line in lines if _subjects(line.record.entry) & names]
        more = {name for line in chosen for name in _leads_to(line.record.entry)} - names
        if not more:
            return chosen
        names = names | more


def _subjects(entry: Entry) -> set[str]:
    data = entry.data
    resource = data.get("resource")
    about = [data.get(key) for key in ("workflow_id", "task_id", "jti", "digest", "wid")]
    if isinstance(resource, dict):
        about.append(resource.get("id"))
    return {entry.id, *(each for each in about if isinstance(each, str))}


def _leads_to(entry: Entry) -> set[str]:
    wanted = {"permit": ("decision", "pol")}.get(entry.kind, ("policy",))
    return {str(entry.data[key]) for key in wanted if entry.data.get(key)}
