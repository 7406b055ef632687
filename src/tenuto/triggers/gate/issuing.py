"""Making tickets and permits: what exactly is allowed, to whom, until when."""

import secrets
from datetime import timedelta

from tenuto.engine.runs.moments import now
from tenuto.identity.keys import KeyFolder
from tenuto.identity.principal import Principal
from tenuto.identity.signing import sign
from tenuto.identity.ticket import Permit, Ticket
from tenuto.policy.decision import Decision

TICKET_LIFE = timedelta(minutes=5)
"""Within it the message has to reach its run."""
PERMIT_LIFE = timedelta(minutes=5)
"""Within it the server has to have taken the start; when a worker looks at it does not matter."""


class Issuer:
    """Signs for one principal with the active key of a key folder."""

    def __init__(self, principal: Principal, keys: KeyFolder) -> None:
        self._principal = principal
        self._keys = keys

    def ticket(
        self,
        decision: Decision,
        *,
        name: str,
        run: str,
        content: str,
        first_run: str | None = None,
    ) -> tuple[str, str]:
        """A ticket's name and its signed text, for message `name` with that hash to `run`, and
        with `first_run` to no other run of that id.

        Raises UsageError `keys.no-private-half` on a machine that only verifies.
        """
        moment = now()
        who = self._principal
        ticket = Ticket(
            jti=secrets.token_hex(16),
            sub=who.id,
            grp=who.groups,
            act=name,
            task=run,
            run=first_run,
            ph=content,
            iat=moment,
            exp=moment + TICKET_LIFE,
            pol=decision.policy,
            rules=_rules(decision),
            auth=who.authentication,
        )
        return ticket.jti, sign(ticket, self._keys.open("decisions", moment))

    def permit(
        self,
        decision: Decision,
        *,
        type_name: str,
        run: str,
        namespace: str,
        queue: str,
        content: str,
        schedule: str | None = None,
        reason: str = "",
    ) -> tuple[Permit, str]:
        """A permit and its signed text, for one start or for every start of `schedule`.

        Raises UsageError `keys.no-private-half` on a machine that only verifies.
        """
        moment = now()
        permit = Permit(
            jti=secrets.token_hex(16),
            sub=self._principal.id,
            type=type_name,
            wid=run,
            namespace=namespace,
            queue=queue,
            schedule=schedule,
            ih=content,
            iat=moment,
            exp=None if schedule else moment + PERMIT_LIFE,
            pol=decision.policy,
            rules=_rules(decision),
            reason=reason,
            auth=self._principal.authentication,
        )
        return permit, sign(permit, self._keys.open("decisions", moment))


def _rules(decision: Decision) -> tuple[str, ...]:
    return tuple(reason.rule for reason in decision.reasons)
