"""A checkpoint that is kept somewhere else."""

from tenuto.artifacts.drivers import open_place
from tenuto.core.errors import UsageError
from tenuto.evidence.checkpoint import SignedCheckpoint


def write_pin(checkpoint: SignedCheckpoint, target: str) -> None:
    """Writes the note to a new file. Raises UsageError `evidence.pin-exists` where one is there."""
    folder, _, name = target.rpartition("/")
    place = open_place(folder or ".")
    if not place.create(name, checkpoint.note.encode()):
        raise UsageError(
            f"{target} exists. A pin is never replaced: give the new one another name.",
            code="evidence.pin-exists",
        )
