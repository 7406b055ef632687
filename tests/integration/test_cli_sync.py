"""`tenuto sync check|list|run|status|backfill` in a project, with and without a server."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from integration.cli_project import shop_source
from integration.cli_project.project import Project
from tenuto.testing import eventually

pytestmark = pytest.mark.chaos  # slow: `make chaos` runs it

SYNC = """\
sources:
  orders:
    kind: python
    function: "shop_source:orders"
    client_id: acme
    config: { folder: FOLDER }
    secrets: { token: secret://env/SHOP_TOKEN }
    retry: { attempts: 1 }
"""
WRONG = """\
sources:
  orders:
    kind: python
    function: "shop_source:orders"
    config: {}
    timout: 5 minutes
  trades:
    kind: sql
    client_id: acme
    destination: warehose
    config: { connection: "sqlite:///book.db", tables: [{ name: trades, cursr: day }] }
destinations:
  warehouse: { kind: duckdb }
"""


@pytest.fixture(scope="module")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bytecode")


def _project(folder: Path, bytecode: Path) -> Project:
    project = Project(folder, bytecode)
    (folder / "shop_source.py").write_bytes(Path(shop_source.__file__).read_bytes())
    (folder / "tenuto.toml").write_text("")
    (folder / "sync.yaml").write_text(SYNC.replace("FOLDER", json.dumps(str(folder))))
    project.environment["SHOP_TOKEN"] = "token-of-the-shop"
    return project


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, bytecode: Path) -> Iterator[Project]:
    """A project whose server and workers run."""
    desk = _project(tmp_path_factory.mktemp("desk"), bytecode)
    try:
        desk.up()
        yield desk
    finally:
        desk.close()


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory, bytecode: Path) -> Project:
    """A project without a server."""
    alone = _project(tmp_path_factory.mktemp("alone"), bytecode)
    alone.environment["TEMPORAL_ADDRESS"] = "127.0.0.1:9"
    return alone


def test_sig_18_a_dry_run_asks_the_source_and_writes_nothing(alone: Project) -> None:
    plan = alone.json("sync", "run", "orders", "--dry-run")
    orders, shops = plan["resources"]
    assert (orders["table"], orders["primary_key"]) == ("orders", ["id"])
    assert (orders["cursor"], orders["cursor_from"], orders["cursor_to"]) == (
        "day",
        None,
        "2026-01-05",
    )
    assert (orders["sampled_rows"], shops["write_disposition"]) == (10, "replace")
    assert not list(alone.folder.rglob("*.duckdb"))


def test_sig_18_a_load_without_a_server(alone: Project) -> None:
    done = alone.json("sync", "run", "orders", "--local")
    assert done["row_counts"] == {"orders": 10, "shops": 1}
    assert "orders: 2 rows" in alone("sync", "run", "orders", "--local", "-r", "orders").stdout
    (row,) = alone.json("sync", "status", "orders", "--cursors")
    assert [each["rows"] for each in row["loads"]] == [{"orders": 2}, done["row_counts"]]
    assert row["cursors"][0]["next_from"] == "2026-01-05"
    assert (row["state"], row["problem"]) == (None, None)


def test_sig_23_check_finds_every_mistake_at_its_place(alone: Project) -> None:
    good = (alone.folder / "sync.yaml").read_text()
    (alone.folder / "sync.yaml").write_text(WRONG)
    try:
        found = alone.json("sync", "check", code=7)
        refused = alone("sync", "run", "orders", "--dry-run", code=2).stderr
    finally:
        (alone.folder / "sync.yaml").write_text(good)
    assert [(each["line"], each["column"], each["key"]) for each in found] == [
        (2, 3, "sources.orders.client_id"),  # SIG-21: no row without its owner
        (6, 5, "sources.orders.timout"),
    ]
    assert "`timeout`" in found[1]["message"]
    assert "sync.yaml:6:5" in refused


def test_sig_23_check_finds_a_secret_without_a_value(alone: Project) -> None:
    said = alone("sync", "check").stderr
    assert "1 sources, nothing wrong" in said
    empty = Project(alone.folder, Path(alone.environment["PYTHONPYCACHEPREFIX"]))
    empty.environment["SHOP_TOKEN"] = ""
    (found,) = empty.json("sync", "check", code=7)
    assert (found["line"], found["key"]) == (7, "sources.orders.secrets.token")
    assert "SHOP_TOKEN" in found["message"]


def test_an_unknown_source_is_answered_with_those_there_are(alone: Project) -> None:
    refused = alone("sync", "run", "order", "--dry-run", code=2).stderr
    assert "Did you mean `orders`?" in refused
    assert "sync.source-unknown" in refused


async def test_sig_17_one_run_by_hand_at_a_time(desk: Project) -> None:
    hold = desk.folder / "hold"
    hold.touch()
    try:
        first = desk.json("sync", "run", "orders")
        assert first["workflow_id"] == "sync-orders-manual"
        refused = desk("sync", "run", "orders", code=2).stderr
        assert "already running sync-orders-manual" in refused
    finally:
        hold.unlink()
    desk("show", "sync-orders-manual", "--follow")
    again = desk.json("sync", "run", "orders", "-r", "orders", "--wait")
    assert again["workflow_id"] == "sync-orders-manual-2"
    assert again["result"]["row_counts"] == {"orders": 2}

    def listed() -> dict[str, Any]:
        (row,) = desk.json("sync", "list")
        assert row["run"] == "sync-orders-manual-2"
        return dict(row)

    row = await eventually(listed)
    assert (row["kind"], row["rows"], row["state"]) == ("python", 2, "loaded")
    page = desk("sync", "status").stdout
    assert "orders 2" in page
    assert "orders 10, shops 1" in page


def test_sig_11_a_backfill_tells_how_far_it_is_and_where_to_go_on(desk: Project) -> None:
    days = ("--start", "2026-01-01", "--end", "2026-01-05", "--batch-size", "2")
    planned = desk.json("sync", "backfill", "orders", *days, "--dry-run")
    assert [(each["start"], each["end"]) for each in planned] == [
        ("2026-01-01", "2026-01-02"),
        ("2026-01-03", "2026-01-04"),
        ("2026-01-05", "2026-01-05"),
    ]
    closed = desk.folder / "2026-01-04"
    closed.touch()
    try:
        failed = desk("sync", "backfill", "orders", *days, "--wait", code=1).stderr
    finally:
        closed.unlink()
    assert "2026-01-04 is not closed yet" in failed
    assert "0/3 2026-01-01 to 2026-01-02, 0 rows so far" in failed
    assert "1 of 3 batches are loaded. Go on with --start 2026-01-03" in failed
    rest = ("--start", "2026-01-03", "--end", "2026-01-05", "--batch-size", "2", "--wait")
    record = desk.json("sync", "backfill", "orders", *rest)
    assert record["workflow_id"] == "sync-orders-backfill-2"
    assert record["result"]["row_counts"] == {"orders": 6}
    assert len(record["result"]["batches"]) == 2


def test_sig_11_days_that_cannot_be_are_refused(alone: Project) -> None:
    days = ("--start", "2026-01-05", "--end", "2026-01-01")
    refused = alone("sync", "backfill", "orders", *days, "--dry-run", code=2).stderr
    assert "`end` is before `start`" in refused
