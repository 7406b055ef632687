"""A table that grows piece by piece on disk, then becomes one artifact."""

from pathlib import Path

import polars as pl

from tenuto.activities.fetch.pieces import joined
from tenuto.artifacts.store import ArtifactStore
from tenuto.core.references import Dataset


class TableParts:
    """Rows in order of arrival; no more than one piece is ever in memory."""

    def __init__(self, folder: Path, schema: pl.Schema) -> None:
        self.schema = schema
        self.rows = 0
        self._folder = folder
        self._paths: list[Path] = []
        folder.mkdir()

    def add(self, frame: pl.DataFrame) -> None:
        """Appends rows with the columns of the schema."""
        if frame.is_empty():
            return
        path = self._folder / f"part-{len(self._paths):08}.parquet"
        frame.select(self.schema.names()).write_parquet(path, compression="lz4")
        self._paths.append(path)
        self.rows += frame.height

    def stored(self, store: ArtifactStore, name: str) -> Dataset:
        """All rows as one dataset; a table without rows keeps its columns."""
        return store.put_table(joined(self._paths, self.schema), name=name)
