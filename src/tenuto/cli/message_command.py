"""The shape that `tenuto signal`, `query`, and `update` share."""

from typing import TYPE_CHECKING, Any, Literal

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output

if TYPE_CHECKING:
    from rich.console import Console

    from tenuto.engine.runs.execution import Execution
    from tenuto.engine.runs.handlers import Handler

Kind = Literal["signal", "query", "update"]


def message_command(kind: Kind, text: str) -> click.Command:
    """The command `kind RUN [NAME [ARGUMENTS]...]`; without a name it lists what there is."""

    @click.command(kind, help=text, context_settings={"ignore_unknown_options": True})
    @click.argument("run")
    @click.argument("name", required=False)
    @click.argument("words", nargs=-1, metavar="[JSON | --FIELD VALUE]...", type=click.UNPROCESSED)
    @click.option(
        "--no-check",
        is_flag=True,
        hidden=kind != "signal",
        help="Send it though no worker is there to say whether the name is right.",
    )
    @data_options
    @click.pass_obj
    def command(
        output: Output, run: str, name: str | None, words: tuple[str, ...], no_check: bool
    ) -> None:
        import asyncio

        if name is None:
            asyncio.run(_list_names(output, kind, run))
        else:
            asyncio.run(_say(output, kind, run, name, words, is_checked=not no_check))

    # `--groups` after the name is a field of the message; who asks is said before the command.
    command.params = [each for each in command.params if each.name != "as_groups"]
    return command


async def _say(
    output: Output, kind: Kind, text: str, name: str, words: tuple[str, ...], *, is_checked: bool
) -> None:
    from tenuto.cli.messages import read_arguments
    from tenuto.cli.outline import outlined
    from tenuto.cli.session import open_session
    from tenuto.cli.speaking import speaking_gate
    from tenuto.cli.values import drawn, is_folded
    from tenuto.engine.runs.resolve import resolve_run

    session = await open_session()
    client, run = session.client, await resolve_run(session.client, text)
    arguments = await read_arguments(session, run, name, words)
    gate = speaking_gate(session, arguments)
    if kind == "signal":
        await gate.signal(client, run, name, arguments, is_checked=is_checked)
        output.note(f"Signal {name} sent to {run}.")
        return
    ask = gate.query if kind == "query" else gate.update
    answer: Any = await ask(client, run, name, arguments)
    record = {"workflow_id": run.workflow_id, "run_id": run.run_id, "name": name, "answer": answer}

    def show(console: "Console") -> None:
        if is_folded(answer):
            console.print(outlined(answer), soft_wrap=True)
        else:
            console.print(drawn(answer))

    output.record(record, show)


async def _list_names(output: Output, kind: Kind, text: str) -> None:
    from tenuto.cli.session import open_session
    from tenuto.cli.tables import table
    from tenuto.core.errors import TransientError
    from tenuto.engine.runs.handlers import read_handlers
    from tenuto.engine.runs.resolve import resolve_run

    session = await open_session()
    client = session.client
    run: Execution = await resolve_run(client, text)
    await session.gate.authorize_reading(client, run)
    handlers = await read_handlers(client, run)
    if handlers is None:
        raise TransientError(
            f"No worker answers for run `{run}`, so what it can be told is not known."
            f" `tenuto show {run}` names the task queue that needs a worker.",
            code="runs.no-worker",
        )
    of_kind = {"signal": handlers.signals, "query": handlers.queries, "update": handlers.updates}
    named: tuple[Handler, ...] = of_kind[kind]
    grid = table("Name", "", folds="")
    for each in named:
        grid.add_row(each.name, each.description or "")
    output.records(
        [each.model_dump() for each in named],
        lambda console: console.print(grid) if named else console.print(f"It takes no {kind}."),
    )
