"""The whole pack from the artifact store: one hash over files that can be checked one by one."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from atlas_nav import nav_result, positions
from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import ArtifactStore, open_store
from tenuto.packs.finance.nav.activities.render import render_pack
from tenuto.packs.finance.nav.models import NavPack, NavResult
from tenuto.packs.finance.nav.release_handoffs import RenderPackRequest
from tenuto.packs.finance.nav.report.manifest import PackManifest, files_of


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ArtifactStore]:
    store = open_store(str(tmp_path / "store"))
    use_store(store)
    yield store
    use_store(None)


def rendered(store: ArtifactStore, **changes: Any) -> tuple[NavResult, NavPack]:
    frame = positions(40)
    dataset = store.put_table(frame, name="valued positions")
    result = nav_result(frame, positions=dataset, **changes)
    document = store.put_json(result, name="result.json")
    return result, render_pack(RenderPackRequest(result=document))


def test_the_manifest_names_every_file_with_its_hash_and_size(store: ArtifactStore) -> None:
    result, pack = rendered(store)
    manifest = PackManifest.model_validate_json(store.get_bytes(pack.manifest))
    assert (manifest.nav_id, manifest.status) == (result.nav_id, "final")
    assert [each.name for each in manifest.files] == [
        "nav-pack.pdf",
        "nav-pack.xlsx",
        "positions.parquet",
        "result.json",
    ]
    references = files_of(pack)
    for each in manifest.files:
        data = store.get_bytes(references[each.name])
        assert hashlib.sha256(data).hexdigest() == each.sha256
        assert len(data) == each.bytes
    assert hashlib.sha256(store.get_bytes(pack.manifest)).hexdigest() == pack.manifest.sha256


def test_the_files_are_what_they_say(store: ArtifactStore) -> None:
    result, pack = rendered(store)
    assert store.get_bytes(pack.pdf).startswith(b"%PDF-")
    assert store.get_bytes(pack.xlsx).startswith(b"PK")
    assert NavResult.model_validate_json(store.get_bytes(pack.json_file)) == result
    assert store.get_table(pack.parquet).equals(positions(40))
    names = [each.name for each in files_of(pack).values()]
    assert names == list(files_of(pack))


def test_the_same_result_gives_the_same_pack(store: ArtifactStore) -> None:
    assert rendered(store)[1] == rendered(store)[1]


@pytest.mark.parametrize(
    "change",
    [
        {"nav": Decimal("100.00")},
        {"status": "candidate"},
        {"checks": ()},
        {"fund_name": "Atlas Global Equity Fund II"},
        {"inputs": {"positions": "b" * 64}},
    ],
)
def test_a_changed_result_changes_the_hash_of_the_pack(
    change: dict[str, object], store: ArtifactStore
) -> None:
    _, before = rendered(store)
    _, after = rendered(store, **change)
    assert before.manifest.sha256 != after.manifest.sha256
    assert before.pdf.sha256 != after.pdf.sha256
    assert before.xlsx.sha256 != after.xlsx.sha256


RENDER = """
import json, os
os.umask(int(os.environ["UMASK"], 8))
from atlas_nav import nav_result, positions
from tenuto.artifacts.current import current_store
from tenuto.packs.finance.nav.activities.render import render_pack
from tenuto.packs.finance.nav.release_handoffs import RenderPackRequest
store = current_store()
frame = positions(200)
result = nav_result(frame, positions=store.put_table(frame, name="p"), classes=12)
pack = render_pack(RenderPackRequest(result=store.put_json(result, name="r")))
print(json.dumps([pack.manifest.sha256, pack.pdf.sha256, pack.xlsx.sha256, pack.parquet.sha256]))
"""


def test_separate_processes_render_identical_bytes(tmp_path: Path) -> None:
    """Another time zone, hash seed, umask, locale, thread count, folder, and store."""
    tests = str(Path(__file__).parents[2])
    surroundings = [
        {"TZ": "UTC", "PYTHONHASHSEED": "1", "UMASK": "022", "LC_ALL": "C"},
        {
            "TZ": "Pacific/Kiritimati",
            "PYTHONHASHSEED": "2",
            "UMASK": "077",
            "LC_ALL": "C.UTF-8",
            "POLARS_MAX_THREADS": "1",
        },
    ]
    printed = []
    for number, each in enumerate(surroundings):
        folder = tmp_path / str(number)
        folder.mkdir()
        environment = os.environ | each
        environment |= {"PYTHONPATH": tests, "TENUTO_ARTIFACTS": str(folder / "store")}
        done = subprocess.run(
            [sys.executable, "-c", RENDER],
            env=environment,
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        )
        printed.append(json.loads(done.stdout))
    assert printed[0] == printed[1]
