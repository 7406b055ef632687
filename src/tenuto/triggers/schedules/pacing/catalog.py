"""The entries of paced schedules."""

from datetime import timedelta

from temporalio.common import RetryPolicy

from tenuto.catalog.entries import SideEffect, activity, workflow_entry
from tenuto.triggers.schedules.pacing.models import Paced, PacedStart, PaceStep

QUEUE = "schedules"

pace = activity(
    "schedules.pace",
    request=PaceStep,
    result=Paced,
    summary="Move the next start of a schedule to when a run's result says.",
    queue=QUEUE,
    start_to_close=timedelta(minutes=1),
    retry=RetryPolicy(
        initial_interval=timedelta(seconds=1),
        maximum_interval=timedelta(seconds=30),
        maximum_attempts=20,
    ),
    side_effect=SideEffect.EXTERNAL,
    idempotency="It sets the next moment, which is counted from when the run ended.",
)

paced_run = workflow_entry(
    "paced-run",
    type_name="PacedRun",
    request=PacedStart,
    result=Paced,
    summary="Do a run, and let its result say when the next one is.",
    queue=QUEUE,
    started_by="a schedule with `next_run`",
)
