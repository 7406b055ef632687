"""While no worker serves tasks they can be looked at, and nobody believes to have decided."""

from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client

from inbox_desk import Person, keys_in
from task_desk import APPROVE, asked, open_task, stands, task_worker, view
from tenuto.core.errors import TransientError
from tenuto.testing import eventually
from tenuto.triggers.tasks.history import read_deeds
from tenuto.triggers.tasks.reading import read_task


async def test_inv_9_a_decision_that_nobody_takes_up_is_not_recorded(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # So short only to keep the test short: each look asks a worker that is not there.
    for module in ("triggers.tasks.reading", "engine.runs.handlers"):
        monkeypatch.setattr(f"tenuto.{module}.WORKER_PATIENCE", timedelta(seconds=0.5))
    keys = keys_in(tmp_path / "keys")
    ann = Person(client, keys, "u:ann-alone")
    async with task_worker(client):
        task = await open_task(client, asked(candidates=("u:ann-alone",), subject="F1"))

        async def is_listed() -> None:
            assert await ann.ids() == [task]

        await eventually(is_listed)

    (row,) = (await ann.inbox()).rows
    assert not row.is_live
    assert (row.task.request.title, row.task.state, row.obstacle) == (
        *("Release the NAV", "open"),
        None,
    )
    with pytest.raises(TransientError) as refused:
        await ann.tells(task, APPROVE)
    assert refused.value.code == "task.not-recorded"
    deeds = await read_deeds(client, await read_task(client, task))
    assert [deed.what for deed in deeds] == ["opened"]

    async with task_worker(client):
        # It was not only late: it was never sent.
        await stands(client, task, state="open", votes=())
        assert (await ann.tells(task, APPROVE)).state == "approved"
        shown = await view(client, task)
        assert [vote.by for vote in shown.votes] == ["u:ann-alone"]

    ended = await read_task(client, task)
    assert not ended.is_live
    assert ended.task.outcome is not None
    assert ended.task.outcome.by == "u:ann-alone"
    deeds = await read_deeds(client, ended)
    assert [(deed.what, deed.by, deed.text) for deed in deeds] == [
        ("opened", "u:rex", ""),
        ("decide", "u:ann-alone", "approve"),
    ]
    assert deeds[1].ticket == ended.task.outcome.votes[0].ticket
