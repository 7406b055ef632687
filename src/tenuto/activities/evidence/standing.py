"""Whether the ledger is the one that the exporter wrote to last time."""

from tenuto.catalog.library.evidence.models import Head
from tenuto.core.errors import CorruptError
from tenuto.evidence.checkpoint import SignedCheckpoint
from tenuto.evidence.ledger import Ledger


def head_of(newest: SignedCheckpoint) -> Head:
    """What the exporter remembers of a checkpoint."""
    sealed = newest.checkpoint
    return Head(size=sealed.size, root=sealed.root, head=sealed.head)


def refuse_other_ledger(ledger: Ledger, remembered: Head | None) -> None:
    """Raises CorruptError where the ledger has lost what is remembered, or has it otherwise.

    `evidence.rolled-back` and `evidence.forked`. A ledger that went further is fine: an exporter
    that was killed after its last record had no time to remember it.
    """
    if remembered is None:
        return
    sizes = ledger.sizes()
    if remembered.size not in sizes:
        raise CorruptError(
            f"The ledger {ledger.place.url} has {sizes[-1] if sizes else 0} records, and the"
            f" exporter's last checkpoint was of {remembered.size}: somebody removed the newest, or"
            " another ledger lies there. Nothing is added to it. Restore it from a copy; `tenuto"
            " audit verify` then says whether it is whole.",
            code="evidence.rolled-back",
        )
    if head_of(ledger.checkpoint(remembered.size)) != remembered:
        raise CorruptError(
            f"The first {remembered.size} records of {ledger.place.url} are not those that the"
            " exporter wrote: the ledger was rewritten. Nothing is added to it. Restore it from a"
            " copy.",
            code="evidence.forked",
        )
