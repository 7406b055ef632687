"""`tenuto monitor create` and `tenuto monitor preview`: what a monitor is, said on one line."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output
from tenuto.packs.monitors.commands.options import asked, words

if TYPE_CHECKING:
    from tenuto.packs.monitors.keeping import Kept
    from tenuto.packs.monitors.models import CheckRecord, Draft
    from tenuto.packs.monitors.operations import Created, Monitors

_query = click.argument("query", metavar="[QUESTION]", required=False)
_name = click.option("--name", metavar="NAME", help="By default as the question begins.")
_file = click.option(
    "--file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="YAML of one monitor, with its fields as in monitors.yaml; options change it.",
)


@click.command("create")
@_query
@words
@_name
@_file
@click.option("--run-now", is_flag=True, help="Check at once, not only when it is due.")
@data_options
@click.pass_obj
def create(
    output: Output,
    /,
    query: str | None,
    name: str | None,
    file: Path | None,
    run_now: bool,
    **given: Any,
) -> None:
    """Create a monitor that asks QUESTION.

    \b
    tenuto monitor create 'Is Python 3.15 out?' --when 'it is released' --every '6 hours' \\
      --provider openai --email ann@example.com
    """
    from tenuto.packs.monitors.commands.pages import record_of

    draft = _draft(given, query, name, file)

    async def created(monitors: "Monitors") -> "tuple[Created, Kept]":
        done = await monitors.create(draft, run_immediately=run_now)
        return done, await monitors.find(done.monitor.id)

    done, kept = asked(created)
    check = done.check.workflow_id if done.check else None
    output.record(
        {**record_of(kept), "check": check},
        lambda console: console.print(kept.monitor.id, soft_wrap=True),
    )
    _say_what_follows(output, kept, is_checked=check is not None)


@click.command("preview")
@_query
@words
@_name
@_file
@data_options
@click.pass_obj
def preview(
    output: Output, /, query: str | None, name: str | None, file: Path | None, **given: Any
) -> None:
    """Check once what a monitor would find. Nothing is kept, nobody is told."""
    from tenuto.packs.monitors.commands.pages import print_check

    draft = _draft(given, query, name, file)

    async def previewed(monitors: "Monitors") -> "CheckRecord":
        record: CheckRecord = await (await monitors.preview(draft)).result()
        return record

    print_check(output, asked(previewed))


def _draft(
    given: dict[str, Any], query: str | None, name: str | None, file: Path | None
) -> "Draft":
    from tenuto.packs.monitors.asked import given_fields
    from tenuto.packs.monitors.drafts import read_draft
    from tenuto.packs.monitors.file import read_monitor_file

    if file is None:
        _refuse_missing(query, given)
        return read_draft(given_fields(given, query=query, name=name))
    before = read_monitor_file(file, str(file)).model_dump(mode="json")
    return read_draft({**before, **given_fields(given, query=query, name=name, before=before)})


def _refuse_missing(query: str | None, given: dict[str, Any]) -> None:
    named = {"QUESTION": query, "--when": given["when"], "--every": given["schedule"]}
    missing = [name for name, value in named.items() if value is None]
    if missing:
        raise click.UsageError(
            f"A monitor needs {' and '.join(missing)}; or name a FILE with `--file`."
        )


def _say_what_follows(output: Output, kept: "Kept", *, is_checked: bool) -> None:
    from tenuto.packs.monitors.commands.pages import told_to
    from tenuto.packs.monitors.listing import next_checks

    monitor = kept.monitor
    due = next_checks(kept, 1)
    if is_checked:
        output.note("It looks now.")
    elif due:
        output.note(f"It looks next at {due[0]:%Y-%m-%d %H:%M %Z}.")
    if not monitor.notifications:
        output.note(
            f"It tells nobody yet: tenuto monitor update {monitor.id} --email ann@example.com"
        )
    else:
        output.note(f"It tells {told_to(monitor)}.")
    output.note(f"What it finds: tenuto monitor history {monitor.id}")
