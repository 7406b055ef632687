"""Asking people, and asking a rule, as entries."""

from datetime import timedelta

from tenuto.catalog.entries import BuiltinEntry, activity
from tenuto.catalog.library.definitions.approval import ApprovalRequest, ApprovalResult
from tenuto.catalog.library.definitions.policy import PolicyCheckRequest, PolicyCheckResult

QUEUE = "definitions"

approval: BuiltinEntry[ApprovalRequest, ApprovalResult] = BuiltinEntry(
    name="human.approval",
    request=ApprovalRequest,
    result=ApprovalResult,
    summary="Ask people for a decision, and wait for it.",
    usage="Call it in a definition (`call: human.approval`). It is a task for people:"
    " `tenuto tasks` lists it, `tenuto tasks approve task/RUN/NAME` and the others answer it.",
)

policy_check = activity(
    "policy.check",
    request=PolicyCheckRequest,
    result=PolicyCheckResult,
    summary="Ask the policy whether something may be done; a refusal is `authorization` 403.",
    queue=QUEUE,
    start_to_close=timedelta(seconds=30),
    idempotency="Reads the policy and changes nothing.",
)
