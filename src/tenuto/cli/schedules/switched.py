"""What became of schedules that were paused, resumed, or deleted."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tenuto.cli.output import Output
from tenuto.cli.tables import table
from tenuto.triggers.schedules.switching import Switched

if TYPE_CHECKING:
    from rich.console import Console


def print_switched(output: Output, done: Sequence[Switched]) -> None:
    """One line each, in the order in which they were named."""

    def show(console: "Console") -> None:
        drawn = table("SCHEDULE", "NOW", "NOTE", folds="NOTE")
        for each in done:
            drawn.add_row(each.schedule_id, str(each.outcome), each.note)
        console.print(drawn)

    output.records([each.model_dump(mode="json") for each in done], show)
