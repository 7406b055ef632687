"""Command groups: one imports a command only when it is called, one has a default command.

The help page is written from one table, so that `tenuto --help` imports no command at all.
"""

import importlib
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, NamedTuple

import click


class Lazy(NamedTuple):
    """Where a command lives, and the line that the help page shows for it."""

    reference: str
    """`module:attribute`, or a module whose `command` it is."""
    help: str


Sections = Mapping[str, Mapping[str, Lazy]]


class LazyGroup(click.Group):
    """A group whose commands are named by module, under headings.

    `more` names further sections; it is asked for the help page, and for a name that `sections`
    does not have.
    """

    def __init__(
        self, *, sections: Sections, more: Callable[[], Sections] = dict, **options: Any
    ) -> None:
        super().__init__(**options)
        self.fixed = sections
        self.more = more

    @cached_property
    def sections(self) -> Sections:
        """All sections, in the order of the help page."""
        return {**self.fixed, **self.more()}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of the help page."""
        return [name for section in self.sections.values() for name in section]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command called `cmd_name`, imported now."""
        lazy = _named(self.fixed, cmd_name) or _named(self.sections, cmd_name)
        if lazy is None:
            return None
        module, _, attribute = lazy.reference.partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute or "command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that `args` starts with; for an unknown name, an error with near ones."""
        name = args[0]
        is_known = _named(self.fixed, name) or name.startswith("-") or _named(self.sections, name)
        if not is_known and not ctx.resilient_parsing:
            raise click.NoSuchCommand(name, possibilities=self.list_commands(ctx), ctx=ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the sections from the table."""
        for heading, commands in self.sections.items():
            with formatter.section(heading):
                formatter.write_dl([(name, lazy.help) for name, lazy in commands.items()])


def _named(sections: Sections, name: str) -> Lazy | None:
    return next((section[name] for section in sections.values() if name in section), None)


class DefaultGroup(click.Group):
    """A group in which anything but the name of a command goes to its default command.

    `tenuto runs --status failed` means `tenuto runs list --status failed`.
    """

    def __init__(self, *, default: str, **options: Any) -> None:
        super().__init__(**options, no_args_is_help=False)
        self.default = default

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Puts the default's name in front where none is written."""
        if args and self._is_unknown(args[0]):
            raise click.NoSuchCommand(args[0], possibilities=sorted(self.commands), ctx=ctx)
        if not args or args[0] not in self.commands:
            args = [self.default, *args]
        return super().parse_args(ctx, args)

    def _is_unknown(self, word: str) -> bool:
        """Whether it is the name of no command, and nothing that the default takes."""
        takes_words = any(
            isinstance(each, click.Argument) for each in self.commands[self.default].params
        )
        return word not in self.commands and not word.startswith("-") and not takes_words
