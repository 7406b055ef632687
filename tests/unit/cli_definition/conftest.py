"""A project folder with definitions in it, and `tenuto` there."""

from pathlib import Path

import pytest

from unit.cli.conftest import project, tenuto

__all__ = ["project", "tenuto"]

GOOD = """\
document: { dsl: '1.0.3', namespace: desk, name: price-check, version: '1.0.0', title: Two prices }
input:
  schema:
    document:
      type: object
      properties:
        fund: { type: string, description: Which fund. }
        limit: { type: number }
      required: [fund]
do:
  - read:
      call: fetch.files
      with:
        path: ${ .fund + ".csv" }
        format: csv
  - tell:
      call: notify.file
      with:
        folder: /srv/outbox
        name: ${ $workflow.input.fund }
        text: ${ "\\(.data.rows) rows" }
        idempotency_key: ${ $workflow.id }
"""
BROKEN = """\
document: { dsl: '1.0.3', namespace: desk, name: broken, version: 1.0 }
do:
  - read:
      call: fetch.file
      with: { path: a.csv, format: csv }
      then: nowhere
  - wait: { wait: { minutes: 1 }, colour: red }
"""


@pytest.fixture
def good(project: Path) -> Path:
    """A definition without findings."""
    file = project / "good.yaml"
    file.write_text(GOOD)
    return file


@pytest.fixture
def broken(project: Path) -> Path:
    """A definition with four errors."""
    file = project / "broken.yaml"
    file.write_text(BROKEN)
    return file
