"""`tenuto run NAME` as a command of its own, its options made of the entry's input fields."""

from collections.abc import Callable, Sequence
from typing import Any

import click

from tenuto.catalog.entries import WorkflowEntry
from tenuto.cli.fields import LIST, Field, fields_of
from tenuto.triggers.fields import Typed

PREFIX = "field__"
"""Of the parameter that holds an input field, so that no field shadows a parameter of ours."""


class EntryCommand(click.Command):
    """A command whose help page has the input fields under a heading of their own."""

    def __init__(
        self,
        entry: WorkflowEntry[Any, Any],
        controls: Sequence[click.Parameter],
        callback: Callable[..., Any],
    ) -> None:
        fields = fields_of(entry.request)
        taken = {option for each in controls for option in each.opts} | {"--help"}
        self._hidden = [field for field in fields if field.option in taken]
        super().__init__(
            entry.name,
            params=[_option(field) for field in fields if field.option not in taken]
            + list(controls),
            callback=callback,
            help=entry.summary,
            short_help=entry.summary,
            context_settings={"token_normalize_func": _dashes},
        )

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the input fields, then what every `tenuto run` takes."""
        params = self.get_params(ctx)
        fields = [each for each in params if (each.name or "").startswith(PREFIX)]
        rest = [each for each in params if each not in fields]
        rows = [("-f " + field.name + "=" + field.kind, _help(field)) for field in self._hidden]
        for title, part, more in (("Input fields", fields, rows), ("Options", rest, [])):
            records = [record for each in part if (record := each.get_help_record(ctx))]
            if records or more:
                with formatter.section(title):
                    formatter.write_dl(records + more)


def typed_fields(given: dict[str, Any]) -> dict[str, Typed]:
    """The fields that were typed, by name, as text; a list's as one text for each time."""
    return {
        name.removeprefix(PREFIX): str(value).lower() if isinstance(value, bool) else value
        for name, value in given.items()
        if name.startswith(PREFIX) and value not in (None, ())
    }


def _option(field: Field) -> click.Option:
    name = PREFIX + field.name
    if field.is_flag:
        off = "--no-" + field.option.removeprefix("--")
        return click.Option([f"{field.option}/{off}", name], default=None, help=_help(field))
    is_list = field.kind == LIST
    return click.Option(
        [field.option, name], metavar=field.kind, multiple=is_list, help=_help(field)
    )


def _help(field: Field) -> str:
    note = "[required]" if field.is_required else f"[default: {field.default}]"
    if not field.is_required and not field.default:
        return field.summary
    return f"{field.summary}  {note}".strip()


def _dashes(option: str) -> str:
    """`on_missing` is `on-missing`, as it is in an input file."""
    return option.replace("_", "-")
