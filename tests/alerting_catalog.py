"""What a workflow that raises alerts is asked and answers."""

from tenuto.catalog import workflow_entry
from tenuto.catalog.library.notify.audience import Recipient
from tenuto.core.records import Record

QUEUE = "alerting-tests"


class Failures(Record):
    """How often the same thing fails, and whom to tell."""

    audience: str
    times: int
    ends: bool
    """Whether it works again afterwards."""
    recipients: tuple[Recipient, ...]


class Told(Record):
    """Outcomes of each alert, in order."""

    outcomes: tuple[tuple[str, ...], ...]


alerting = workflow_entry(
    "alerting",
    type_name="Alerting",
    request=Failures,
    result=Told,
    summary="Fail, tell people, and say when it is over.",
    queue=QUEUE,
)
