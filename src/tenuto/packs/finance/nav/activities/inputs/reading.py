"""Reading one input: from the pinned document to a typed table and its problems."""

from dataclasses import dataclass

import polars as pl

from tenuto.artifacts.store import ArtifactStore
from tenuto.core.references import Document
from tenuto.packs.finance.nav.activities.inputs.cells import typed
from tenuto.packs.finance.nav.activities.inputs.columns import INPUTS
from tenuto.packs.finance.nav.activities.inputs.text import read_text
from tenuto.packs.finance.nav.models import Problem


@dataclass(frozen=True, kw_only=True)
class ReadInput:
    """One input file, read."""

    table: pl.DataFrame
    problems: list[Problem]
    is_readable: bool


def read_input(name: str, document: Document, store: ArtifactStore) -> ReadInput:
    """The typed table of input `name`, as far as it can be read."""
    file = document.name or name
    text = read_text(file, store.get_bytes(document), INPUTS[name])
    table, problems = typed(file, text.cells, INPUTS[name])
    return ReadInput(
        table=table, problems=[*text.problems, *problems], is_readable=text.is_readable
    )
