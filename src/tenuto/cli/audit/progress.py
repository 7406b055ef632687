"""A bar while the ledger is read."""

from collections.abc import Sequence

from tenuto.cli.output import Output
from tenuto.evidence.checkpoint import SignedCheckpoint
from tenuto.evidence.ledger import Ledger
from tenuto.evidence.verify import Verification, verify
from tenuto.identity.keys import KeyRing


def verified(
    output: Output, ledger: Ledger, ring: KeyRing, pins: Sequence[SignedCheckpoint]
) -> Verification:
    """The verdict; a person who waits sees how far it is."""
    if not output.is_animated:
        return verify(ledger, ring, pins)
    from rich.progress import Progress

    with Progress(console=output.console(stderr=True), transient=True) as bar:
        task = bar.add_task("Reading the ledger", total=None)
        return verify(
            ledger, ring, pins, lambda done, of: bar.update(task, completed=done, total=of)
        )
