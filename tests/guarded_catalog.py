"""The entries that tests of the gate start."""

from datetime import timedelta

from guarded_models import Paid, Payment, Rounds
from tenuto.catalog import activity, workflow_entry

QUEUE = "guarded"

pay = activity(
    "guarded.pay",
    request=Payment,
    result=Paid,
    summary="Pay: what nobody may do without leave.",
    queue=QUEUE,
    start_to_close=timedelta(seconds=10),
)
ask = activity(
    "guarded.ask",
    request=Payment,
    result=Paid,
    summary="Start a patient run and tell it at once, as activities do.",
    queue=QUEUE,
    start_to_close=timedelta(seconds=10),
)
payment = workflow_entry(
    "payment", type_name="Payment", request=Payment, result=Paid, summary="Pay once.", queue=QUEUE
)
rolling = workflow_entry(
    "rolling",
    type_name="Rolling",
    request=Rounds,
    result=Paid,
    summary="Pay once in each history.",
    queue=QUEUE,
)
gathering = workflow_entry(
    "gathering",
    type_name="Gathering",
    request=Rounds,
    result=Paid,
    summary="Let children pay.",
    queue=QUEUE,
)
asking = workflow_entry(
    "asking",
    type_name="Asking",
    request=Payment,
    result=Paid,
    summary="Let an activity start another run.",
    queue=QUEUE,
)
patient = workflow_entry(
    "patient",
    type_name="Patient",
    request=Payment,
    result=Paid,
    summary="Wait for an approval, then pay through a child.",
    queue=QUEUE,
)
