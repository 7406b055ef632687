"""Names, types, and retries of what is done about addresses."""

from datetime import timedelta

from temporalio.common import RetryPolicy

from tenuto.catalog import SideEffect, activity, workflow_entry
from tenuto.packs.monitors.addresses.models import (
    AddressRequest,
    CodeMade,
    CodeRequest,
    MayWrite,
    MayWriteRequest,
    Standing,
)

QUEUE = "monitors"

_SOON = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    maximum_interval=timedelta(seconds=30),
    maximum_attempts=5,
)

send_code = activity(
    "monitors.send_code",
    request=CodeRequest,
    result=CodeMade,
    summary="Mail a fresh code to an address; what is kept is its salted digest.",
    queue=QUEUE,
    start_to_close=timedelta(minutes=1),
    retry=_SOON,
    side_effect=SideEffect.EXTERNAL,
    idempotency="Every attempt mails another code, and the last one is the one that counts.",
)

may_write = activity(
    "monitors.may_write",
    request=MayWriteRequest,
    result=MayWrite,
    summary="Ask whether an address is free by the settings, or proved by its owner.",
    queue=QUEUE,
    start_to_close=timedelta(seconds=30),
    retry=_SOON,
    idempotency="Reads only.",
)

monitor_address = workflow_entry(
    "monitor-address",
    type_name="MonitorAddress",
    request=AddressRequest,
    result=Standing,
    summary="Keep whether an address was proved to be its owner's.",
    queue=QUEUE,
    started_by="`tenuto monitor verify`.",
)
