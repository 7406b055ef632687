"""`tenuto init`."""

from pathlib import Path

import click

from tenuto.cli.options import shared_options
from tenuto.cli.output import Output

TEMPLATE = Path(__file__).parents[1] / "template"
SUFFIX = ".template"


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@shared_options
@click.pass_obj
def command(output: Output, folder: Path) -> None:
    """Make a project in FOLDER (by default here): a workflow, its test, its settings.

    Nothing that exists is written over.
    """
    files = {
        folder / source.name.removesuffix(SUFFIX): source.read_bytes()
        for source in sorted(TEMPLATE.iterdir())
        if source.name.endswith(SUFFIX)
    }
    _refuse_existing(files)
    folder.mkdir(parents=True, exist_ok=True)
    for file, content in files.items():
        with file.open("xb") as written:
            written.write(content)
        click.echo(file)
    output.note()
    output.note("Next:")
    if folder != Path():
        output.note(f"  cd {folder}")
    output.note("  tenuto up                                # leave it running")
    output.note("  tenuto run greeting --name Ada --wait    # in a second terminal")
    output.note("  pytest")


def _refuse_existing(files: dict[Path, bytes]) -> None:
    from tenuto.core.errors import UsageError

    existing = [str(file) for file in files if file.exists()]
    if existing:
        raise UsageError(
            f"{', '.join(existing)} exist already; `tenuto init` writes nothing over. Name a new"
            " folder: `tenuto init my-project`.",
            code="cli.file-exists",
            details={"files": existing},
        )
