"""The demonstration's definitions and tables, as files in a folder."""

import shutil
from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).parent
_CALL = "call: calculate.valuation"
_MISTAKES = (
    ("version: '1.0.0'", "version: 1.0"),
    ("endpoint: ${ .rates }", "url: ${ .rates }"),
    (_CALL, "call: calculate.valuations"),
    ("then: askController", "then: askControler"),
    ("idempotency_key: ${ $workflow.id }", "idempotency_key: ${ $now }"),
)
"""What an author gets wrong, each once: what stands in the definition, and what the draft says."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoFiles:
    """The files, written."""

    folder: Path
    draft: Path
    """The definition with five mistakes."""
    definition: Path
    graph: Path
    """To be drawn."""
    mistakes: int


def write_files(folder: Path) -> DemoFiles:
    """Writes draft, definition, positions, and prices into `folder`; the same bytes every time."""
    for name in ("value-portfolio.yaml", "positions.csv", "prices.csv"):
        shutil.copyfile(_HERE / name, folder / name)
    definition = folder / "value-portfolio.yaml"
    draft = folder / "value-portfolio.draft.yaml"
    draft.write_text(_with_mistakes(definition.read_text("utf-8")), "utf-8")
    return DemoFiles(
        folder=folder,
        draft=draft,
        definition=definition,
        graph=folder / "value-portfolio.svg",
        mistakes=len(_MISTAKES),
    )


def write_version(files: DemoFiles, version: str) -> str:
    """The text of the definition as that version, written."""
    text = (_HERE / files.definition.name).read_text("utf-8")
    text = text.replace("version: '1.0.0'", f"version: '{version}'", 1)
    files.definition.write_text(text, "utf-8")
    return text


def _with_mistakes(text: str) -> str:
    for right, wrong in _MISTAKES:
        text = text.replace(right, wrong, 1)
    return text
