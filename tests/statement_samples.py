"""Synthetic statements, written from the published field layouts, and a reader of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from tenuto.activities.fetch.statements.reading import fetch_statements
from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog.library.fetch.statements import FetchedStatements, FetchStatementsRequest


@dataclass(frozen=True)
class Reader:
    """Runs `fetch.statements` on content that is in the store."""

    store: ArtifactStore

    def __call__(self, message: str, content: str | bytes, **request: Any) -> FetchedStatements:
        """The result for one file called `file`."""
        data = content.encode() if isinstance(content, str) else content
        document = self.store.put_bytes(data, name="file", media_type="text/plain")
        body = {"document": document, "message": message, **request}
        return fetch_statements(FetchStatementsRequest.model_validate(body))

    def entries(self, result: FetchedStatements, *columns: str) -> list[tuple[Any, ...]]:
        """These columns of all entries."""
        return self.store.get_table(result.entries).select(columns).rows()

    def holdings(self, result: FetchedStatements) -> list[dict[str, Any]]:
        """All holdings."""
        return self.store.get_table(result.holdings).to_dicts()

    def quarantine(self, result: FetchedStatements) -> pl.DataFrame:
        """What was set aside."""
        assert result.quarantine is not None
        return self.store.get_table(result.quarantine)


Balance = tuple[str, str, str, str, str]
"""Tag, mark, date, currency, amount."""


def mt940_text(
    *,
    reference: str = "STMT",
    account: str = "10020030/1234567",
    number: str = "1/1",
    opening: Balance = ("60F", "C", "240101", "EUR", "0,"),
    lines: Sequence[str] = (),
    closing: Balance = ("62F", "C", "240102", "EUR", "0,"),
) -> str:
    """One MT940 without envelope; `lines` are its `:61:` and `:86:`."""
    fields = [f":20:{reference}", f":25:{account}", f":28C:{number}"]
    begin, end = (f":{tag}:{''.join(parts)}" for tag, *parts in (opening, closing))
    return "\n".join([*fields, begin, *lines, end, "-", ""])
