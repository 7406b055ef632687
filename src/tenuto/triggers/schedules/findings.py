"""What is wrong with schedules as they are written, wherever they stand."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from tenuto.definitions.findings import ErrorsFound, Finding, Severity
from tenuto.definitions.loaded import Loaded, pointer_to

NOT_A_MAPPING = "not-a-mapping"
UNKNOWN_KEY = "unknown-key"
MISSING_KEY = "missing-key"
WRONG_VALUE = "wrong-value"
WRONG_CRON = "wrong-cron"
BOTH_DAYS = "both-days"
WRONG_TIMES = "wrong-times"
SHORT_CATCHUP = "short-catchup"
UNKNOWN_WORKFLOW = "unknown-workflow"
WRONG_INPUT = "wrong-input"
WRONG_RUN_ID = "wrong-run-id"
WRONG_ATTRIBUTE = "wrong-search-attribute"
EMPTY_SECRET = "empty-secret"  # noqa: S105 (the name of a finding)
TOO_LARGE = "too-large"
TWICE = "twice"


class Origin(Protocol):
    """Where a schedule is written."""

    @property
    def name(self) -> str:
        """The file, or `module:attribute`."""

    def finding(
        self,
        severity: Severity,
        code: str,
        path: Sequence[int | str],
        message: str,
        remedy: str,
        *,
        of_key: bool,
    ) -> Finding:
        """A finding about what stands at `path` in it."""


@dataclass(frozen=True, slots=True)
class InFile:
    """A schedule in a YAML file, or its defaults."""

    loaded: Loaded
    under: tuple[str, ...]
    """`("schedules", id)` or `("defaults",)`."""

    @property
    def name(self) -> str:
        """The file."""
        return self.loaded.file

    def finding(
        self,
        severity: Severity,
        code: str,
        path: Sequence[int | str],
        message: str,
        remedy: str,
        *,
        of_key: bool,
    ) -> Finding:
        """With the line and the column of the value, of its key, or of what they would be in.

        What a schedule takes from `defaults` is found there.
        """
        pointer = pointer_to((*self.under, *path))
        shared = pointer_to(("defaults", *path))
        if pointer not in self.loaded.spans and path and shared in self.loaded.spans:
            pointer = shared
        say = self.loaded.error if severity is Severity.ERROR else self.loaded.warning
        return say(code, pointer, message, remedy, of_key=of_key or not path)


@dataclass(frozen=True, slots=True)
class InModule:
    """A schedule that Python code made."""

    reference: str
    """`module:attribute`."""
    schedule_id: str

    @property
    def name(self) -> str:
        """The reference."""
        return self.reference

    def finding(
        self,
        severity: Severity,
        code: str,
        path: Sequence[int | str],
        message: str,
        remedy: str,
        *,
        of_key: bool,
    ) -> Finding:
        """With the path alone: code has no line for a value that it computed."""
        return Finding(
            code=code,
            severity=severity,
            file=self.reference,
            line=1,
            column=1,
            path=pointer_to((self.schedule_id, *path)),
            message=message,
            remedy=remedy,
        )


@dataclass(frozen=True, slots=True)
class Findings:
    """Collects what is wrong with one schedule."""

    origin: Origin
    found: list[Finding]

    def error(
        self, code: str, path: Sequence[int | str], message: str, remedy: str, *, key: bool = False
    ) -> None:
        """It cannot be applied."""
        self._add(Severity.ERROR, code, path, message, remedy, key)

    def warning(self, code: str, path: Sequence[int | str], message: str, remedy: str) -> None:
        """It can, and probably does something else than its author means."""
        self._add(Severity.WARNING, code, path, message, remedy, False)

    def _add(
        self,
        severity: Severity,
        code: str,
        path: Sequence[int | str],
        message: str,
        remedy: str,
        of_key: bool,
    ) -> None:
        self.found.append(self.origin.finding(severity, code, path, message, remedy, of_key=of_key))


def has_errors(findings: Iterable[Finding]) -> bool:
    """Whether anything keeps the schedules from being applied."""
    return any(each.severity is Severity.ERROR for each in findings)


class InvalidSchedules(ErrorsFound):
    """Schedules have errors; nothing was changed on the server."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        super().__init__("The schedules have", findings, code="schedule.invalid")
