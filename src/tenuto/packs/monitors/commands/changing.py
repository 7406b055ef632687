"""`tenuto monitor update`, `pause`, `resume`, `fork`, and `delete`."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output
from tenuto.packs.monitors.commands.options import asked, monitor_argument, words

if TYPE_CHECKING:
    from rich.console import Console

    from tenuto.packs.monitors.keeping import Kept
    from tenuto.packs.monitors.operations import Monitors


@click.command("update")
@monitor_argument
@words
@click.option("--name", metavar="NAME", help="Another name.")
@click.option("--query", metavar="TEXT", help="Another question.")
@data_options
@click.pass_obj
def update(
    output: Output, /, monitor_ref: str, name: str | None, query: str | None, **given: Any
) -> None:
    """Change MONITOR. It stays paused if it is, and keeps its checks.

    An empty text takes a channel away: `--email ''`.
    """
    _change(output, lambda monitors: _updated(monitors, monitor_ref, name, query, given))


@click.command("pause")
@click.argument("monitor_ref", metavar="[MONITOR]", required=False)
@click.option("--all-of", metavar="WHO", help="Every active monitor of this user, u:...")
@data_options
@click.pass_obj
def pause(output: Output, monitor_ref: str | None, all_of: str | None) -> int:
    """Stop MONITOR from looking until it is resumed; or all monitors of a user."""
    if (monitor_ref is None) == (all_of is None):
        raise click.UsageError("name one MONITOR, or a user with --all-of")
    if monitor_ref is not None:
        _change(output, lambda monitors: monitors.move(monitor_ref, "paused"))
        return 0
    return _pause_all(output, str(all_of))


@click.command("resume")
@monitor_argument
@data_options
@click.pass_obj
def resume(output: Output, monitor_ref: str) -> None:
    """Let MONITOR look again; a completed one is opened anew, and tells again."""
    _change(output, lambda monitors: monitors.move(monitor_ref, "active"))


@click.command("fork")
@monitor_argument
@click.option("--name", required=True, metavar="NAME", help="What the copy is called.")
@data_options
@click.pass_obj
def fork(output: Output, monitor_ref: str, name: str) -> None:
    """Copy MONITOR under another name: paused, telling nobody, without any secret."""
    from tenuto.packs.monitors.commands.pages import record_of

    async def forked(monitors: "Monitors") -> "Kept":
        done = await monitors.fork(monitor_ref, name)
        return await monitors.find(done.monitor.id)

    kept = asked(forked)
    output.record(record_of(kept), lambda console: console.print(kept.monitor.id, soft_wrap=True))
    output.note(f"Say whom it tells: tenuto monitor update {kept.monitor.id} --email ...")
    output.note(f"Then: tenuto monitor resume {kept.monitor.id}")


@click.command("delete")
@monitor_argument
@data_options
@click.pass_obj
def delete(output: Output, monitor_ref: str) -> None:
    """Delete MONITOR. Its checks stay readable by its id. Once more is no error."""
    was_there = asked(lambda monitors: monitors.delete(monitor_ref))
    said = "deleted" if was_there else "there was no such monitor"
    output.record(
        {"monitor": monitor_ref, "deleted": was_there},
        lambda console: console.print(f"{monitor_ref}: {said}", soft_wrap=True),
    )


def _change(output: Output, change: "Callable[[Monitors], Awaitable[Kept]]") -> None:
    from tenuto.packs.monitors.commands.pages import record_of, stands

    kept = asked(change)
    output.record(
        record_of(kept),
        lambda console: console.print(f"{kept.monitor.id}: {stands(kept)}", soft_wrap=True),
    )


async def _updated(
    monitors: "Monitors", reference: str, name: str | None, query: str | None, given: Any
) -> "Kept":
    from tenuto.core.errors import UsageError
    from tenuto.packs.monitors.asked import given_fields

    kept = await monitors.find(reference)
    before = kept.monitor.draft.model_dump(mode="json", exclude={"on_failure"})
    changes = given_fields(given, query=query, name=name, before=before)
    if not changes:
        raise UsageError(
            "Nothing was given to change. `tenuto monitor update --help` lists what can be.",
            code="monitors.no-change",
        )
    return await monitors.update(reference, changes)


def _pause_all(output: Output, owner: str) -> int:
    done = asked(lambda monitors: monitors.pause_all(owner))

    def draw(console: "Console") -> None:
        console.print(f"{len(done.paused)} paused, {len(done.failed)} failed")
        for monitor_id, why in done.failed.items():
            console.print(f"  {monitor_id}: {why}", soft_wrap=True, markup=False)

    output.record(done.model_dump(mode="json"), draw)
    return 1 if done.failed else 0
