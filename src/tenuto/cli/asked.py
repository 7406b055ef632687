"""What `--ask` prints: which tasks ask for approvals, and how to start once they are given."""

from typing import TYPE_CHECKING

from tenuto.cli import exit_codes
from tenuto.cli.output import Output
from tenuto.triggers.gate.approving import Asked

if TYPE_CHECKING:
    from rich.console import Console


def say_asked(output: Output, asked: Asked, *, names_itself: bool) -> int:
    """Prints the ids of the tasks; `names_itself`: the run's id follows from its input."""

    def show(console: "Console") -> None:
        for task in asked.tasks:
            console.print(task, soft_wrap=True)

    record = {
        "workflow_id": asked.workflow_id,
        "tasks": list(asked.tasks),
        "rules": list(asked.rules),
    }
    output.record(record, show)
    again = "the same command" if names_itself else f"the same with `--id {asked.workflow_id}`"
    if asked.tasks:
        output.note(f"Asked. Within 24 hours of the approvals start it: {again}, without `--ask`.")
    else:
        output.note("Nobody has to approve it. Start it without `--ask`.")
    return exit_codes.OK
