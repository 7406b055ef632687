"""Where the evidence of this process is kept, so that an activity body need not be told."""

import threading
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tenuto.artifacts.drivers import open_place
from tenuto.core.errors import UsageError
from tenuto.evidence.ledger import Ledger
from tenuto.evidence.spool import Spool
from tenuto.identity.keys import KeyFolder

_lock = threading.Lock()
_chosen: "EvidenceHome | None" = None


@dataclass(frozen=True, kw_only=True)
class EvidenceHome:
    """Ledger, spool, and keys of one installation."""

    url: str
    """Of the folder of all ledgers, any fsspec URL."""
    spool: Spool
    keys: KeyFolder

    def ledger(self, namespace: str) -> Ledger:
        """The ledger of one namespace. Raises as `open_place`."""
        return open_ledger(self.url, namespace)


def open_ledger(url: str, namespace: str) -> Ledger:
    """The ledger of a namespace below `url`. Raises as `open_place`."""
    named = quote(namespace, safe="")
    return Ledger(open_place(f"{url.rstrip('/')}/{named}"), f"tenuto/{named}")


def evidence_home(ledger_url: str, spool_folder: Path, keys_folder: Path) -> EvidenceHome:
    """The home in these places; nothing is read or written yet."""
    return EvidenceHome(url=ledger_url, spool=Spool(spool_folder), keys=KeyFolder(keys_folder))


def use_evidence(home: EvidenceHome | None) -> None:
    """Makes `home` the one that `current_evidence` returns in every thread; None forgets it."""
    global _chosen
    with _lock:
        _chosen = home


def current_evidence() -> EvidenceHome:
    """The home given to `use_evidence`. Raises UsageError `evidence.no-ledger` where none was."""
    with _lock:
        if _chosen is None:
            raise UsageError(
                "No ledger is set in this process. `tenuto up` and `tenuto worker` set it; in a"
                " worker of your own call `tenuto.evidence.home.use_evidence` first.",
                code="evidence.no-ledger",
            )
        return _chosen
