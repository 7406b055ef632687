"""Whether a run may begin: its permit against what the run is, and against the server's records."""

import threading
from collections import OrderedDict
from datetime import UTC, datetime, timedelta

import jwt
from temporalio import activity

from tenuto.core.errors import PolicyDenied, TransientError
from tenuto.engine.permit_claim import PermitClaim
from tenuto.engine.permit_source import (
    described,
    fits,
    other_run,
    refuse_other_source,
    refuse_second_start,
    refuse_unscheduled,
    start_of,
    used,
)
from tenuto.engine.runs.execution import Execution
from tenuto.identity.keys import KeyRing
from tenuto.identity.signing import verified
from tenuto.identity.ticket import Permit
from tenuto.identity.trust import trusted

CHECK = "tenuto.check_permit"
"""Name of the local activity."""
LEEWAY = timedelta(minutes=5)
"""How far the gate's clock and the server's may be apart."""

_ATTEMPTS_FOR_NEW_KEYS = 4
"""With the pauses between them a few seconds: so long a key may be on its way to this worker."""
_MOST_REMEMBERED = 100_000


class PermitOffice:
    """Makes the verdict for one worker process."""

    def __init__(self, *, is_on: bool, since: datetime | None = None) -> None:
        self._is_on = is_on
        self._since = since
        self._seen: OrderedDict[str, str] = OrderedDict()
        self._lock = threading.Lock()

    @activity.defn(name=CHECK)
    async def check(self, claim: PermitClaim) -> None:
        """Returns where the run may begin.

        Raises PolicyDenied where it may not; TransientError where that cannot be found out now.
        """
        if not self._is_on:
            return
        if claim.text is None:
            await self._excuse(claim)
            return
        permit = _genuine(claim.text)
        if claim.source is not None:
            await refuse_other_source(permit, claim, claim.source)
            return
        self._refuse_other_start(permit, claim)
        if permit.schedule is None:
            await refuse_second_start(permit, claim)
        else:
            await refuse_unscheduled(permit, claim)

    async def _excuse(self, claim: PermitClaim) -> None:
        """Runs that were there before policy was, and what comes of them, need no permit."""
        if self._since is None or claim.source is None:
            raise missing()
        first = claim.root or Execution(workflow_id=claim.workflow_id, run_id=claim.first_run_id)
        event = await start_of(first)
        begun = event.workflow_execution_started_event_attributes.first_execution_run_id
        if begun != first.run_id:
            event = await start_of(Execution(workflow_id=first.workflow_id, run_id=begun))
        if event.event_time.ToDatetime(UTC) >= self._since:
            raise missing()

    def _refuse_other_start(self, permit: Permit, claim: PermitClaim) -> None:
        _refuse_other_run(permit, claim)
        if permit.exp is not None and not (
            permit.iat - LEEWAY <= claim.started_at <= permit.exp + LEEWAY
        ):
            raise PolicyDenied(
                f"The permit was good for starts until {permit.exp:%Y-%m-%d %H:%M:%S} UTC; this run"
                f" was started at {claim.started_at:%Y-%m-%d %H:%M:%S} UTC. Start it again.",
                code="permit.expired",
            )
        if permit.schedule is None and not self._is_first(permit, claim):
            raise used()

    def _is_first(self, permit: Permit, claim: PermitClaim) -> bool:
        """Whether this process has seen the permit for no other run; a reset one is the same."""
        with self._lock:
            run = self._seen.setdefault(permit.jti, claim.original_run_id)
            if len(self._seen) > _MOST_REMEMBERED:
                self._seen.popitem(last=False)
        return run == claim.original_run_id


def missing() -> PolicyDenied:
    """The refusal of a run that came without a permit."""
    return PolicyDenied(
        "This run was not started through Tenuto: policy is on here, and it has no permit. Start"
        " it with `tenuto run`, `tenuto definition run`, or a schedule that Tenuto deployed.",
        code="permit.missing",
    )


def _genuine(text: str) -> Permit:
    ring = trusted()
    if not ring.keys:
        raise TransientError(
            "This worker has no keys yet to verify permits with. It goes on as soon as the key file"
            " is there (setting `identity.keys`).",
            code="permit.no-keys",
        )
    try:
        return verified(text, Permit, ring)
    except PolicyDenied as denied:
        if denied.code != "ticket.unknown-key":
            raise PolicyDenied(denied.message, code="permit.forged") from denied
        if _may_be_new(text, ring):
            raise TransientError(denied.message, code="permit.unknown-key") from denied
        raise PolicyDenied(denied.message, code="permit.unknown-key") from denied


def _may_be_new(text: str, ring: KeyRing) -> bool:
    kid = jwt.get_unverified_header(text).get("kid")
    is_revoked = kid in {key.kid for key in ring.keys}
    return not is_revoked and activity.info().attempt < _ATTEMPTS_FOR_NEW_KEYS


def _refuse_other_run(permit: Permit, claim: PermitClaim) -> None:
    if (
        not fits(permit, claim.workflow_id)
        or (permit.type, permit.queue) != (claim.type_name, claim.queue)
        or permit.namespace != claim.namespace
        or permit.schedule != claim.scheduled_by
    ):
        raise other_run(
            f"it is for {described(permit)}, and this is {claim.type_name} `{claim.workflow_id}`"
            f" on queue `{claim.queue}`"
            + (f", started by schedule `{claim.scheduled_by}`" if claim.scheduled_by else "")
        )
    if permit.ih != claim.content:
        raise PolicyDenied(
            "The permit was issued for another input than this run was started with.",
            code="permit.other-input",
        )
