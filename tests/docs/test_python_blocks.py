"""Every Python block of the documentation runs, and the tests that it shows pass."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
OF_PYTEST = re.compile(r"# (conftest|test_\w+)\.py\n")
BLOCKS = [
    pytest.param(block, id=f"{page.relative_to(ROOT)}#{number}")
    for page in PAGES
    for number, block in enumerate(
        re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL), start=1
    )
    if not OF_PYTEST.match(block)
]
TESTED_PAGES = [page for page in PAGES if "\n# test_" in page.read_text()]


@pytest.mark.parametrize("block", BLOCKS)
def test_python_block_runs(block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "documented_block.py"
    file.write_text(block)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "documented_block", raising=False)
    __import__("documented_block")


@pytest.mark.parametrize("page", TESTED_PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_tests_of_a_page_pass(page: Path, tmp_path: Path) -> None:
    files = re.findall(
        r"```(?:python|ini)\n# (\w+\.(?:py|ini))\n(.*?)```", page.read_text(), re.DOTALL
    )
    for name, text in files:
        (tmp_path / name).write_text(text)
    shown = sum(len(re.findall(r"def test_", text)) for _, text in files)
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"{shown} passed" in ran.stdout, ran.stdout + ran.stderr


def test_a_page_with_tests_is_found() -> None:
    assert "test-your-workflows.md" in {page.name for page in TESTED_PAGES}
