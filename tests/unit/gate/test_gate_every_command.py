"""Every command names what it asks the gate for, or stands in the list of those that need not."""

import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tenuto.cli.program import program

NEEDS_NONE = {
    "catalog list": "reads the code that is installed here",
    "catalog show": "reads the code that is installed here",
    "demo": "starts runs through the gate of its stage",
    "doctor": "checks this machine",
    "init": "writes new files here",
    "up": "runs a server and workers with this machine's keys",
    "worker": "runs workers with this machine's keys",
    "replay": "reads files that are given",
    "version": "reads what is installed here",
    "definition check": "reads files that are given",
    "definition convert": "reads files that are given",
    "definition graph": "draws what is given",
    "definition plan": "rehearses what is given",
    "definition schema": "writes the schema of definitions",
    "definition list": "reads the names of what is deployed",
    "definition show": "reads what is deployed, which every start of it carries",
    "schedule check": "reads files that are given",
    "schedule schema": "writes the schema of schedules",
    "monitor templates": "reads what is installed here",
    "triggers check": "reads files that are given",
    "triggers list": "reads files that are given",
    "triggers serve": "starts runs through a gate for each of its triggers",
    "triggers test": "sends what a sender would, which the receiver's gate judges",
    "artifacts verify": "says which hashes are wrong, and shows no content",
}
ASKS = re.compile(
    r"\bgate\b|speaking_gate|authorize_locally|project_gate|open_desk|run_definition|start_run"
    r"|deploy_files|plan_or_apply|applying import apply|\basked\("
)
OF_OTHERS = ("agents", "audit", "breaks", "keys", "policy", "tasks", "token", "whoami")
"""Groups whose own tests walk them."""


def commands(
    group: click.Command, path: tuple[str, ...] = ()
) -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, with its whole name."""
    context = click.Context(group)
    if not isinstance(group, click.Group) or path == ("run",):
        yield " ".join(path), group
        return
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield from commands(command, (*path, name))


NAMED = {name: command for name, command in commands(program) if name.split()[0] not in OF_OTHERS}


@pytest.mark.parametrize("name", sorted(NAMED))
def test_inv_3_a_command_passes_the_gate_or_needs_none(name: str) -> None:
    asks = ASKS.search(_source(NAMED[name])) is not None
    assert asks != (name in NEEDS_NONE), f"{name}: ask the gate, or say here why it need not"


def test_no_exception_is_for_a_command_that_is_gone() -> None:
    assert set(NEEDS_NONE) <= set(NAMED)


def _source(command: click.Command) -> str:
    function = inspect.unwrap(command.callback) if command.callback else _of_run
    module = importlib.import_module(function.__module__)
    return Path(str(module.__file__)).read_text("utf-8")


def _of_run() -> None:
    """Stands for the group `run`, whose commands are made from the catalog."""


_of_run.__module__ = "tenuto.cli.commands.run"
