"""The scratch folder of a task: made when it starts, gone when it is over, in every case."""

import os
import shutil
import tempfile
from hashlib import sha256
from pathlib import Path

from temporalio import activity

from tenuto.catalog import implements
from tenuto.core.errors import DataError
from tenuto.packs.agents import catalog
from tenuto.packs.agents.activities.readiness import check_agent
from tenuto.packs.agents.handoffs import (
    CleanUpRequest,
    CleanUpResult,
    LaunchRequest,
    LaunchResult,
    NoteRequest,
    NoteResult,
)
from tenuto.packs.agents.names import task_of

VARIABLE = "TENUTO_AGENTS_SCRATCH"
"""A folder that all workers of the queue `agents` share; by default one of this machine."""
_MOST_NOTES = 100


@implements(catalog.launch)
def launch(request: LaunchRequest) -> LaunchResult:
    """Makes the folder and writes the task into it.

    Raises as `check_agent`: what cannot run here is not put before people.
    """
    if request.agent is not None:
        check_agent(request.agent)
    folder = _folder(activity.info().workflow_id or "")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder / "task.md").write_text("\n\n".join(request.texts) + "\n", "utf-8")
    return LaunchResult(folder=folder.name)


@implements(catalog.write_note)
def write_note(request: NoteRequest) -> NoteResult:
    """All notes of the task with this one.

    Raises DataError `agents.no-scratch` where the task has no folder here, `agents.notes-full`.
    """
    folder = _folder(activity.info().workflow_id or "")
    if not folder.is_dir():
        raise DataError(
            "This task has no scratch folder here: it was not started as a governed task, or"
            f" workers on several machines do not share {VARIABLE}.",
            code="agents.no-scratch",
        )
    if len(list(folder.iterdir())) >= _MOST_NOTES:
        raise DataError(f"A task has at most {_MOST_NOTES} notes.", code="agents.notes-full")
    (folder / request.name).write_text(request.text, "utf-8")
    return NoteResult(notes={p.name: p.read_text("utf-8") for p in sorted(folder.iterdir())})


@implements(catalog.clean_up)
def clean_up(request: CleanUpRequest) -> CleanUpResult:
    """Removes the folder of the task that asks; of no other."""
    folder = _folder(activity.info().workflow_id or "")
    if folder.name != request.folder or not folder.is_dir():
        return CleanUpResult(files=0)
    files = len(list(folder.iterdir()))
    shutil.rmtree(folder)
    return CleanUpResult(files=files)


def _folder(workflow_id: str) -> Path:
    root = os.environ.get(VARIABLE) or str(Path(tempfile.gettempdir()) / "tenuto-agents")
    return Path(root) / sha256(task_of(workflow_id).encode()).hexdigest()[:32]
