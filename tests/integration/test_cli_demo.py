"""The main job: `tenuto demo` on an empty folder."""

import json
import os
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from pypdf import PdfReader

from integration.cli_project.project import Project, children, gone, stop
from tenuto.artifacts.store import ArtifactStore
from tenuto.core.errors import NotFoundError
from tenuto.testing import eventually


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A folder with nothing in it."""
    project = Project(tmp_path_factory.mktemp("empty"), tmp_path_factory.mktemp("bytecode"))
    yield project
    project.close()


async def test_ops_1_demo_strikes_the_fund_and_leaves_nothing_running(empty: Project) -> None:
    demo = empty.spawn("demo", "--json")
    family: set[int] = set()

    def has_server() -> None:
        family.update(children(demo.pid))
        assert len(family) >= 2, "guard and server"

    await eventually(has_server)
    out, _ = demo.communicate(timeout=120)
    assert demo.returncode == 0, empty.log.read_text()
    told = json.loads(out)
    results = [strike["result"] for strike in told["strikes"]]
    assert [result["date"] for result in results] == [
        "2021-12-31",
        "2022-11-30",
        "2022-12-27",
        "2022-12-28",
    ]
    last = results[-1]
    in_base = sum((Decimal(each["nav_base"]) for each in last["classes"]), Decimal(0))
    assert in_base == Decimal(last["nav"])
    assert all(each["performance"]["daily"]["value"] for each in last["classes"])
    for strike in told["strikes"]:
        pdf, xlsx, *_ = (empty.folder / report for report in strike["reports"])
        assert strike["result"]["fund_id"] in PdfReader(pdf).pages[0].extract_text()
        assert xlsx.suffix == ".xlsx"
    await eventually(lambda: gone(family))
    assert "no-server" in empty("runs", code=5).stderr


@pytest.mark.chaos
def test_ops_1_demo_again_is_the_next_version_with_the_same_numbers(empty: Project) -> None:
    empty("demo")
    first = json.loads((empty.folder / ".tenuto/demo/2022-12-28/result.json").read_text())
    done = empty("demo")
    lines = done.stdout.splitlines()
    assert any(line.split()[:2] == ["2022-12-28", "20,673,072.91"] for line in lines)
    assert f"nav/DEMO/2022-12-28/official/v{first['strike'] + 1}, final" in lines
    assert ".tenuto/demo/2022-12-28/nav-pack.pdf" in done.stderr
    again = json.loads((empty.folder / ".tenuto/demo/2022-12-28/result.json").read_text())
    assert again["strike"] == first["strike"] + 1
    assert again["classes"] == first["classes"]
    for file in ("positions", "prices", "fx", "cash"):
        assert again["inputs"][file] == first["inputs"][file]


def test_garbage_is_what_no_name_and_no_run_refers_to(empty: Project) -> None:
    assert "no-server" in empty("artifacts", "gc", code=5).stderr, "without runs nothing is known"
    store = ArtifactStore(str(empty.folder / ".tenuto" / "artifacts"))
    positions = store.put_file(empty.folder / ".tenuto/demo/2022-12-28/positions.csv")
    stray = store.put_bytes(b"nobody wants it", name="stray", media_type="text/plain")
    _age(empty.folder / ".tenuto" / "artifacts")
    server, _ = empty.up("--no-worker")
    planned = empty.json("artifacts", "gc")
    assert (planned["dry_run"], planned["missing"]) == (True, [])
    assert planned["removed_blobs"] >= 1
    assert store.get_bytes(stray) == b"nobody wants it"
    done = empty.json("artifacts", "gc", "--delete")
    assert (done["dry_run"], done["removed_blobs"]) == (False, planned["removed_blobs"])
    assert stop(server) == 0
    with pytest.raises(NotFoundError):
        store.stat(stray)
    assert store.stat(positions).bytes == positions.bytes, "a run's input is no garbage"
    assert empty.json("artifacts", "verify")["problems"] == []


def test_what_the_demo_stored_can_be_listed_verified_and_fetched(empty: Project) -> None:
    names = [each["name"] for each in empty.json("artifacts", "list", "nav/DEMO/2022-12-28")]
    pdf = "nav/DEMO/2022-12-28/official/v1/nav-pack.pdf"
    assert pdf in names
    assert empty.json("artifacts", "verify")["problems"] == []
    empty("artifacts", "get", pdf, "copy.pdf")
    assert (empty.folder / "copy.pdf").read_bytes().startswith(b"%PDF")
    assert "cli.file-exists" in empty("artifacts", "get", pdf, "copy.pdf", code=2).stderr
    parquet = "nav/DEMO/2022-12-28/official/v1/positions.parquet"
    shown = empty.json("artifacts", "show", parquet, "--rows", "3")
    assert shown["kind"] == "dataset"
    assert len(shown["preview"]["rows"]) == 3
    assert "AAPL" in empty("artifacts", "show", parquet).stdout
    _damage(empty.folder / ".tenuto" / "artifacts", shown["sha256"])
    broken = empty.json("artifacts", "verify", code=7)
    assert [problem["code"] for problem in broken["problems"]] == ["artifact.corrupt"]
    assert "artifact.corrupt" in empty("artifacts", "get", parquet, code=1).stderr


def _age(store: Path) -> None:
    two_days_ago = time.time() - 2 * 86_400
    for blob in store.glob("blobs/*/*"):
        os.utime(blob, (two_days_ago, two_days_ago))


def _damage(store: Path, sha256: str) -> None:
    blob = store / "blobs" / sha256[:2] / sha256
    blob.chmod(0o600)
    content = bytearray(blob.read_bytes())
    content[len(content) // 2] ^= 1
    blob.write_bytes(content)
