"""The matching database: its own folder, gone in any case, and cancelled in mid-statement."""

import threading
from pathlib import Path

import pytest
from temporalio.exceptions import CancelledError
from temporalio.testing import ActivityEnvironment

from rec_room import RecRoom
from rec_runs import leftovers
from tenuto.core.errors import UsageError
from tenuto.packs.finance.reconciliation.activities.matching.engine import opened
from tenuto.packs.finance.reconciliation.models import Resources

FOR_EVER = (
    "SELECT count(*) FROM range(100000000) a, range(100000000) b WHERE a.range + b.range = -1"
)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


@pytest.mark.parametrize("rows", [1, 10**9])
def test_the_folder_is_gone_after_an_error(temporary: Path, rows: int) -> None:
    def fail() -> None:
        with opened(Resources(), rows) as engine:
            engine.run("CREATE TABLE t AS SELECT range AS n FROM range(1000)")
            assert len(leftovers(temporary)) == 1
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert leftovers(temporary) == []


def test_a_folder_in_use_is_left_alone_and_an_abandoned_one_removed(temporary: Path) -> None:
    abandoned = temporary / "tenuto-matching-abandoned"
    abandoned.mkdir()
    (abandoned / "lock").touch()
    with opened(Resources(), 1) as outer, opened(Resources(), 1) as inner:
        assert outer.folder.exists()
        assert inner.folder.exists()
        assert not abandoned.exists()


def test_ops_14_a_statement_that_runs_for_ever_is_cancelled(temporary: Path) -> None:
    environment = ActivityEnvironment()
    is_running = threading.Event()

    def body() -> None:
        with opened(Resources(), 1) as engine:
            is_running.set()
            engine.run(FOR_EVER)

    def cancel() -> None:
        is_running.wait()
        environment.cancel()

    canceller = threading.Thread(target=cancel)
    canceller.start()
    with pytest.raises(CancelledError):
        environment.run(body)
    canceller.join()
    assert leftovers(temporary) == []


def test_memory_is_bounded_and_running_out_says_what_to_do(temporary: Path) -> None:
    query = "SELECT list(range) FROM range(60000000)"  # one value, which cannot be spilled
    with (
        pytest.raises(UsageError, match="memory_mb") as refused,
        opened(Resources(memory_mb=128), 1) as engine,
    ):
        engine.run(f"CREATE TABLE t AS {query}")
    assert refused.value.code == "reconciliation.out-of-memory"
    assert leftovers(temporary) == []


def test_values_are_bound_and_cannot_break_out(room: RecRoom) -> None:
    with opened(Resources(), 1) as engine:
        evil = "'; DROP TABLE t; --"
        engine.fill("t", "word VARCHAR", [(evil,)])
        found = engine.rows(f"SELECT word FROM t WHERE word = {engine.bind(evil)}")  # noqa: S608
        assert found == [(evil,)]
        assert engine.count("t") == 1
