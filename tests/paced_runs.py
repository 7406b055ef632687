"""The workflow behind `paced_catalog`."""

from temporalio import workflow

from paced_catalog import Plan, Said, Words
from tenuto.core.errors import DataError
from tenuto.core.pack import Pack


@workflow.defn
class Saying:
    """Say when the next one is, or fail."""

    @workflow.run
    async def run(self, request: Words) -> Said:
        if request.fails:
            raise DataError("told to", code="test.told-to")
        return Said(plan=Plan(next=request.says))


pack = Pack(
    name="paced-tests",
    summary="Tests: runs that decide when the next one is.",
    catalog=("paced_catalog",),
    workflows=("paced_runs:Saying",),
    passthrough=("paced_catalog",),
)
