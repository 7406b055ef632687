"""Command groups: one imports a command only when it is called, one has a default command.

The help page is written from one table, so that `tenuto --help` imports no command at all.
"""

import importlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import click


class Lazy(NamedTuple):
    """Where a command lives, and the line that the help page shows for it."""

    module: str
    """Module whose `command` it is."""
    help: str


class LazyGroup(click.Group):
    """A group whose commands are named by module, under headings."""

    def __init__(self, *, sections: Mapping[str, Mapping[str, Lazy]], **options: Any) -> None:
        super().__init__(**options)
        self.sections = sections
        self.lazy = {name: lazy for section in sections.values() for name, lazy in section.items()}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of the help page."""
        return list(self.lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command called `cmd_name`, imported now."""
        if cmd_name not in self.lazy:
            return None
        module = importlib.import_module(self.lazy[cmd_name].module)
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that `args` starts with; for an unknown name, an error with near ones."""
        name = args[0]
        if name not in self.lazy and not name.startswith("-") and not ctx.resilient_parsing:
            raise click.NoSuchCommand(name, possibilities=self.lazy, ctx=ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the sections from the table."""
        for heading, commands in self.sections.items():
            with formatter.section(heading):
                formatter.write_dl([(name, lazy.help) for name, lazy in commands.items()])


class DefaultGroup(click.Group):
    """A group in which anything but the name of a command goes to its default command.

    `tenuto runs --status failed` means `tenuto runs list --status failed`.
    """

    def __init__(self, *, default: str, **options: Any) -> None:
        super().__init__(**options, no_args_is_help=False)
        self.default = default

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Puts the default's name in front where none is written."""
        if not args or args[0] not in self.commands:
            args = [self.default, *args]
        return super().parse_args(ctx, args)
