"""`tenuto agent`: let an agent do a task under policy, and decide what it asks."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output

if TYPE_CHECKING:
    from tenuto.artifacts.store import ArtifactStore
    from tenuto.packs.agents.models import Agent

_APPROVERS = ("g:approvers",)
"""Who lets an agent start that names nobody."""

_texts = click.argument("texts", nargs=-1, required=True, metavar="TEXT...")
_agent_file = click.option(
    "--agent",
    "agent_file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Who it is: model, instructions, tools, budget (YAML). By default an assistant without"
    " tools, whose model is the worker's TENUTO_AGENTS_MODEL.",
)
_approvers = click.option(
    "--approver",
    "approvers",
    multiple=True,
    metavar="WHO",
    help="Who may let it start, u:... or g:...; may be given several times. By default the"
    " agent's `approvers`, or g:approvers where it names none.",
)
_environment = click.option(
    "--environment", default="dev", show_default=True, help="Where it acts; rules read it."
)


@click.group("agent")
def agent() -> None:
    """Let an agent do a task.

    Policy is asked, people let it start, its tools are watched.
    """


@agent.command("start")
@_texts
@_agent_file
@_approvers
@_environment
@data_options
@click.pass_obj
def start(output: Output, /, texts: tuple[str, ...], **given: Any) -> None:
    """Start a task with these TEXTs.

    Policy is asked, then people, then the agent works. Prints the run's id.
    """
    import asyncio

    run_id = asyncio.run(_start(texts, **given))
    output.record({"workflow_id": run_id}, lambda console: console.print(run_id, soft_wrap=True))
    output.note(f"Somebody else decides: tenuto agent signal {run_id} approve")


@agent.command("signal")
@click.argument("run_id", metavar="RUN")
@click.argument("decision", type=click.Choice(["approve", "reject"]))
@click.option("-m", "--comment", default="", metavar="TEXT", help="Why; needed to reject.")
@data_options
@click.pass_obj
def signal(output: Output, run_id: str, decision: str, comment: str) -> None:
    """Decide what RUN asks now.

    That is whether it may start, or whether a tool may be called. It goes through the run's task,
    with a ticket; `tenuto tasks` shows what is asked.
    """
    import asyncio

    record = asyncio.run(_decide(run_id, decision, comment))
    output.record(record, lambda console: console.print(f"{record['task_id']}: {record['state']}"))


@agent.command("schedule")
@_texts
@click.option("--every", required=True, metavar="SPAN", help="For example PT15S or P1D.")
@click.option("--name", required=True, help="What the definition is called.")
@_agent_file
@_approvers
@_environment
@data_options
@click.pass_obj
def schedule(
    output: Output,
    /,
    texts: tuple[str, ...],
    every: str,
    name: str,
    agent_file: Path | None,
    **given: Any,
) -> None:
    """Print a definition that repeats a task.

    Redirect it into a file and deploy that with `tenuto definition deploy`, which asks policy and
    sets the schedule. A start that comes due while one waits is left out.
    """
    from tenuto.artifacts.store import open_store
    from tenuto.engine.settings import load_settings
    from tenuto.packs.agents.scheduling import as_definition

    who = _agent_in(agent_file, open_store(load_settings().artifacts_url))
    document = as_definition(
        texts, who, every=every, name=name, **{**given, "approvers": _who_lets_start(who, given)}
    )
    output.record(
        document, lambda console: console.print(_yaml(document), markup=False, soft_wrap=True)
    )


@agent.command("transcript")
@click.argument("run_id", metavar="RUN")
@data_options
@click.pass_obj
def transcript(output: Output, run_id: str) -> None:
    """Print what the agent of RUN said and did.

    It stands there once the agent has ended, also where it failed or was cancelled.
    """
    import asyncio

    lines, page = asyncio.run(_transcript(run_id))
    output.records(lines, lambda console: console.print(page, markup=False, soft_wrap=True))


def _agent_in(file: Path | None, store: "ArtifactStore") -> "Agent":
    """The agent, held against the project's catalog. Raises as `check_agent_here`."""
    from tenuto.cli.session import catalog_here
    from tenuto.packs.agents.starting import check_agent_here, read_agent

    who = read_agent(file, store)
    check_agent_here(who, catalog_here(), store)
    return who


def _who_lets_start(who: "Agent", given: dict[str, Any]) -> tuple[str, ...]:
    return given["approvers"] or who.approvers or _APPROVERS


async def _start(texts: tuple[str, ...], agent_file: Path | None, **given: Any) -> str:
    from tenuto.cli.session import open_session
    from tenuto.packs.agents.starting import start_task

    session = await open_session()
    who = _agent_in(agent_file, session.store)
    given["approvers"] = _who_lets_start(who, given)
    return await start_task(session.client, session.gate, texts, who, **given)


async def _decide(run_id: str, decision: Any, comment: str) -> dict[str, Any]:
    from tenuto.cli.session import open_session
    from tenuto.packs.agents.starting import decide_open

    session = await open_session()
    task_id, standing = await decide_open(session.client, session.gate, run_id, decision, comment)
    return {"task_id": task_id, **standing.model_dump(mode="json")}


async def _transcript(run_id: str) -> tuple[list[dict[str, Any]], str]:
    from tenuto.cli.session import open_session
    from tenuto.packs.agents.starting import read_transcript

    session = await open_session()
    return await read_transcript(session.client, session.gate, session.store, run_id)


def _yaml(document: dict[str, Any]) -> str:
    import yaml

    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True).rstrip()
