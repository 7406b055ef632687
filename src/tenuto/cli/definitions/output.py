"""Text that a command makes: to stdout, or into a file that is never left half written."""

from pathlib import Path

import click

from tenuto.core.errors import UsageError


def write_text(text: str, target: Path | None) -> None:
    """Prints `text`, or writes it over the file `target`. Raises UsageError when it cannot."""
    text = text if text.endswith("\n") else text + "\n"
    if target is None:
        click.echo(text, nl=False)
        return
    part = target.with_name(target.name + ".part")
    try:
        part.write_text(text, "utf-8")
        part.replace(target)
    except OSError as error:
        raise UsageError(
            f"{target} cannot be written: {error.strerror}. Name a file in a folder that exists.",
            code="definition.unwritable",
            details={"file": str(target)},
        ) from error
