"""A workflow, in the sandbox, that raises the same alert again and again, and ends it."""

from datetime import timedelta

from temporalio import workflow

from alerting_catalog import Failures, Told
from tenuto.catalog.library.notify.storms import StormRule
from tenuto.core.pack import Pack
from tenuto.packs.reports.alerts import send_alert
from tenuto.packs.reports.handoffs import AlertRequest

_RULE = StormRule(window=timedelta(seconds=3))


@workflow.defn
class Alerting:
    """Fail, tell people, and say when it is over."""

    @workflow.run
    async def run(self, request: Failures) -> Told:
        alert = AlertRequest(
            title="No rows today",
            message="The table of orders is empty.",
            details={"rows": 0},
            source="sync of orders",
            channel="file",
        )
        told = []
        for number in range(request.times + request.ends):
            receipts = await send_alert(
                request.recipients,
                alert,
                step=f"alert-{number}",
                audience=request.audience,
                state="raised" if number < request.times else "over",
                rule=_RULE,
            )
            told.append(tuple(each.outcome for each in receipts))
        return Told(outcomes=tuple(told))


pack = Pack(
    name="alerting-tests",
    summary="Tests: a workflow that raises alerts.",
    catalog=("alerting_catalog",),
    workflows=("alerting_runs:Alerting",),
    passthrough=("alerting_catalog",),
)
