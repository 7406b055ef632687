"""`tenuto policy`: rules as code, from the first draft to what a change would change."""

import click

from tenuto.cli.lazy import Lazy, LazyGroup

_COMMANDS = "tenuto.cli.commands.policy"

SECTIONS = {
    "Write rules": {
        "init": Lazy(f"{_COMMANDS}.init", "Copy rules and their tests to start from."),
        "check": Lazy(f"{_COMMANDS}.check", "Find everything that is wrong with rules."),
        "test": Lazy(f"{_COMMANDS}.testing", "Run the tests beside the rules."),
        "coverage": Lazy(f"{_COMMANDS}.coverage", "Find changes of rules that no test notices."),
        "publish": Lazy(f"{_COMMANDS}.publish", "Put rules in force."),
    },
    "Ask rules": {
        "show": Lazy(f"{_COMMANDS}.show", "List the rules and their digest."),
        "explain": Lazy(f"{_COMMANDS}.explain", "Ask one question: which rules decide, and why."),
        "diff": Lazy(f"{_COMMANDS}.diff", "Find recorded decisions that other rules would change."),
    },
}


@click.group("policy", cls=LazyGroup, sections=SECTIONS)
def command() -> None:
    """Work with rules that say who may do what.

    Rules are Cedar, in `*.cedar` files of one folder: FOLDER, else setting `policy.folder`, else
    `policy`. Nothing here needs a server.
    """
