"""Everything wrong with the files of one fetch: counted, the first ones shown, all of them kept."""

from pathlib import Path

from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog.library.fetch.sources import FileProblem
from tenuto.core.references import Document

SHOWN = 100


class Problems:
    """Problems as they are found; they go to a file, so there may be many."""

    def __init__(self, folder: Path) -> None:
        self.count = 0
        self.first: list[FileProblem] = []
        self._path = folder / "problems.jsonl"

    def add(self, problems: list[FileProblem]) -> None:
        """Keeps them, in the order given."""
        if not problems:
            return
        self.count += len(problems)
        self.first += problems[: SHOWN - len(self.first)]
        with self._path.open("a", encoding="utf-8", newline="\n") as file:
            file.writelines(problem.model_dump_json() + "\n" for problem in problems)

    def stored(self, store: ArtifactStore) -> Document | None:
        """All of them as JSON Lines, or None."""
        return store.put_file(self._path, name="problems.jsonl") if self.count else None


def in_words(problem: FileProblem) -> str:
    """One line: where, what, and what to do."""
    row = f", row {problem.row}" if problem.row is not None else ""
    column = f", column {problem.column}" if problem.column is not None else ""
    return f"{problem.file}{row}{column}: {problem.found}; {problem.remedy}"
