"""`tenuto triggers`: what happens elsewhere and starts runs here."""

import click

from tenuto.cli.lazy import Lazy, LazyGroup

_COMMANDS = "tenuto.cli.commands.triggers"

SECTIONS = {
    "Without a server": {
        "check": Lazy(f"{_COMMANDS}.check", "Find everything that is wrong with triggers.yaml."),
        "list": Lazy(f"{_COMMANDS}.listing", "List webhooks, events, and files."),
    },
    "With a server": {
        "serve": Lazy(f"{_COMMANDS}.serve", "Receive webhooks and events; Ctrl-C stops."),
        "apply": Lazy(f"{_COMMANDS}.apply", "Watch the files that triggers.yaml names."),
        "test": Lazy(f"{_COMMANDS}.test", "Sign and send one delivery, or show what it would do."),
    },
}


@click.group("triggers", cls=LazyGroup, sections=SECTIONS)
def command() -> None:
    """Start runs by webhooks, CloudEvents, and files that arrive, as triggers.yaml says.

    `tenuto up` receives too, where the project has a triggers.yaml.
    """
