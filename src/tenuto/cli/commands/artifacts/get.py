"""`tenuto artifacts get`."""

from pathlib import Path

import click

from tenuto.cli.options import shared_options
from tenuto.cli.output import Output


@click.command("get")
@click.argument("reference", metavar="NAME|URI|SHA256")
@click.argument("target", metavar="[FILE|-]", required=False)
@click.option("--force", is_flag=True, help="Write over an existing file.")
@shared_options
@click.pass_obj
def command(output: Output, reference: str, target: str | None, force: bool) -> None:
    """Copy stored content, verified, to FILE or to stdout (-).

    Without FILE it goes into the current folder, under its own name.
    """
    import shutil
    import sys

    from tenuto.artifacts.store import open_store
    from tenuto.cli.references import find_reference
    from tenuto.cli.session import authorize_locally
    from tenuto.core.errors import UsageError
    from tenuto.engine.settings import load_settings
    from tenuto.triggers.gate.resources import of_artifact

    authorize_locally("artifact:read", of_artifact(reference))
    store = open_store(load_settings().artifacts_url)
    found = find_reference(store, reference)
    with store.open(found) as source:
        if target == "-":
            shutil.copyfileobj(source, sys.stdout.buffer)
            return
        file = Path(target or reference.rpartition("/")[2])
        if file.is_dir():
            file /= reference.rpartition("/")[2]
        if file.exists() and not force:
            raise UsageError(
                f"{file} exists; name another file, or write over it with --force.",
                code="cli.file-exists",
            )
        with file.open("wb") as copy:
            shutil.copyfileobj(source, copy)
    output.note(f"Wrote {file}.")
