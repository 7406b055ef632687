"""Erasure: the key goes, the hashes stay."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from pydantic import JsonValue

from tenuto.cli.audit.places import project_evidence, record
from tenuto.core.errors import PolicyDenied
from tenuto.engine.settings import Settings
from tenuto.evidence.ledger import Ledger
from tenuto.identity.data_keys import DataKeyFile


def erase(settings: Settings, ledger: Ledger, keys: Sequence[str], who: str, reason: str) -> None:
    """Destroys the payload keys, in order, and records each.

    Raises PolicyDenied `evidence.legal-hold` under a hold, before anything is destroyed, and what
    `DataKeyFile.destroy` raises.
    """
    hold = _hold(settings, ledger)
    if hold is not None:
        raise PolicyDenied(
            f"A legal hold forbids to erase anything: {hold}. Lift it first: `tenuto audit hold"
            " --lift --reason TEXT`.",
            code="evidence.legal-hold",
        )
    file = DataKeyFile(settings.keys_path)
    for key in keys:
        told = {"key": key, "principal": who, "reason": reason}
        # Recorded before, so that no key is ever gone without a word.
        record(settings, "erase", {**told, "state": "begun"})
        file.destroy(key, datetime.now(UTC))
        record(settings, "erase", {**told, "state": "destroyed"})


def _hold(settings: Settings, ledger: Ledger) -> str | None:
    """The reason of the hold that is in force, if one is."""
    reason = None
    for state, why in _holds(settings, ledger):
        reason = why if state == "held" else None
    return reason


def _holds(settings: Settings, ledger: Ledger) -> Iterator[tuple[str, str]]:
    for line in ledger.all_lines():
        if line.record.entry.kind == "legal_hold":
            yield _told(line.record.entry.data)
    for waiting in project_evidence(settings).spool.take():
        if waiting.kind == "legal_hold":
            yield _told(waiting.data)


def _told(data: dict[str, JsonValue]) -> tuple[str, str]:
    return str(data["state"]), str(data["reason"])
