"""The specification's own examples raise no false alarm."""

from pathlib import Path

import pytest

from conformance.kit import ABSENT, conformance_folder
from tenuto.catalog.registry import Catalog
from tenuto.definitions.check import meaning
from tenuto.definitions.findings import Severity
from tenuto.definitions.loading import load

OUTSIDE = {"call-custom-function-cataloged.yaml": {"E203"}}
"""Examples outside of what Tenuto runs, with the codes they get here."""


def _examples() -> list[Path]:
    folder = conformance_folder()
    return sorted((folder / "examples").glob("*.yaml")) if folder else []


@pytest.mark.skipif(not _examples(), reason=ABSENT)
def test_there_are_examples_and_those_outside_are_among_them() -> None:
    names = {path.name for path in _examples()}

    assert len(names) > 60
    assert set(OUTSIDE) <= names


@pytest.mark.parametrize("path", _examples(), ids=lambda path: path.name)
def test_an_example_has_no_error(path: Path) -> None:
    loaded, unread = load(path.read_text(), path.name)
    assert loaded is not None, unread
    found = meaning.find(loaded, Catalog())

    errors = {each.code for each in found if each.severity is Severity.ERROR}
    assert errors == OUTSIDE.get(path.name, set())
