"""The entries of the sample pack."""

from datetime import timedelta

from temporalio.common import RetryPolicy

from sample import models
from tenuto.catalog import activity, local_activity, workflow_entry

QUEUE = "sample"
ABANDONED_QUEUE = "sample-abandoned"
"""A queue that no test starts a worker for."""

HEARTBEAT = timedelta(seconds=4)
"""Longer than a busy machine may keep a process from running."""

do_step = activity(
    "sample.do_step",
    request=models.StepRequest,
    result=models.StepResult,
    summary="Leave a mark outside the run.",
    queue=QUEUE,
    start_to_close=timedelta(minutes=1),
    heartbeat=HEARTBEAT,
    retry=RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_attempts=5),
)

fail_at_first = activity(
    "sample.fail_at_first",
    request=models.FlakyRequest,
    result=models.StepResult,
    summary="Fail some times, then work.",
    queue=QUEUE,
    start_to_close=timedelta(seconds=30),
    retry=RetryPolicy(
        initial_interval=timedelta(seconds=1),
        backoff_coefficient=2.0,
        maximum_attempts=5,
        non_retryable_error_types=["ListedError"],
    ),
)

_ONCE = RetryPolicy(maximum_attempts=1)

exceed_start_to_close = activity(
    "sample.exceed_start_to_close",
    request=models.SlowRequest,
    result=models.Done,
    summary="Run longer than an attempt may.",
    queue=QUEUE,
    start_to_close=timedelta(seconds=1),
    retry=_ONCE,
)

exceed_schedule_to_start = activity(
    "sample.exceed_schedule_to_start",
    request=models.SlowRequest,
    result=models.Done,
    summary="Wait for a worker that never comes.",
    queue=ABANDONED_QUEUE,
    start_to_close=timedelta(seconds=30),
    schedule_to_start=timedelta(seconds=1),
    retry=_ONCE,
)

exceed_schedule_to_close = activity(
    "sample.exceed_schedule_to_close",
    request=models.SlowRequest,
    result=models.Done,
    summary="Run longer than all attempts together may.",
    queue=QUEUE,
    start_to_close=timedelta(seconds=30),
    schedule_to_close=timedelta(seconds=2),
    retry=RetryPolicy(initial_interval=timedelta(milliseconds=500)),
)

fail_until_no_time_is_left = activity(
    "sample.fail_until_no_time_is_left",
    request=models.SlowRequest,
    result=models.Done,
    summary="Fail until no further attempt fits.",
    queue=QUEUE,
    start_to_close=timedelta(seconds=30),
    schedule_to_close=timedelta(seconds=2),
    retry=RetryPolicy(initial_interval=timedelta(milliseconds=500)),
)

exceed_heartbeat = activity(
    "sample.exceed_heartbeat",
    request=models.SlowRequest,
    result=models.Done,
    summary="Fall silent when the worker is killed.",
    queue=QUEUE,
    start_to_close=timedelta(seconds=30),
    heartbeat=timedelta(seconds=1),
    retry=_ONCE,
)

wait_for_nobody = activity(
    "sample.wait_for_nobody",
    request=models.SlowRequest,
    result=models.Done,
    summary="Wait, without a limit, for a worker that never comes.",
    queue=ABANDONED_QUEUE,
    start_to_close=timedelta(seconds=30),
)

count_rows = activity(
    "sample.count_rows",
    request=models.CountRequest,
    result=models.CountResult,
    summary="Count rows and say how far it is.",
    queue=QUEUE,
    start_to_close=timedelta(minutes=1),
    heartbeat=HEARTBEAT,
    retry=RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_attempts=5),
)

make_big = activity(
    "sample.make_big",
    request=models.BigRequest,
    result=models.BigResult,
    summary="Return many bytes.",
    queue=QUEUE,
    start_to_close=timedelta(seconds=30),
)

five_steps = workflow_entry(
    "five-steps",
    type_name="FiveSteps",
    request=models.FiveStepsRequest,
    result=models.FiveStepsResult,
    summary="Five steps, one after the other.",
    queue=QUEUE,
)

flaky = workflow_entry(
    "flaky",
    type_name="Flaky",
    request=models.FlakyRequest,
    result=models.StepResult,
    summary="One step that fails before it works.",
    queue=QUEUE,
)

slow = workflow_entry(
    "slow",
    type_name="Slow",
    request=models.SlowRequest,
    result=models.Done,
    summary="One step that runs into a timeout.",
    queue=QUEUE,
)

count = workflow_entry(
    "count",
    type_name="Count",
    request=models.CountRequest,
    result=models.CountResult,
    summary="One long step.",
    queue=QUEUE,
)

big = workflow_entry(
    "big",
    type_name="Big",
    request=models.BigRequest,
    result=models.BigResult,
    summary="One step with a large result.",
    queue=QUEUE,
)

approval = workflow_entry(
    "approval",
    type_name="Approval",
    request=models.ApprovalRequest,
    result=models.Decision,
    summary="Wait for a person.",
    queue=QUEUE,
)

prepared = workflow_entry(
    "prepared",
    type_name="Prepared",
    request=models.ApprovalRequest,
    result=models.Done,
    summary="Take the request in the constructor.",
    queue=QUEUE,
)

parent = workflow_entry(
    "parent",
    type_name="Parent",
    request=models.ChildRequest,
    result=models.Decision,
    summary="Wait for another run.",
    queue=QUEUE,
)

many = workflow_entry(
    "many",
    type_name="Many",
    request=models.ManyRequest,
    result=models.Done,
    summary="Many short waits at once, for a long history.",
    queue=QUEUE,
)

raising = workflow_entry(
    "raising",
    type_name="Raising",
    request=models.RaiseRequest,
    result=models.Done,
    summary="Raise in workflow code.",
    queue=QUEUE,
)

listing = workflow_entry(
    "listing",
    type_name="Listing",
    request=models.Names,
    result=models.Done,
    summary="Join names.",
    queue=QUEUE,
)

undo_step = activity(
    "sample.undo_step",
    request=models.UndoRequest,
    result=models.Done,
    summary="Leave a mark for what was undone.",
    queue=QUEUE,
    start_to_close=timedelta(seconds=30),
    retry=RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_attempts=4),
)

add_up = local_activity(
    "sample.add_up",
    request=models.SumRequest,
    result=models.SumResult,
    summary="Add numbers up.",
    queue=QUEUE,
)

tidy = workflow_entry(
    "tidy",
    type_name="Tidy",
    request=models.CleanRequest,
    result=models.Done,
    summary="Undo what was done when cancelled.",
    queue=QUEUE,
)

adding = workflow_entry(
    "adding",
    type_name="Adding",
    request=models.SumRequest,
    result=models.SumResult,
    summary="Add numbers up inside the worker.",
    queue=QUEUE,
)
