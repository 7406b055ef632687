"""`tenuto schedule`: when runs start by themselves, from the file to what the server did."""

import click

from tenuto.cli.lazy import Lazy, LazyGroup

_COMMANDS = "tenuto.cli.commands.schedule"

SECTIONS = {
    "As code": {
        "check": Lazy(f"{_COMMANDS}.check", "Find everything that is wrong with schedules.yaml."),
        "plan": Lazy(f"{_COMMANDS}.plan", "Show what `apply` would change, with the next starts."),
        "apply": Lazy(f"{_COMMANDS}.apply", "Make the server's schedules what the file says."),
        "schema": Lazy(f"{_COMMANDS}.schema", "Write the JSON Schema that editors complete by."),
    },
    "Look": {
        "list": Lazy(f"{_COMMANDS}.listing", "List schedules: what they start, when next."),
        "show": Lazy(f"{_COMMANDS}.show", "Show one schedule: its times, runs, and misses."),
        "next": Lazy(f"{_COMMANDS}.next", "Tell when a schedule starts runs next."),
        "orphans": Lazy(f"{_COMMANDS}.orphans", "Find schedules that nothing stands behind."),
    },
    "Operate": {
        "pause": Lazy(f"{_COMMANDS}.pausing:pause", "Stop starting runs until resumed."),
        "resume": Lazy(f"{_COMMANDS}.pausing:resume", "Start runs again."),
        "trigger": Lazy(f"{_COMMANDS}.trigger", "Start a run of a schedule now."),
        "backfill": Lazy(f"{_COMMANDS}.backfill", "Start the runs of a time that has passed."),
        "delete": Lazy(f"{_COMMANDS}.delete", "Delete schedules."),
    },
}


@click.group("schedule", cls=LazyGroup, sections=SECTIONS)
def command() -> None:
    """Work with schedules: what is started, when, and what happens when starts collide."""
