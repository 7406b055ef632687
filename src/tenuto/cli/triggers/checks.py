"""`tenuto triggers check`: what is wrong, and whether it can be served."""

from pathlib import Path
from typing import TYPE_CHECKING

from tenuto.cli import exit_codes
from tenuto.cli.output import Output
from tenuto.cli.times import counted
from tenuto.cli.triggers.opening import read_project, triggers_file
from tenuto.engine.settings import load_settings
from tenuto.triggers.events.model import Triggers

if TYPE_CHECKING:
    from rich.console import Console


def check_file(file: Path | None, output: Output) -> int:
    """Prints the findings, and returns the exit code. Raises NotFoundError `triggers.no-file`."""
    settings = load_settings()
    checked = read_project(settings, file)

    def show(console: "Console") -> None:
        for each in checked.findings:
            console.print(str(each), soft_wrap=True)

    output.records([each.model_dump(mode="json") for each in checked.findings], show)
    if checked.has_errors or checked.triggers is None:
        return exit_codes.USAGE
    shown = file or triggers_file(settings)
    output.note(f"{shown}: {_told(checked.triggers)}; no errors.")
    return exit_codes.OK


def _told(triggers: Triggers) -> str:
    return ", ".join(
        (
            counted(len(triggers.webhooks), "webhook"),
            counted(len(triggers.events), "event source"),
            counted(len(triggers.files), "watched place"),
        )
    )
