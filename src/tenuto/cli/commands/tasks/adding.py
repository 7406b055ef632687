"""`tenuto tasks comment|attach|remind-me`: what people add to a task."""

from pathlib import Path

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output


@click.command("comment")
@click.argument("task")
@click.argument("text")
@data_options
@click.pass_obj
def comment(output: Output, task: str, text: str) -> None:
    """Write TEXT under TASK."""
    import asyncio

    from tenuto.catalog.library.tasks.messages import Remark
    from tenuto.cli.tasks.speaking import tell, written

    asyncio.run(tell(output, task, written(Remark, text=text), did="comment written"))


@click.command("attach")
@click.argument("task")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("-m", "--comment", default="", metavar="TEXT", help="What it is.")
@data_options
@click.pass_obj
def attach(output: Output, task: str, file: Path, comment: str) -> None:
    """Add FILE to TASK. It goes into the artifact store, pinned by its content."""
    import asyncio

    asyncio.run(_attach(output, task, file, comment))


async def _attach(output: Output, text: str, file: Path, comment: str) -> None:
    import asyncio

    from tenuto.catalog.library.tasks.messages import Attach
    from tenuto.cli.tasks.desk import open_desk
    from tenuto.cli.tasks.speaking import tell, written

    desk = await open_desk()
    task_id = await desk.resolve(text)
    stored = await asyncio.to_thread(desk.session.store.put_file, file, name=file.name)
    message = written(Attach, document=stored, comment=comment)
    await tell(output, task_id, message, desk, did=f"{file.name} attached")


@click.command("remind-me")
@click.argument("task")
@click.option(
    *("--in", "after"), required=True, metavar="LENGTH", help="From now: 30m, 4h, 2d, or PT4H."
)
@data_options
@click.pass_obj
def remind_me(output: Output, task: str, after: str) -> None:
    """Be reminded of TASK later, if it still waits then."""
    import asyncio

    from tenuto.catalog.library.tasks.messages import RemindMe
    from tenuto.cli.tasks.speaking import tell, written
    from tenuto.cli.tasks.typed_span import read_span
    from tenuto.cli.times import span

    pause = read_span(after)
    did = f"you are reminded in {span(pause)}, if it still waits then"
    asyncio.run(tell(output, task, written(RemindMe, after=pause), did=did))
