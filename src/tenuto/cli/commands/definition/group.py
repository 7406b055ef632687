"""`tenuto definition`: workflows written as YAML, from the first check to a run."""

import click

from tenuto.cli.lazy import Lazy, LazyGroup

_COMMANDS = "tenuto.cli.commands.definition"

SECTIONS = {
    "Without a server": {
        "check": Lazy(f"{_COMMANDS}.check", "Find everything that is wrong with definitions."),
        "plan": Lazy(f"{_COMMANDS}.plan", "Rehearse a definition: every step, nothing is called."),
        "graph": Lazy(f"{_COMMANDS}.graph", "Draw a definition."),
        "schema": Lazy(f"{_COMMANDS}.schema", "Write the JSON Schema that editors complete by."),
        "convert": Lazy(
            f"{_COMMANDS}.convert", "Turn a definition of the older form into DSL 1.0."
        ),
    },
    "Deployed definitions": {
        "deploy": Lazy(f"{_COMMANDS}.deploy", "Check definitions, keep them, and schedule them."),
        "list": Lazy(f"{_COMMANDS}.listing", "List deployed definitions."),
        "show": Lazy(f"{_COMMANDS}.show", "Show one deployed definition."),
        "run": Lazy(f"{_COMMANDS}.run", "Start a run of a definition."),
    },
}


@click.group("definition", cls=LazyGroup, sections=SECTIONS)
def command() -> None:
    """Work with workflows written as YAML after the Open Workflow Specification, DSL 1.0.

    A definition is a file, or NAMESPACE/NAME[:VERSION] of one that was deployed; without a version
    the highest is taken.
    """
