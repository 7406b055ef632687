"""What triggers start in tests: a run that ends at once, one that names itself, one that waits."""

from decimal import Decimal

from pydantic import Field
from temporalio import workflow

from tenuto.catalog import workflow_entry
from tenuto.core.pack import Pack
from tenuto.core.records import Record

QUEUE = "event-intake"


class Order(Record):
    """One order."""

    number: str
    amount: Decimal = Decimal(1)
    note: str = ""


class Taken(Record):
    """What came of it."""

    number: str
    heard: list[str] = Field(default_factory=list)


intake = workflow_entry(
    "intake",
    type_name="Intake",
    request=Order,
    result=Taken,
    summary="Take an order.",
    queue=QUEUE,
)

self_named = workflow_entry(
    "self-named",
    type_name="Intake",
    request=Order,
    result=Taken,
    summary="Take an order under its own number.",
    queue=QUEUE,
    run_id="order/{number}",
)

conversation = workflow_entry(
    "conversation",
    type_name="Conversation",
    request=Order,
    result=Taken,
    summary="Hear events until one is `bye`.",
    queue=QUEUE,
)


@workflow.defn
class Intake:
    """Ends at once."""

    @workflow.run
    async def run(self, order: Order) -> Taken:
        return Taken(number=order.number)


@workflow.defn
class Conversation:
    """Ends when it hears `bye`."""

    def __init__(self) -> None:
        self._heard: list[str] = []

    @workflow.run
    async def run(self, order: Order) -> Taken:
        await workflow.wait_condition(lambda: "bye" in self._heard)
        return Taken(number=order.number, heard=self._heard)

    @workflow.signal
    def event(self, word: str) -> None:
        self._heard.append(word)


PACK = Pack(
    name="event-intake",
    summary="What triggers start in tests.",
    catalog=("event_intake",),
    workflows=("event_intake:Intake", "event_intake:Conversation"),
    passthrough=("event_intake",),
)
