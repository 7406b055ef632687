"""Tasks for people to record: what today's code has to go on with one day."""

from datetime import timedelta
from pathlib import Path

from temporalio.client import Client

from task_desk import APPROVE, RING, asked, say, stands, view
from tenuto.activities.notify.pack import pack as notify
from tenuto.activities.tasks.pack import pack as tasks
from tenuto.catalog.library.notify.audience import Recipient
from tenuto.catalog.library.tasks.catalog import human_task
from tenuto.catalog.library.tasks.messages import Attach, Claim, Delegate, Release, Remark, RemindMe
from tenuto.catalog.library.tasks.request import Escalation
from tenuto.core.pack import Pack
from tenuto.core.references import Document
from tenuto.identity.trust import trust
from tenuto.testing import eventually
from tenuto.triggers.start import Handle, start
from tenuto.workflows.human_task.state import TaskRun

GROUP = ("g:risk",)

pack = Pack(
    name="tasks-that-tell",
    summary="Tasks, and the channels that they tell people by.",
    catalog=(*tasks.catalog, *notify.catalog),
    workflows=(*tasks.workflows, *notify.workflows),
    activities=notify.activities,
    passthrough=(*tasks.passthrough, *notify.passthrough),
)


async def every_message(client: Client, folder: Path) -> Handle:
    """Claimed, delegated, released, commented, reminded, escalated; two votes of two."""
    trust(RING)
    request = asked(
        need=2,
        notify=(Recipient(name="desk", channel="file", target=str(folder / "out")),),
        remind=(timedelta(seconds=1),),
        escalate=(Escalation(after=timedelta(seconds=2), to=("u:ceo",)),),
        expire=timedelta(days=1),
        form={"type": "object"},
    )
    run = await start(client, human_task, request, workflow_id="task/recorded/sign-off")
    task = run.id
    await say(client, task, Claim())
    await say(client, task, Remark(text="why so late?"), as_="u:rex")
    await say(client, task, Delegate(to="u:dan", comment="on leave"))
    await say(client, task, Release(), as_="u:dan")
    file = Document(uri=f"artifact://{'5' * 64}", sha256="5" * 64, bytes=1, name="mail.pdf")
    await say(client, task, Attach(document=file), as_="u:ben")
    await say(client, task, RemindMe(after=timedelta(milliseconds=200)), as_="u:ben")

    async def escalated() -> None:
        words = [each.what for each in (await view(client, task)).happenings]
        assert "escalated" in words
        assert words.count("told") == 4

    await eventually(escalated)
    vote = APPROVE.model_copy(update={"form": {"checked": True}})
    await say(client, task, vote, as_="u:ceo")
    await say(client, task, vote, as_="u:ben")
    return run


async def a_fresh_history(client: Client, folder: Path) -> Handle:
    """One vote and many comments, until the task goes on elsewhere."""
    trust(RING)
    request = TaskRun.model_validate(
        {**asked(need=2, candidates=GROUP).model_dump(), "most_events": 50}
    )
    run = await client.start_workflow(
        human_task.type_name, request, id="task/recorded/long", task_queue=human_task.queue
    )
    first = client.get_workflow_handle(run.id, run_id=run.first_execution_run_id)
    await say(client, run.id, APPROVE, groups=GROUP)
    for number in range(15):
        await say(client, run.id, Remark(text=f"remark {number}"), groups=GROUP)
    await stands(client, run.id, state="open")
    await say(client, run.id, APPROVE, as_="u:ben", groups=GROUP)
    return first
