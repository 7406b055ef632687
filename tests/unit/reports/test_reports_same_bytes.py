"""The steps that render reports: both files from the store, the same bytes from any process."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pypdf
import pytest
from temporalio.exceptions import CancelledError
from temporalio.testing import ActivityEnvironment

from atlas_pricing import price_set, pricing_report
from atlas_recs import rec_report, tables
from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import ArtifactStore, open_store
from tenuto.core.errors import NotFoundError
from tenuto.packs.finance.models import ReportPack
from tenuto.packs.finance.pricing.activities.render_report import render_report as render_prices
from tenuto.packs.finance.pricing.handoffs import RenderReportRequest as PricesRequest
from tenuto.packs.finance.reconciliation.activities.render_report import (
    render_report as render_breaks,
)
from tenuto.packs.finance.reconciliation.handoffs import RenderReportRequest as BreaksRequest


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ArtifactStore]:
    store = open_store(str(tmp_path / "store"))
    use_store(store)
    yield store
    use_store(None)


def prices_pack(store: ArtifactStore) -> ReportPack:
    report = store.put_json(pricing_report(), name="report.json")
    stored = store.put_table(price_set(), name="price-set.parquet")
    return render_prices(PricesRequest(report=report, price_set=stored))


def breaks_pack(store: ArtifactStore) -> ReportPack:
    stored = {name: store.put_table(frame, name=name) for name, frame in tables().items()}
    return render_breaks(BreaksRequest(report=store.put_json(rec_report(stored), name="r.json")))


def test_both_files_of_a_pricing_report(store: ArtifactStore) -> None:
    pack = prices_pack(store)
    assert (pack.pdf.name, pack.xlsx.name) == ("pricing-report.pdf", "pricing-report.xlsx")
    assert (pack.pdf.media_type, store.get_bytes(pack.pdf)[:5]) == ("application/pdf", b"%PDF-")
    assert store.get_bytes(pack.xlsx).startswith(b"PK")


def test_both_files_of_a_break_report(store: ArtifactStore) -> None:
    pack = breaks_pack(store)
    assert (pack.pdf.name, pack.xlsx.name) == ("break-report.pdf", "break-report.xlsx")
    assert store.get_bytes(pack.pdf).startswith(b"%PDF-")
    assert store.get_bytes(pack.xlsx).startswith(b"PK")


def test_a_report_whose_tables_are_not_in_the_store_is_refused(store: ArtifactStore) -> None:
    report = store.put_json(rec_report(), name="r.json")
    with pytest.raises(NotFoundError):
        render_breaks(BreaksRequest(report=report))


@pytest.mark.parametrize("make", [prices_pack, breaks_pack])
def test_every_figure_has_words_for_who_cannot_see_it(
    make: Callable[[ArtifactStore], ReportPack], store: ArtifactStore
) -> None:
    with store.open(make(store).pdf) as file:
        reader = pypdf.PdfReader(file)
        root: Any = reader.trailer["/Root"]
        assert root["/MarkInfo"]["/Marked"]
        figures = [
            each for each in _elements(root["/StructTreeRoot"]) if each.get("/S") == "/Figure"
        ]
        assert len(figures) >= 4
        assert all(": " in each["/Alt"] for each in figures)
        text = "".join(page.extract_text() for page in reader.pages)
    assert "\u200b" not in text  # what is copied out of the PDF is what is shown


def _elements(node: Any) -> Iterator[Any]:
    node = node.get_object()
    if isinstance(node, list):
        for child in node:
            yield from _elements(child)
    elif isinstance(node, dict):
        yield node
        if "/K" in node:
            yield from _elements(node["/K"])


def test_a_long_run_breaks_where_its_column_ends(store: ArtifactStore) -> None:
    with store.open(prices_pack(store).pdf) as file:
        text = "\n".join(page.extract_text() for page in pypdf.PdfReader(file).pages)
    assert "BREAKTHE\nLINEAT2032" in text


@pytest.mark.parametrize("make", [prices_pack, breaks_pack])
def test_a_cancelled_rendering_leaves_no_file_behind(
    make: Callable[[ArtifactStore], ReportPack],
    store: ArtifactStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The cancellation reaches the thread at the first sign of life after it."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    environment = ActivityEnvironment()
    heard: list[object] = []

    def hear(what: object) -> None:
        heard.append(what)
        if what == "workbook":
            raise CancelledError

    environment.on_heartbeat = hear
    with pytest.raises(CancelledError):
        environment.run(make, store)
    assert heard == ["PDF", "workbook"]
    assert list(scratch.iterdir()) == []


RENDER = """
import json
from test_reports_same_bytes import breaks_pack, prices_pack
from tenuto.artifacts.current import current_store
packs = [make(current_store()) for make in (prices_pack, breaks_pack)]
print(json.dumps([each.sha256 for pack in packs for each in (pack.pdf, pack.xlsx)]))
"""


def test_separate_processes_render_identical_bytes(tmp_path: Path) -> None:
    """Another time zone, hash seed, locale, thread count, folder, and store."""
    here = Path(__file__).parent
    surroundings = [
        {"TZ": "UTC", "PYTHONHASHSEED": "1", "LC_ALL": "C"},
        {
            "TZ": "Pacific/Kiritimati",
            "PYTHONHASHSEED": "2",
            "LC_ALL": "C.UTF-8",
            "POLARS_MAX_THREADS": "1",
        },
    ]
    printed = []
    for number, each in enumerate(surroundings):
        folder = tmp_path / str(number)
        folder.mkdir()
        environment = os.environ | each
        environment |= {
            "PYTHONPATH": f"{here}{os.pathsep}{here.parents[1]}",
            "TENUTO_ARTIFACTS": str(folder / "store"),
        }
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
    assert len(set(printed[0])) == 4
