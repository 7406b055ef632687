"""`tenuto definition check`: all findings of all files, in the form that was asked for."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass

import click

from tenuto import __version__
from tenuto.cli import exit_codes
from tenuto.cli.definitions.files import read_sources
from tenuto.cli.definitions.twice import find_twice
from tenuto.cli.definitions.workplace import open_workplace
from tenuto.cli.output import Output, to_json
from tenuto.cli.times import counted
from tenuto.definitions.check.whole import check
from tenuto.definitions.findings import Finding, Severity
from tenuto.definitions.reports import as_json, as_sarif, as_text

_COLORS = {Severity.ERROR: "red", Severity.WARNING: "yellow"}


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedFiles:
    """What was looked at, and what was found."""

    files: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def has_errors(self) -> bool:
        """Whether a definition cannot be run."""
        return any(found.severity is Severity.ERROR for found in self.findings)


def check_files(given: Iterable[str]) -> CheckedFiles:
    """The findings of every file, in the order of `given`; then what is wrong between files."""
    sources = read_sources(given)
    workplace = open_workplace(sources)
    checked = [check(source.text, source.file, workplace.catalog, workplace) for source in sources]
    findings = [found for each in checked for found in each.findings]
    findings += find_twice(each.loaded for each in checked if each.loaded is not None)
    return CheckedFiles(files=tuple(each.file for each in sources), findings=tuple(findings))


def print_report(checked: CheckedFiles, output: Output, *, form: str, warnings_fail: bool) -> int:
    """Prints the findings on stdout, and returns the exit code."""
    if form == "json":
        click.echo(to_json(as_json(checked.findings) | {"files": list(checked.files)}, indent=2))
    elif form == "jsonl":
        for found in checked.findings:
            click.echo(to_json(found))
    elif form == "sarif":
        click.echo(to_json(as_sarif(checked.findings, __version__), indent=2))
    else:
        _print_text(checked, output)
    fails = checked.has_errors or (warnings_fail and checked.findings)
    return exit_codes.USAGE if fails else exit_codes.OK


def _print_text(checked: CheckedFiles, output: Output) -> None:
    has_color = output.has_color(sys.stdout)
    for found in checked.findings:
        click.echo(_colored(found) if has_color else str(found))
    summary = as_text(checked.findings).splitlines()[-1]
    output.note(f"{counted(len(checked.files), 'file')}: {summary[:1].lower()}{summary[1:]}")


def _colored(found: Finding) -> str:
    return " ".join(
        part
        for part in (
            click.style(f"{found.file}:{found.line}:{found.column}", bold=True),
            click.style(found.code, fg=_COLORS[found.severity], bold=True),
            click.style(found.path or "/", dim=True),
            found.message,
            click.style(found.remedy, fg="cyan") if found.remedy else "",
        )
        if part
    )
