"""`tenuto tasks approve|reject|edit|answer`."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output

if TYPE_CHECKING:
    from tenuto.catalog.library.tasks.request import Action


def _options(*, has_form: bool, needs_comment: bool) -> Callable[[Any], Any]:
    def add(command: Any) -> Any:
        options: list[Callable[[Any], Any]] = [
            click.argument("tasks", nargs=-1, required=True, metavar="TASK..."),
            click.option(
                "-m",
                "--comment",
                **({"required": True} if needs_comment else {"default": ""}),
                metavar="TEXT",
                help="Why; it stays with the decision.",
            ),
        ]
        if has_form:
            options += [
                click.option(
                    *("-f", "--field", "fields"),
                    multiple=True,
                    metavar="NAME=VALUE",
                    help="A field of the task's form; may be given several times.",
                ),
                click.option(
                    "--form",
                    type=click.Path(path_type=Path, dir_okay=False),
                    metavar="FILE",
                    help="The form as a YAML or JSON file.",
                ),
            ]
        options += [
            click.option(
                "--seen",
                metavar="HASH",
                help="What you looked at, as `tasks show` prints it; refused when it changed.",
            ),
            click.option(
                *("-y", "--yes", "is_sure"),
                is_flag=True,
                help="Do not ask; decide on whatever stands there now.",
            ),
            data_options,
            click.pass_obj,
        ]
        for option in reversed(options):
            command = option(command)
        return command

    return add


@click.command("approve")
@_options(has_form=True, needs_comment=False)
def approve(output: Output, tasks: tuple[str, ...], **typed: Any) -> int:
    """Approve each TASK.

    At a terminal you are shown what you decide on and asked. Elsewhere nothing is asked: a task
    about one fixed content needs --seen, or --yes. Exit code 1 when one of several failed.
    """
    return _decide(output, tasks, "approve", typed)


@click.command("reject")
@_options(has_form=False, needs_comment=True)
def reject(output: Output, tasks: tuple[str, ...], **typed: Any) -> int:
    """Reject each TASK; say why with -m."""
    return _decide(output, tasks, "reject", typed)


@click.command("edit")
@_options(has_form=True, needs_comment=False)
def edit(output: Output, tasks: tuple[str, ...], **typed: Any) -> int:
    """Approve TASK with other data than were shown: give them with -f or --form."""
    return _decide(output, tasks, "edit", typed)


@click.command("answer")
@_options(has_form=True, needs_comment=True)
def answer(output: Output, tasks: tuple[str, ...], **typed: Any) -> int:
    """Answer TASK in words, with -m."""
    return _decide(output, tasks, "respond", typed)


def _decide(
    output: Output,
    tasks: tuple[str, ...],
    decision: "Action",
    typed: dict[str, Any],
) -> int:
    import asyncio

    from tenuto.cli.tasks.deciding import Typed

    asked = Typed(decision=decision, **{"fields": (), "form": None, **typed})
    return asyncio.run(_run(output, tasks, asked))


async def _run(output: Output, tasks: tuple[str, ...], typed: Any) -> int:
    from tenuto.cli.tasks.deciding import decide_all
    from tenuto.cli.tasks.desk import open_desk

    return await decide_all(output, await open_desk(), tasks, typed)
