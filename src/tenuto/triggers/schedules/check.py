"""Checks schedules against each other, the calendar, the catalog, and the deployed definitions."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tenuto.catalog.registry import Catalog
from tenuto.definitions.findings import Finding, Severity
from tenuto.definitions.library import DefinitionLibrary
from tenuto.triggers.schedules import findings as codes
from tenuto.triggers.schedules.check_secrets import find_empty_secrets
from tenuto.triggers.schedules.check_targets import find_target
from tenuto.triggers.schedules.check_times import check_times
from tenuto.triggers.schedules.file import Read, Written
from tenuto.triggers.schedules.findings import Findings
from tenuto.triggers.schedules.model import ScheduledStart
from tenuto.triggers.schedules.targets import Target

MOST_TEXT = 32_000
"""Characters of one schedule: its text travels with each run that it starts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """A schedule without errors, and what it starts."""

    start: ScheduledStart
    target: Target
    text: str
    """As it is written."""
    source: str
    """The file, or `module:attribute`."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What may be applied, and what is wrong."""

    wanted: tuple[Wanted, ...]
    """Those without errors."""
    findings: tuple[Finding, ...]
    ids: tuple[str, ...]
    """Of everything that is written, right or wrong."""


def check(
    reads: Sequence[Read],
    catalog: Catalog,
    library: DefinitionLibrary,
    *,
    secrets: Severity = Severity.WARNING,
) -> Checked:
    """Every schedule with what it starts, and all findings at once. Asks no server.

    `secrets` says how much an environment variable matters that an input names and that is empty
    here: runs read it where workers are, which may be elsewhere.
    """
    found = [each for read in reads for each in read.findings]
    every = [each for read in reads for each in read.starts]
    twice = _twice(reads)
    found += [_taken(each) for each in every if each.start.id in twice]
    wanted = []
    for each in every:
        about = Findings(each.origin, [])
        target = _check_one(about, each, catalog, library, secrets)
        is_alone = each.is_whole and each.start.id not in twice
        if is_alone and target is not None and not codes.has_errors(about.found):
            wanted.append(
                Wanted(start=each.start, target=target, text=each.text, source=each.origin.name)
            )
        found += about.found
    ids = dict.fromkeys(named for read in reads for named in read.ids)
    # What is wrong with a default is found with each schedule that takes it.
    findings = sorted(dict.fromkeys(found), key=lambda each: (each.file, each.line, each.column))
    return Checked(tuple(wanted), tuple(findings), tuple(ids))


def _check_one(
    findings: Findings,
    written: Written,
    catalog: Catalog,
    library: DefinitionLibrary,
    secrets: Severity,
) -> Target | None:
    if len(written.text) > MOST_TEXT:
        said = f"It has {len(written.text):,} characters, and {MOST_TEXT:,} are kept with each run."
        findings.error(codes.TOO_LARGE, (), said, "Put data into a file that the run reads.")
    if written.start.id.startswith("definition/"):
        said = "Ids that begin with `definition/` are of the schedules in definitions."
        findings.error(codes.WRONG_VALUE, (), said, "Choose another id.", key=True)
    check_times(findings, written.start)
    find_empty_secrets(findings, written.start.input, secrets)
    return find_target(findings, written.start, catalog, library)


def _twice(reads: Iterable[Read]) -> set[str]:
    """Ids of more than one schedule; of a file's own the second was refused as it was read."""
    times = Counter(named for read in reads for named in read.ids)
    return {named for named, count in times.items() if count > 1}


def _taken(written: Written) -> Finding:
    findings = Findings(written.origin, [])
    said = f"`{written.start.id}` is the id of more than one schedule."
    findings.error(codes.TWICE, (), said, "Rename one.", key=True)
    return findings.found[0]
