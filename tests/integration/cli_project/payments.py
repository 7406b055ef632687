"""Plain Temporal code of a user's own that asks people."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from tenuto.catalog.library.tasks.request import TaskRequest
    from tenuto.workflows import approvals


@workflow.defn
class Payment:
    """Pay, if somebody of the risk group agrees."""

    @workflow.run
    async def run(self, payee: str, amount: str) -> str:
        """What came of it."""
        outcome = await approvals.request(
            "release",
            TaskRequest(
                title=f"Pay {payee}",
                requester="u:rex",
                candidates=("g:risk",),
                shown={"payee": payee, "amount": amount},
            ),
        )
        return outcome.state
