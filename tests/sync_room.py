"""Sources against real servers and a real DuckDB file, without workflows around them."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import dlt
import duckdb
import pytest
from dlt.common.configuration.container import Container
from dlt.common.pipeline import PipelineContext
from pydantic import SecretStr

from tenuto.core.errors import TenutoError
from tenuto.packs.sync.activities.loading.isolation import isolate
from tenuto.packs.sync.activities.loading.stamps import stamp
from tenuto.packs.sync.configuration import Source
from tenuto.packs.sync.models import Window
from tenuto.packs.sync.port import Opening
from tenuto.packs.sync.sources.opening import open_source
from tenuto.packs.sync.sources.remarks import taken_remarks

LOADED_AT = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)


@dataclass
class Room:
    """A project folder with a destination."""

    root: Path
    monkeypatch: pytest.MonkeyPatch
    remarks: list[str] = field(default_factory=list)

    def reach(self, *urls: str) -> None:
        """Lets these loopback servers be reached."""
        targets = ",".join(url.removeprefix("http://") for url in urls)
        self.monkeypatch.setenv("TENUTO_HTTP_ALLOW", targets)

    def load(
        self,
        kind: str,
        config: dict[str, Any],
        *,
        secrets: dict[str, str] | None = None,
        window: tuple[date, date] | None = None,
        resources: tuple[str, ...] = (),
        function: str | None = None,
    ) -> int:
        """Rows that one load of the source brought. Raises the source's own error."""
        with _own_error():
            source = self.opened(
                kind,
                config,
                secrets=secrets,
                window=window,
                resources=resources,
                function=function,
            )
            stamp(source, "acme", LOADED_AT)
            if resources:
                source = source.with_resources(*resources)
            pipeline = dlt.pipeline(
                "room" if window is None else "room__backfill",
                destination=dlt.destinations.duckdb(str(self.root / "room.duckdb")),
                dataset_name="data",
                pipelines_dir=str(self.root / "pipelines"),
            )
            pipeline.run(source)
        self.remarks = list(taken_remarks())
        normalized = pipeline.last_trace and pipeline.last_trace.last_normalize_info
        assert normalized
        counts = normalized.row_counts
        return sum(n for table, n in counts.items() if not table.startswith("_dlt"))

    def read(self, kind: str, config: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
        """The rows of a source, without a destination. Raises the source's own error."""
        Container()[PipelineContext].deactivate()  # that of an earlier test knows where it ended
        with _own_error():
            rows = list(self.opened(kind, config, **more))
        self.remarks = list(taken_remarks())
        return rows

    def opened(
        self,
        kind: str,
        config: dict[str, Any],
        *,
        secrets: dict[str, str] | None = None,
        window: tuple[date, date] | None = None,
        resources: tuple[str, ...] = (),
        function: str | None = None,
    ) -> Any:
        """The dlt source."""
        given = secrets or {}
        for name, value in given.items():
            self.monkeypatch.setenv(f"SYNC_{name.upper()}", value)
        wanted = Opening(
            name="room",
            source=Source(
                kind=kind,
                config=config,
                client_id="acme",
                resources=resources,
                function=function,
                secrets={each: f"secret://env/SYNC_{each.upper()}" for each in given},
            ),
            secrets={name: SecretStr(value) for name, value in given.items()},
            window=None if window is None else Window(start=window[0], end=window[1]),
            root=self.root,
        )
        isolate(self.root / "dlt")
        return open_source(wanted)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What a query over the destination gives."""
        with duckdb.connect(str(self.root / "room.duckdb")) as connection:
            connection.execute("SET schema 'data'")
            return connection.execute(sql).fetchall()


@contextlib.contextmanager
def _own_error() -> Iterator[None]:
    try:
        yield
    except TenutoError:
        raise
    except Exception as error:
        for each in _chain(error):
            if isinstance(each, TenutoError):
                raise each  # noqa: B904 (as dlt wrapped it, it would be its own cause)
        raise


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
