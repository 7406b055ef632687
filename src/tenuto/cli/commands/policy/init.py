"""`tenuto policy init`."""

from pathlib import Path

import click

from tenuto.cli.options import shared_options
from tenuto.cli.output import Output


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path), default=Path("policy"))
@shared_options
@click.pass_obj
def command(output: Output, folder: Path) -> None:
    """Copy rules and their tests into FOLDER (by default `policy`), to be made your own.

    Rules for roles, tasks, agents, texts, and for every installed pack that brings some. Nothing
    that exists is written over. Policy is off until setting `policy.folder` names the folder.
    """
    from tenuto.cli.policies.bundle import copy_bundle

    for file in copy_bundle(folder):
        click.echo(file)
    output.note()
    output.note("Put your own groups into the rules, then:")
    output.note(f"  tenuto policy test {folder}")
    output.note("Switch policy on in tenuto.toml; what no rule permits is denied from then on:")
    output.note("  [policy]")
    output.note(f'  folder = "{folder}"')
