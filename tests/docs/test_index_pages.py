"""The indexes list every page, and what the pages name in this repository is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS.rglob("*.md")])


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: page.name)
def test_a_page_is_listed(page: Path) -> None:
    folder = DOCS / "decisions" if page.parent.name == "decisions" else DOCS
    index = folder / "README.md"
    if page == DOCS / "README.md":
        return
    if page == index:
        index = DOCS / "README.md"
    listed = re.findall(r"\]\(([^)#]+)", index.read_text())
    assert page.relative_to(index.parent).as_posix() in listed, f"list it in {index}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_named_in_a_page_exist(page: Path) -> None:
    for name in re.findall(r"`((?:tests|src|docs)/[\w./-]+)`", page.read_text()):
        assert (ROOT / name).exists(), f"{page.name} names {name}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_link_to_a_heading_leads_to_one(page: Path) -> None:
    for target, heading in re.findall(r"\]\(([^)#\s]*)#([^)\s]+)\)", page.read_text()):
        if "://" in target:
            continue
        linked = (page.parent / target) if target else page
        titles = re.findall(r"^#+ (.+)$", linked.read_text(), re.MULTILINE)
        assert heading in {_anchor(title) for title in titles}, f"{page.name}: #{heading}"


def _anchor(title: str) -> str:
    """As GitHub makes them: lower case, hyphens for blanks, no other punctuation."""
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
