"""Reading one input: from the pinned document to a typed table and its problems."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from tenuto.artifacts.store import ArtifactStore
from tenuto.core.references import Document
from tenuto.packs.finance.inputs.cells import typed
from tenuto.packs.finance.inputs.columns import Column
from tenuto.packs.finance.inputs.text import read_text
from tenuto.packs.finance.models import Problem


@dataclass(frozen=True, kw_only=True)
class ReadInput:
    """One input file, read."""

    table: pl.DataFrame
    problems: list[Problem]
    is_readable: bool


def read_input(
    file: str, document: Document, columns: Sequence[Column], store: ArtifactStore
) -> ReadInput:
    """The typed table of `document` (CSV, TSV, Parquet), as far as it can be read.

    `file` is what its problems call it.
    """
    text = read_text(file, store.get_bytes(document), columns)
    table, problems = typed(file, text.cells, columns)
    return ReadInput(
        table=table, problems=[*text.problems, *problems], is_readable=text.is_readable
    )
