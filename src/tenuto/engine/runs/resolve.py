"""Which run a person means by a full id, a run id, or the beginning or end of an id."""

from temporalio.client import Client

from tenuto.core.errors import NotFoundError, UsageError
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.listing import RunSummary, list_runs
from tenuto.engine.runs.query import RunFilter, is_allowed_value
from tenuto.engine.runs.raw import describe_raw

_RECENT = 200
_MOST_SHOWN = 5


async def resolve_run(client: Client, text: str) -> Execution:
    """The run that `text` names: a workflow id (its latest run), a run id, or the beginning
    or end of the workflow id or run id of one of the 200 most recent runs.

    Raises NotFoundError, and UsageError `runs.ambiguous` listing what it could mean.
    """
    try:
        raw = await describe_raw(client, Execution(workflow_id=text))
    except NotFoundError:
        pass
    else:
        ids = raw.workflow_execution_info.execution
        return Execution(workflow_id=ids.workflow_id, run_id=ids.run_id)
    found = await _matching(client, text) if is_allowed_value(text) else []
    if not found:
        raise NotFoundError(
            f"No run is called `{text}`, and no recent one begins or ends with it."
            " `tenuto runs` lists them.",
            code="runs.not-found",
        )
    if len({run.workflow_id for run in found}) > 1:
        raise _ambiguous(text, found)
    return Execution(workflow_id=found[0].workflow_id, run_id=found[0].run_id)


async def _matching(client: Client, text: str) -> list[RunSummary]:
    exact = await list_runs(client, RunFilter(run_id=text), page_size=1)
    if exact.runs:
        return list(exact.runs)
    recent = await list_runs(client, page_size=_RECENT)
    return [run for run in recent.runs if _fits(run.workflow_id, text) or _fits(run.run_id, text)]


def _fits(value: str, text: str) -> bool:
    return value.startswith(text) or value.endswith(text)


def _ambiguous(text: str, found: list[RunSummary]) -> UsageError:
    names = list(dict.fromkeys(run.workflow_id for run in found))
    more = f", and {len(names) - _MOST_SHOWN} more" if len(names) > _MOST_SHOWN else ""
    return UsageError(
        f"`{text}` can mean {', '.join(f'`{name}`' for name in names[:_MOST_SHOWN])}{more};"
        " give more of the id.",
        code="runs.ambiguous",
        details={"matches": names},
    )
