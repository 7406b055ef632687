"""Erasure: the key goes, the hashes stay."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from pydantic import JsonValue

from tenuto.cli.audit.places import project_evidence, record
from tenuto.core.errors import PolicyDenied
from tenuto.engine.settings import Settings
from tenuto.evidence.ledger import Ledger
from tenuto.identity.data_keys import DataKey, DataKeyFile


def erasable(settings: Settings, ledger: Ledger, keys: Sequence[str]) -> list[DataKey]:
    """The payload keys of these names.

    Raises PolicyDenied `evidence.legal-hold` under a hold, and what `DataKeyFile.destroy` raises.
    """
    hold = _hold(settings, ledger)
    if hold is not None:
        raise PolicyDenied(
            f"A legal hold forbids to erase anything: {hold}. Lift it first: `tenuto audit hold"
            " --lift --reason TEXT`.",
            code="evidence.legal-hold",
        )
    file = DataKeyFile(settings.keys_path)
    return [file.destroyable(key) for key in keys]


def erase(settings: Settings, keys: Sequence[DataKey], who: str, reason: str) -> None:
    """Destroys the payload keys, in order, and records each. Raises as `DataKeyFile.destroy`."""
    file = DataKeyFile(settings.keys_path)
    for key in keys:
        told = {"key": key.kid, "principal": who, "reason": reason}
        # Recorded before, so that no key is ever gone without a word.
        record(settings, "erase", {**told, "state": "begun"})
        file.destroy(key.kid, datetime.now(UTC))
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
