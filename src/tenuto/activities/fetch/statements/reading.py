"""`fetch.statements`: statement files in; entries, holdings, and headers out."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl

from tenuto.activities.fetch.files.copying import PinnedFile, pinned_files, scratch_folder
from tenuto.activities.fetch.files.expanding import expanded
from tenuto.activities.fetch.files.opening import refuse_other_kind
from tenuto.activities.fetch.files.parts import TableParts
from tenuto.activities.fetch.files.problems import Problems, in_words
from tenuto.activities.fetch.statements import tables
from tenuto.activities.fetch.statements.camt import read_camt
from tenuto.activities.fetch.statements.cash_messages import read_cash_messages
from tenuto.activities.fetch.statements.fix import read_fix
from tenuto.activities.fetch.statements.holdings_message import read_holdings_messages
from tenuto.activities.fetch.statements.messages import Message
from tenuto.activities.fetch.statements.semt import read_semt
from tenuto.activities.heartbeat import beat
from tenuto.artifacts.current import current_store
from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog import implements
from tenuto.catalog.library.fetch import statements as catalog
from tenuto.catalog.library.fetch.sources import FetchedFile, FileProblem
from tenuto.catalog.library.fetch.statements import (
    FetchedStatements,
    FetchStatementsRequest,
    MessageKind,
    StatementHeader,
)
from tenuto.core.errors import DataError

_SHOWN_HEADERS = 100
_ROWS_AT_ONCE = 20_000

_READERS: dict[MessageKind, Callable[[str, Path, FetchStatementsRequest], Iterator[Message]]] = {
    "mt940": read_cash_messages,
    "mt942": read_cash_messages,
    "mt950": read_cash_messages,
    "mt535": read_holdings_messages,
    "camt.053": read_camt,
    "camt.054": read_camt,
    "semt.002": read_semt,
    "fix": read_fix,
}


@implements(catalog.fetch_statements)
def fetch_statements(request: FetchStatementsRequest) -> FetchedStatements:
    """The messages of all files, in order of file and place.

    Raises DataError `statements.unreadable` when a message cannot be read whole and
    `on_problem` is `fail`, `statements.no-message` for a file without any, and as the readers
    and `pinned_files` do.
    """
    store = current_store()
    with scratch_folder() as folder:
        reading = _Reading(request, store, folder)
        files = [reading.read(file) for file in pinned_files(request, store)]
        return reading.result(files)


class _Rows:
    """Rows of one table, written out before they become many."""

    def __init__(self, folder: Path, schema: pl.Schema) -> None:
        self.parts = TableParts(folder, schema)
        self._held: list[dict[str, Any]] = []

    def add(self, rows: list[dict[str, Any]]) -> None:
        """Appends rows, in order."""
        self._held += rows
        if len(self._held) >= _ROWS_AT_ONCE:
            self.write()

    def write(self) -> None:
        """Writes what is held."""
        self.parts.add(tables.framed(self._held, self.parts.schema))
        self._held = []


class _Reading:
    """One fetch under way."""

    def __init__(self, request: FetchStatementsRequest, store: ArtifactStore, folder: Path) -> None:
        self._request = request
        self._store = store
        self._problems = Problems(folder)
        self._headers: list[StatementHeader] = []
        self._rows = {
            name: _Rows(folder / name, schema)
            for name, schema in (
                ("statements", tables.STATEMENTS),
                ("entries", tables.ENTRIES),
                ("holdings", tables.HOLDINGS),
                ("executions", tables.EXECUTIONS),
                ("quarantine", tables.QUARANTINE),
            )
        }

    def read(self, file: PinnedFile) -> FetchedFile:
        """Adds the messages of one file."""
        count = 0
        with scratch_folder() as unpacked, self._store.local_path(file.content) as path:
            name, plain = expanded(file.name, path, self._request, unpacked)
            refuse_other_kind(name, plain, self._request.message)
            for message in _READERS[self._request.message](name, plain, self._request):
                count += 1
                self._add(name, message)
                beat(f"read {count} messages of {name}")
        if not count:
            raise DataError(
                f"{name} holds no {self._request.message} message; correct `message`, or have it "
                "sent again",
                code="statements.no-message",
                details={"file": name},
            )
        return FetchedFile(name=file.name, content=file.content, modified=file.modified, rows=count)

    def result(self, files: list[FetchedFile]) -> FetchedStatements:
        """What was read, stored."""
        all_problems = self._problems.stored(self._store)
        if self._problems.count and self._request.on_problem == "fail":
            raise DataError(
                f"{self._problems.count} problems, the first: {in_words(self._problems.first[0])}. "
                "Have the files corrected, or set `on_problem: quarantine` to go on without these "
                "messages",
                code="statements.unreadable",
                details={
                    "count": self._problems.count,
                    "all": all_problems.uri if all_problems else None,
                    "first": [each.model_dump() for each in self._problems.first[:20]],
                },
            )
        for rows in self._rows.values():
            rows.write()
        stored = {
            name: rows.parts.stored(self._store, f"{self._request.message} {name}")
            for name, rows in self._rows.items()
        }
        quarantine = stored.pop("quarantine")
        return FetchedStatements(
            **stored,
            headers=tuple(self._headers),
            files=tuple(files),
            quarantine=quarantine if quarantine.rows else None,
            problem_count=self._problems.count,
            problems=tuple(self._problems.first),
            all_problems=all_problems,
        )

    def _add(self, name: str, message: Message) -> None:
        if message.refusals:
            self._set_aside(name, message)
            return
        if message.header is not None:
            self._rows["statements"].add([tables.statement_row(message.header)])
            if len(self._headers) < _SHOWN_HEADERS:
                self._headers.append(message.header)
        self._rows["entries"].add(tables.entry_rows(message, name))
        self._rows["holdings"].add(tables.holding_rows(message, name))
        self._rows["executions"].add([{**each, "source_file": name} for each in message.executions])

    def _set_aside(self, name: str, message: Message) -> None:
        self._problems.add(
            [
                FileProblem(
                    code=each.code,
                    file=name,
                    row=each.row,
                    column=each.field,
                    found=each.found,
                    remedy=each.remedy,
                )
                for each in message.refusals
            ]
        )
        reasons = (f"{each.field}: " * bool(each.field) + each.found for each in message.refusals)
        self._rows["quarantine"].add(
            [
                {
                    "source_file": name,
                    "source_row": message.row,
                    "statement_id": message.header.statement_id if message.header else None,
                    "account": message.account or None,
                    "reasons": "; ".join(reasons),
                    "text": message.text,
                }
            ]
        )
