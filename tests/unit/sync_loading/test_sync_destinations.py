"""Destinations that are refused before anything is loaded."""

from pathlib import Path
from typing import Any

import pytest

from tenuto.core.errors import UsageError
from tenuto.packs.sync.activities.loading.destinations import Target, target_of
from tenuto.packs.sync.configuration import Source, SyncFile


def target(destination: dict[str, Any] | None, dataset: str | None = None) -> Target:
    source: dict[str, Any] = {"kind": "python", "function": "a:b", "client_id": "acme"}
    if destination is not None:
        source["destination"] = "there"
    content = SyncFile.model_validate(
        {"destinations": {"there": destination} if destination else {}, "sources": {}}
    )
    wanted = Source.model_validate(source | {"dataset": dataset})
    return target_of(content, wanted, "orders", Path("/project"), Path("/tmp/state"))


@pytest.mark.parametrize(
    ("destination", "code"),
    [
        ({"kind": "duckdb", "path": "/tmp/state/orders.duckdb"}, "sync.duckdb-name"),
        ({"kind": "sqlalchemy", "url": "sqlite://u:geheim@h/d"}, "sync.destination-url"),
        ({"kind": "sqlalchemy", "url": "geheim"}, "sync.destination-url"),
        ({"kind": "sqlalchemy", "url": "nosuch+driver://h/d"}, "sync.destination-driver"),
        (
            {
                "kind": "postgres",
                "host": "db.example.com",
                "database": "d",
                "user": "u",
                "password": "secret://env/SYNC_TEST_PASSWORD",
                "tls": False,
            },
            "sync.destination-in-the-clear",
        ),
    ],
)
def test_it_is_refused_without_repeating_a_secret(
    destination: dict[str, Any], code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNC_TEST_PASSWORD", "geheim")
    with pytest.raises(UsageError) as refused:
        target(destination)
    assert refused.value.code == code
    assert "geheim" not in str(refused.value)


def test_a_source_without_a_destination_goes_into_a_file_of_its_dataset(tmp_path: Path) -> None:
    assert target(None).words == "/tmp/state/sync/orders.duckdb, schema main"
    assert target(None, "shop").words == "/tmp/state/sync/shop.duckdb, schema main"
