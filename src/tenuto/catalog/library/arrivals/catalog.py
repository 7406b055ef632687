"""The entries of watching files."""

from datetime import timedelta

from temporalio.common import RetryPolicy

from tenuto.catalog.entries import SideEffect, activity, workflow_entry
from tenuto.catalog.library.arrivals.models import (
    FileOutcome,
    Look,
    LookRequest,
    StartForFile,
    Watched,
    WatchRequest,
)

QUEUE = "triggers"
"""A queue of its own: no busy domain delays what arrives."""

look_for_files = activity(
    "files.look",
    request=LookRequest,
    result=Look,
    summary="See which files lie there, and which have stopped changing.",
    queue=QUEUE,
    start_to_close=timedelta(minutes=5),
    heartbeat=timedelta(seconds=5),
    retry=RetryPolicy(
        initial_interval=timedelta(seconds=1),
        maximum_interval=timedelta(seconds=30),
        maximum_attempts=5,
    ),
)

start_for_file = activity(
    "files.start_run",
    request=StartForFile,
    result=FileOutcome,
    summary="Start the run of one version of one file.",
    queue=QUEUE,
    start_to_close=timedelta(minutes=1),
    heartbeat=timedelta(seconds=5),
    retry=RetryPolicy(
        initial_interval=timedelta(milliseconds=500),
        maximum_interval=timedelta(seconds=10),
        maximum_attempts=5,
    ),
    side_effect=SideEffect.EXTERNAL,
    idempotency="The run's id is made of the file's version, and no id is started twice.",
)

watch_files = workflow_entry(
    "watch-files",
    type_name="WatchFiles",
    request=WatchRequest,
    result=Watched,
    summary="Look for files that arrived, and start a run for each version of each.",
    queue=QUEUE,
    started_by="the schedules that `tenuto triggers apply` makes",
)
