"""`tenuto run NAME`: start a workflow, with its input fields as options."""

from functools import partial
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from tenuto.cli.options import data_options, start_options
from tenuto.cli.output import Output

if TYPE_CHECKING:
    from tenuto.catalog.entries import WorkflowEntry
    from tenuto.catalog.registry import Catalog
    from tenuto.triggers.fields import Typed


class RunGroup(click.Group):
    """A group whose commands are the workflows of the project's catalog."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all workflows that are started by a name and fields."""
        entries = _catalog(ctx).workflows.values()
        return sorted(entry.name for entry in entries if entry.started_by is None)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        """The command that starts the workflow called `cmd_name`.

        Raises NotFoundError that suggests near names, and UsageError for a workflow whose request
        is not for people to write.
        """
        from tenuto.cli.entry_command import EntryCommand
        from tenuto.core.errors import UsageError

        entry = _catalog(ctx).workflow(cmd_name)
        if entry.started_by is not None:
            raise UsageError(
                f"`{entry.name}` is not started by `tenuto run`, but by {entry.started_by}.",
                code="cli.started-otherwise",
            )
        return EntryCommand(entry, _controls.params, partial(_start, entry))


@click.group("run", cls=RunGroup, subcommand_metavar="NAME [--FIELD VALUE]...")
def command() -> None:
    """Start the workflow NAME.

    `tenuto run NAME --help` lists its input fields. A file field takes the name of a file,
    which is stored by its content: a later change of the file changes nothing for the run.
    """


def _required_text(ctx: click.Context, parameter: click.Parameter, value: str) -> str:
    """An empty reason is a mistake, not a start without breaking the glass."""
    is_typed = ctx.get_parameter_source(str(parameter.name)) is ParameterSource.COMMANDLINE
    if is_typed and not value.strip():
        raise click.BadParameter("give a reason; it stays on record.", ctx, parameter)
    return value


@click.command
@click.option(
    "-f",
    "--field",
    "more",
    multiple=True,
    metavar="NAME=VALUE",
    help="Another way to give a field.",
)
@click.option("--input", "file", metavar="FILE|-", help="YAML or JSON with fields; options win.")
@start_options
@click.option("--dry-run", is_flag=True, help="Check the input and start nothing.")
@click.option(
    "--break-glass",
    metavar="REASON",
    default="",
    callback=_required_text,
    help="Start it in an emergency: needs its own rule, raises an alarm.",
)
@data_options
def _controls() -> None:
    """What every `tenuto run NAME` takes besides its input fields."""


def _start(entry: "WorkflowEntry[Any, Any]", **given: Any) -> int:
    import asyncio

    from tenuto.cli.entry_command import typed_fields
    from tenuto.cli.starting import Wanted, check_only, start_run

    output = click.get_current_context().ensure_object(Output)
    wanted = Wanted(
        entry=entry,
        typed=typed_fields(given) | _pairs(given["more"]),
        file=given["file"],
        workflow_id=given["workflow_id"],
        waits=given["waits"],
        timeout_s=given["timeout_s"],
        until_waiting=given["until_waiting"],
        asks=given["asks"],
        break_glass=given["break_glass"],
    )
    if given["dry_run"]:
        return check_only(wanted, output)
    return asyncio.run(start_run(wanted, output))


def _pairs(more: tuple[str, ...]) -> "dict[str, Typed]":
    """Name -> every text given for it, in order."""
    pairs = [each.partition("=") for each in more]
    for name, equals, _ in pairs:
        if not equals:
            raise click.BadParameter(f"{name!r} is not NAME=VALUE.", param_hint="--field")
    found: dict[str, list[str]] = {}
    for name, _, value in pairs:
        found.setdefault(name.replace("-", "_"), []).append(value)
    return {**found}


def _catalog(ctx: click.Context) -> "Catalog":
    from tenuto.app import project_catalog
    from tenuto.engine.settings import load_settings

    key = "tenuto.catalog"
    if key not in ctx.meta:
        ctx.meta[key] = project_catalog(load_settings())
    catalog: Catalog = ctx.meta[key]
    return catalog
