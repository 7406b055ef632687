"""`tenuto schedule check`: all findings, and how many schedules are right."""

import click

from tenuto.cli import exit_codes
from tenuto.cli.output import Output, to_json
from tenuto.cli.schedules.written import read_written
from tenuto.cli.times import counted
from tenuto.definitions.reports import as_json, as_text
from tenuto.engine.settings import load_settings
from tenuto.triggers.schedules.findings import has_errors


def check_schedules(output: Output, *, check_secrets: bool) -> int:
    """Prints the findings on stdout, and returns the exit code."""
    checked = read_written(load_settings(), check_secrets=check_secrets)
    findings = checked.findings
    if output.is_json:
        told = as_json(findings) | {"schedules": list(checked.ids)}
        click.echo(to_json(told, indent=2 if output.format == "json" else None))
    else:
        for found in findings:
            click.echo(str(found))
        summary = as_text(findings).splitlines()[-1]
        output.note(f"{counted(len(checked.ids), 'schedule')}: {summary[:1].lower()}{summary[1:]}")
    return exit_codes.USAGE if has_errors(findings) else exit_codes.OK
