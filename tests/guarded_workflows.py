"""Workflows that tests of the gate run: all they do is pay."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from guarded_catalog import ask, pay
    from guarded_models import Approve, Paid, Payment, Rounds


@workflow.defn(name="Payment")
class PaymentWorkflow:
    """Pays once."""

    @workflow.run
    async def run(self, request: Payment) -> Paid:
        return await pay(request)


@workflow.defn(name="Asking")
class AskingWorkflow:
    """Lets an activity start another run."""

    @workflow.run
    async def run(self, request: Payment) -> Paid:
        return await ask(request)


@workflow.defn(name="Rolling")
class RollingWorkflow:
    """Pays once in each history."""

    @workflow.run
    async def run(self, request: Rounds) -> Paid:
        paid = await pay(Payment(to=request.to))
        if request.left > 1:
            workflow.continue_as_new(Rounds(to=request.to, left=request.left - 1))
        return paid


@workflow.defn(name="Gathering")
class GatheringWorkflow:
    """Lets children pay, one after the other; each goes on in a second history."""

    @workflow.run
    async def run(self, request: Rounds) -> Paid:
        paid = Paid(to=request.to)
        for number in range(request.left):
            paid = await workflow.execute_child_workflow(
                RollingWorkflow.run,
                Rounds(to=request.to, left=2),
                id=f"{workflow.info().workflow_id}/{number}",
            )
        return paid


@workflow.defn(name="Patient")
class PatientWorkflow:
    """Waits for an approval; whatever it is told before it may begin pays at once."""

    def __init__(self) -> None:
        self._approved: str | None = None

    @workflow.run
    async def run(self, request: Payment) -> Paid:
        await workflow.wait_condition(lambda: self._approved is not None)
        return await workflow.execute_child_workflow(
            PaymentWorkflow.run, request, id=f"{workflow.info().workflow_id}/pay"
        )

    @workflow.update
    async def approve(self, message: Approve) -> str:
        """Lets it pay."""
        self._approved = message.by
        return message.by

    @workflow.update
    async def pay_now(self, message: Payment) -> str:
        """Pays within the handler."""
        return (await pay(message)).to

    @workflow.signal
    async def pay_soon(self, message: Payment) -> None:
        """Pays within the handler."""
        await pay(message)

    @workflow.query
    def approved(self) -> str | None:
        """Who approved."""
        return self._approved
