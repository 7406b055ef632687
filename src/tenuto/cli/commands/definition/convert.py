"""`tenuto definition convert`."""

from pathlib import Path

import click

from tenuto.cli.options import shared_options


@click.command("convert")
@click.argument("file", metavar="FILE|-")
@click.option(
    "-o",
    "--output",
    "target",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where it is written to; stdout by default.",
)
@shared_options
def command(file: str, target: Path | None) -> None:
    """Turn a definition of the older form into DSL 1.0, on stdout or into a file.

    The older form names its workflow `workflowName`, and its steps are blocks of `activity`,
    `sequential`, and `parallel`. Check the result: `tenuto definition check FILE`.

    \b
    workflowName: Load prices
    execution:
      sequential:
        blocks:
          - activity: { activityName: fetchPrices, args: ['2026-03-31'] }
          - activity: { activityName: checkPrices }
    """
    from tenuto.cli.definitions.files import read_source
    from tenuto.cli.definitions.output import write_text
    from tenuto.definitions.convert import convert, to_yaml
    from tenuto.definitions.findings import InvalidDefinition
    from tenuto.definitions.loading import load

    source = read_source(file)
    loaded, findings = load(source.text, source.file)
    if loaded is None:
        raise InvalidDefinition(findings)
    write_text(to_yaml(convert(loaded.value)), target)
