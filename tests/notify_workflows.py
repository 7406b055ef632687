"""Workflows that tell people something, as the tests of the channels run them."""

from temporalio import workflow

from tenuto.catalog.library.notify.audience import Message, Recipient
from tenuto.catalog.library.notify.receipts import DeliveryReceipt
from tenuto.catalog.library.notify.storms import StormRule
from tenuto.core.records import Record
from tenuto.workflows.notices import deliver_guarded, deliver_to_all, idempotency_key


class TellRequest(Record):
    """Whom to tell what, and about which topic if a guard is to be asked."""

    recipients: tuple[Recipient, ...]
    message: Message = Message(subject="Pricing failed", text="3 prices are missing.")
    audience: str = ""
    topic: str = "pricing"
    recovered: bool = False
    rule: StormRule = StormRule()


class Told(Record):
    """The receipts, and the key they were sent under."""

    receipts: tuple[DeliveryReceipt, ...]
    key: str


@workflow.defn(name="TellEverybody")
class TellEverybody:
    """Tell all recipients the same thing."""

    @workflow.run
    async def run(self, request: TellRequest) -> Told:
        """What became of it."""
        if request.audience:
            receipts = await deliver_guarded(
                request.recipients,
                request.message,
                step="tell",
                audience=request.audience,
                topic=request.topic,
                recovered=request.recovered,
                rule=request.rule,
            )
        else:
            receipts = await deliver_to_all(request.recipients, request.message, step="tell")
        return Told(receipts=receipts, key=idempotency_key("tell"))


@workflow.defn(name="Idle")
class Idle:
    """Do nothing until terminated."""

    @workflow.run
    async def run(self) -> None:
        """Never returns."""
        await workflow.wait_condition(lambda: False)
