"""What a check found: where, what, and what to do about it."""

from collections.abc import Iterable
from enum import StrEnum

from tenuto.core.errors import UsageError
from tenuto.core.records import Record


class Severity(StrEnum):
    """How much a finding matters."""

    ERROR = "error"
    """The definition cannot be run."""
    WARNING = "warning"
    """It can, and probably does something else than its author means."""


class Finding(Record):
    """One finding."""

    code: str
    """Stable, documented in the reference: `E104`, `W201`."""
    severity: Severity
    file: str
    line: int
    """From 1."""
    column: int
    """From 1."""
    path: str
    """JSON pointer into the definition, with index and name of tasks: `/do/0/getPet/then`."""
    message: str
    """What was found and what was expected."""
    remedy: str = ""
    """What to do."""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}"
        return f"{where} {self.code} {self.path or '/'} {self.message} {self.remedy}".rstrip()


class ErrorsFound(UsageError):  # noqa: N818 (what it is)
    """What somebody wrote has errors; nothing was done with it."""

    def __init__(self, subject: str, findings: Iterable[Finding], *, code: str) -> None:
        self.findings = tuple(findings)
        errors = errors_among(self.findings)
        super().__init__(
            f"{subject} {len(errors)} error{'s' if len(errors) != 1 else ''}:\n"
            + "\n".join(f"  {each}" for each in errors),
            code=code,
            details={"findings": [each.model_dump(mode="json") for each in self.findings]},
        )


class InvalidDefinition(ErrorsFound):
    """A definition has errors; nothing was started or stored."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        found = tuple(findings)
        super().__init__(_subject(errors_among(found)), found, code="definition.invalid")


def errors_among(findings: Iterable[Finding]) -> list[Finding]:
    """Those that keep what was written from being used."""
    return [each for each in findings if each.severity is Severity.ERROR]


def _subject(errors: list[Finding]) -> str:
    is_one = len({each.file for each in errors}) < 2
    return "The definition has" if is_one else "The definitions have"
