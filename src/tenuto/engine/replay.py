"""Whether today's workflow code accepts what a run has already done."""

import json
from pathlib import Path

from temporalio.client import WorkflowHistory
from temporalio.converter import ExternalStorage
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from tenuto.core.errors import DataError, NotFoundError, TenutoError
from tenuto.core.records import Record
from tenuto.engine.admission import Admission
from tenuto.engine.converter import data_converter
from tenuto.engine.encryption import EncryptionCodec
from tenuto.engine.guard import ArgumentGuard
from tenuto.engine.registration import Registration
from tenuto.engine.worker import sandboxed_runner


class Verdict(Record):
    """What replaying one history showed."""

    history: str
    """The file."""
    type_name: str
    """The workflow type that was replayed."""
    is_compatible: bool
    """Whether the code takes the same steps in the same order."""
    problem: str | None = None
    """Where history and code part."""


async def replay_history(
    path: Path,
    registration: Registration,
    *,
    external_storage: ExternalStorage | None = None,
    codec: EncryptionCodec | None = None,
) -> Verdict:
    """Runs the registered code against the history in `path`, without a server.

    The history is JSON as `temporal workflow show -o json` writes it. One whose large
    payloads were moved to the artifact store needs that store, and one that was encrypted needs
    the codec of its namespace. Raises DataError for a file that
    is no history, NotFoundError when no registered workflow has its type.
    """
    history, type_name = _read(path)
    workflows = [cls for code in registration.queues.values() for cls in code.workflows]
    _require_registered(path, type_name, registration)
    replayer = Replayer(
        workflows=workflows,
        workflow_runner=sandboxed_runner(registration.passthrough),
        data_converter=data_converter(external_storage, codec),
        workflow_failure_exception_types=[TenutoError],
        interceptors=[*Admission().interceptors(), ArgumentGuard()],
    )
    result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
    failure = result.replay_failure
    return Verdict(
        history=str(path),
        type_name=type_name,
        is_compatible=failure is None,
        problem=None if failure is None else _problem(failure),
    )


def _read(path: Path) -> tuple[WorkflowHistory, str]:
    try:
        text = path.read_text("utf-8")
        events = json.loads(text)["events"]
        started = events[0]["workflowExecutionStartedEventAttributes"]
        type_name = str(started["workflowType"]["name"])
        return WorkflowHistory.from_json(started.get("workflowId", path.stem), text), type_name
    except OSError as error:
        raise NotFoundError(
            f"{path} cannot be read: {error.strerror}.", code="replay.no-file"
        ) from error
    except (ValueError, LookupError, TypeError) as error:
        raise DataError(
            f"{path} is not the history of a run: {type(error).__name__}: {error}. Write one with"
            " `temporal workflow show -w ID -o json`.",
            code="replay.not-a-history",
            details={"path": str(path)},
        ) from error


def _require_registered(path: Path, type_name: str, registration: Registration) -> None:
    known = {entry.type_name for entry in registration.catalog.workflows.values()}
    if type_name not in known:
        raise NotFoundError(
            f"{path} is the history of a `{type_name}`, which no registered pack offers. Valid"
            f" types are {', '.join(f'`{name}`' for name in sorted(known))}.",
            code="replay.unknown-workflow",
            details={"type_name": type_name},
        )


def _problem(failure: Exception) -> str:
    said = str(failure).strip() or type(failure).__name__
    if isinstance(failure, NondeterminismError):
        return said
    return f"{type(failure).__name__}: {said}"
