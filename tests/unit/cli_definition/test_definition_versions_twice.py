"""One version is one definition: two files that claim it are refused together."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]

ONE = """\
document: { dsl: '1.0.3', namespace: desk, name: twice, version: '1.0.0' }
do:
  - note: { set: { done: true } }
"""


@pytest.fixture
def twins(project: Path) -> Path:
    """`a.yaml` and `b.yaml`, the same version with different content."""
    (project / "a.yaml").write_text(ONE)
    (project / "b.yaml").write_text(ONE.replace("true", "1"))
    return project


@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_two_files_of_one_version_are_refused_and_nothing_is_kept(
    tenuto: Run, twins: Path, more: tuple[str, ...]
) -> None:
    for files in (("a.yaml", "b.yaml"), ("b.yaml", "a.yaml"), (".",)):
        told = tenuto("definition", "deploy", *files, *more)
        assert told.code == 2
        assert "E011" in told.err
        assert "a.yaml" in told.err
        assert "b.yaml" in told.err
    assert tenuto("definition", "list", "--json").out == "[]\n"


def test_the_check_finds_it_too(tenuto: Run, twins: Path) -> None:
    told = tenuto("definition", "check", "a.yaml", "b.yaml", "--json")
    (finding,) = json.loads(told.out)["findings"]
    assert told.code == 2
    assert (finding["code"], finding["file"], finding["path"]) == (
        "E011",
        "b.yaml",
        "/document/version",
    )
    assert "`a.yaml`" in finding["message"]


def test_a_copy_is_no_error(tenuto: Run, twins: Path) -> None:
    (twins / "b.yaml").write_text(f"# A copy.\n{ONE}")
    assert tenuto("definition", "deploy", "a.yaml", "b.yaml").code == 0
    assert tenuto("definition", "check", "a.yaml", "b.yaml").code == 0


@pytest.mark.parametrize(
    ("asked", "suggests"),
    [
        ("desk/twise", "desk/twice:1.0.0"),
        ("desk/twice:9.0.0", "desk/twice:1.0.0"),
        ("desc/twice", "desk/twice:1.0.0"),
        ("desk/funds", None),
        ("other/twice", None),
    ],
)
def test_only_near_names_are_suggested(
    tenuto: Run, twins: Path, asked: str, suggests: str | None
) -> None:
    tenuto("definition", "deploy", "a.yaml")
    told = tenuto("definition", "show", asked)
    assert told.code == 4
    assert ("Did you mean" in told.err) == (suggests is not None)
    assert suggests is None or f"`{suggests}`" in told.err
