"""What the exporter found is told to people, beside the export, which does not wait for them."""

from temporalio import workflow

from tenuto.catalog.library.evidence.models import AlarmNotice, AlarmTold
from tenuto.catalog.library.notify.audience import Message
from tenuto.catalog.library.notify.receipts import DeliveryReceipt
from tenuto.core.errors import DataError
from tenuto.workflows.notices import deliver_to_all

_LONGEST = 60_000


@workflow.defn(name="EvidenceAlarm")
class EvidenceAlarm:
    """Tell people that something is missing from the ledger, or that nothing is any more."""

    @workflow.run
    async def run(self, notice: AlarmNotice) -> AlarmTold:
        """The receipts. Raises DataError `evidence.nobody-told` where the message reached nobody:
        the run has failed then, as a run of anything else would."""
        receipts = await deliver_to_all(notice.recipients, _message(notice), step="alarm")
        if not any(each.outcome in ("delivered", "captured") for each in receipts):
            raise _nobody(receipts)
        return AlarmTold(receipts=receipts)


def _message(notice: AlarmNotice) -> Message:
    ledger = f"the audit trail of `{notice.namespace}`"
    if not notice.alarms:
        return Message(
            subject=f"In order again: {ledger}"[:250],
            text="Everything that closed is exported, and nothing is missing.",
            level="success",
            type="tenuto.evidence.in_order",
            data={"namespace": notice.namespace},
        )
    told = "\n\n".join(notice.alarms)[:_LONGEST]
    return Message(
        subject=f"ALARM: {ledger}"[:250],
        text=f"{told}\n\nLook at it: tenuto audit doctor, tenuto audit population",
        level="failure",
        type="tenuto.evidence.alarm",
        data={"namespace": notice.namespace, "alarms": list(notice.alarms)},
    )


def _nobody(receipts: tuple[DeliveryReceipt, ...]) -> DataError:
    said = "; ".join(f"{each.recipient}: {each.outcome}, {each.detail}" for each in receipts)
    return DataError(
        f"An alarm of the audit trail reached nobody ({said}). Correct `evidence.alarm_to` or the"
        " worker's channel settings; `tenuto audit doctor` shows the alarm itself.",
        code="evidence.nobody-told",
    )
