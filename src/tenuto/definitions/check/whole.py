"""All checks of a definition in one pass: reading, structure, and meaning."""

from collections.abc import Iterable
from dataclasses import dataclass

from tenuto.catalog.registry import Catalog
from tenuto.definitions.check import meaning
from tenuto.definitions.check.calls.libraries import Library
from tenuto.definitions.check.calls.options import KNOWN_ATTRIBUTES
from tenuto.definitions.check.structure import finding as structure
from tenuto.definitions.compiling.refused import find_uncompilable
from tenuto.definitions.findings import Finding, Severity
from tenuto.definitions.loaded import Loaded
from tenuto.definitions.loading import load


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """A definition, and all that was found in it."""

    loaded: Loaded | None
    """None when the file cannot be read."""
    findings: tuple[Finding, ...]
    """In the order of the file."""

    @property
    def is_runnable(self) -> bool:
        """Whether nothing worse than a warning was found."""
        return self.loaded is not None and not _has_errors(self.findings)


def check(
    text: str | bytes,
    file: str,
    catalog: Catalog,
    library: Library | None = None,
    known_attributes: Iterable[str] = KNOWN_ATTRIBUTES,
) -> Checked:
    """Everything that is found in the definition `text`; never raises for what it holds.

    `catalog` has what it may call; `library` the definitions that it may run, where they are to
    be looked up; `known_attributes` are the search attributes that it may set.
    """
    loaded, findings = load(text, file)
    if loaded is not None:
        findings += structure.find(loaded)
        findings += meaning.find(loaded, catalog, library, known_attributes)
        if not _has_errors(findings):
            findings += find_uncompilable(loaded, catalog)
    return Checked(loaded=loaded, findings=_in_order(findings))


def _has_errors(findings: Iterable[Finding]) -> bool:
    return any(found.severity is Severity.ERROR for found in findings)


def _in_order(findings: list[Finding]) -> tuple[Finding, ...]:
    unique = dict.fromkeys(findings)
    return tuple(sorted(unique, key=lambda found: (found.line, found.column, found.code)))
