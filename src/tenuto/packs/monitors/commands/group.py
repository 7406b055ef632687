"""`tenuto monitor`: the group, which imports a command when it is called."""

import click

from tenuto.cli.lazy import Lazy, LazyGroup

_COMMANDS = "tenuto.packs.monitors.commands"

SECTIONS = {
    "Begin": {
        "preview": Lazy(f"{_COMMANDS}.creating:preview", "Look once; keep nothing, tell nobody."),
        "create": Lazy(f"{_COMMANDS}.creating:create", "Create a monitor."),
        "templates": Lazy(f"{_COMMANDS}.templates", "List monitors to begin with."),
        "apply": Lazy(f"{_COMMANDS}.apply", "Make your monitors what monitors.yaml says."),
    },
    "Look": {
        "list": Lazy(f"{_COMMANDS}.looking:listing", "List monitors: state, next check, the last."),
        "show": Lazy(f"{_COMMANDS}.looking:show", "Show one as written, and what it found last."),
        "history": Lazy(f"{_COMMANDS}.looking:history", "List checks: what each found and told."),
    },
    "Operate": {
        "run": Lazy(f"{_COMMANDS}.run", "Check now."),
        "update": Lazy(f"{_COMMANDS}.changing:update", "Change a monitor."),
        "pause": Lazy(f"{_COMMANDS}.changing:pause", "Look no more until resumed."),
        "resume": Lazy(f"{_COMMANDS}.changing:resume", "Look again; opens a completed one anew."),
        "fork": Lazy(f"{_COMMANDS}.changing:fork", "Copy a monitor, without secrets."),
        "delete": Lazy(f"{_COMMANDS}.changing:delete", "Delete a monitor."),
        "verify": Lazy(
            "tenuto.packs.monitors.addresses.commands:verify",
            "Prove that an address is yours.",
        ),
        "webhook": Lazy(
            "tenuto.packs.monitors.webhooks.commands:webhook",
            "Secrets of webhooks, and an event to try one with.",
        ),
    },
}


@click.group("monitor", cls=LazyGroup, sections=SECTIONS)
def monitor() -> None:
    """Watch the web: a question, a condition, a schedule, and who is told when it is met.

    MONITOR is an id, or the name of a monitor of yours.
    """
