"""What an attempt leaves for the next one about a package: whose it is, and what was before it."""

from collections.abc import Iterator
from pathlib import Path

from tenuto.core.records import Record


class PackageRecord(Record):
    """One load package on its way."""

    run: str
    """The run that extracted it; empty where it was killed before it could say so."""
    rows: dict[str, int] | None = None
    """Table -> rows, once it is normalised."""
    before: dict[str, int] | None = None
    """Merged table -> rows it had before this package, once its load begins."""


class PackageRecords:
    """The records of one pipeline, a file each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def read(self, load_id: str) -> PackageRecord:
        """What is known of a package."""
        path = self._path(load_id)
        if not path.exists():
            return PackageRecord(run="")
        return PackageRecord.model_validate_json(path.read_bytes())

    def write(self, load_id: str, record: PackageRecord) -> None:
        """Keeps it, all or nothing."""
        path = self._path(load_id)
        new = path.with_suffix(".new")
        new.write_text(record.model_dump_json())
        new.replace(path)

    def of_run(self, run: str) -> Iterator[str]:
        """The packages that `run` extracted, whatever became of them, in order."""
        for path in sorted(self._folder.glob("*.json")):
            load_id = path.name.removesuffix(".json")
            if self.read(load_id).run == run:
                yield load_id

    def forget(self, kept: set[str], run: str) -> None:
        """Removes what neither `run` nor one of the packages `kept` needs."""
        for path in self._folder.glob("*.json"):
            load_id = path.name.removesuffix(".json")
            if load_id not in kept and self.read(load_id).run != run:
                path.unlink()

    def _path(self, load_id: str) -> Path:
        return self._folder / f"{load_id}.json"
