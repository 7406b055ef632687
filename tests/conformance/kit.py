"""The specification's conformance kit, read from where it lies, outside this repository."""

import os
from pathlib import Path

ROOT = Path(__file__).parents[2]
OWN = Path(__file__).parent / "features"
"""Our own scenarios, for what the kit leaves out."""


def conformance_folder() -> Path | None:
    """The folder with `ctk`, `examples`, and `schema`; None where there is none.

    `TENUTO_CONFORMANCE` names it; otherwise `../shared/conformance` beside the repository.
    """
    folder = Path(os.environ.get("TENUTO_CONFORMANCE", ROOT.parent / "shared" / "conformance"))
    return folder if (folder / "ctk" / "features").is_dir() else None


ABSENT = (
    "the specification's files are not here: set TENUTO_CONFORMANCE to a folder with its ctk,"
    " examples, and schema"
)
