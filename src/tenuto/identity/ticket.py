"""What the gate signs: tickets for one message to one run, permits for one start,
tokens for machines."""

from typing import Any, Literal

from pydantic import AwareDatetime, Field

from tenuto.core.canonical import canonical_sha256
from tenuto.core.records import Record
from tenuto.core.references import Sha256
from tenuto.identity.principal import Authentication, GroupId, Principal, PrincipalId

HEADER_TICKET = "tenuto-ticket"
"""Header of an update or a signal that carries its ticket."""
HEADER_PERMIT = "tenuto-permit"
"""Header of a start that carries its permit."""

NO_POLICY = "0" * 64
"""Stands for the policy's digest where policy is off."""


class Ticket(Record):
    """Allows one principal to send one message to one run, once."""

    kind: Literal["ticket"] = "ticket"
    jti: str
    """Names this ticket, for ever."""
    sub: PrincipalId
    """Who sends the message."""
    grp: tuple[GroupId, ...] = ()
    """Groups of that principal when the ticket was issued."""
    act: str
    """What it does: the message's name, for example `decide`."""
    task: str
    """Workflow id of the run it is for."""
    run: str | None = None
    """Run id that this run began with: an id can be used again, and what was said to one run of
    it is not said to the next. None where the message goes along with a start."""
    ph: Sha256
    """Hash of the message's arguments, by `hash_of`; of what travels, so that a field which the
    sender left out is not one that the receiver's model filled in."""
    iat: AwareDatetime
    exp: AwareDatetime
    """UTC; the message has to be judged before that."""
    pol: Sha256
    """Digest of the policy that allowed it."""
    rules: tuple[str, ...] = ()
    """Names of the rules that allowed it."""
    auth: Authentication

    @property
    def principal(self) -> Principal:
        """Who sends the message."""
        return Principal(id=self.sub, groups=self.grp, authentication=self.auth)


class Permit(Record):
    """Allows one start, or every start of one schedule."""

    kind: Literal["permit"] = "permit"
    jti: str
    sub: PrincipalId
    """Who starts the run."""
    type: str
    """Workflow type."""
    wid: str
    """Workflow id; of a schedule, the id it starts runs with, to which the engine adds a time."""
    namespace: str = ""
    """Of the server: the same start elsewhere is another start."""
    queue: str
    """Task queue of the workflow: a run of that name elsewhere is somebody else's code."""
    schedule: str | None = None
    """Id of the schedule, where it allows every start of one."""
    ih: Sha256
    """Hash of the start's input as it travels, by `tenuto.engine.content.input_hash`."""
    iat: AwareDatetime
    exp: AwareDatetime | None
    """The run has to be *started* before that; None only for a schedule."""
    pol: Sha256
    rules: tuple[str, ...] = ()
    reason: str = Field(default="", max_length=2000)
    """Why somebody broke the glass; empty for every ordinary start."""
    auth: Authentication


class MachineToken(Record):
    """Stands for a machine that cannot log in, until it ends or is revoked."""

    kind: Literal["token"] = "token"
    jti: str
    """Names it, for ever; it is revoked by this."""
    sub: PrincipalId
    """The service or agent it stands for."""
    grp: tuple[GroupId, ...] = ()
    owner: PrincipalId
    """The person who issued it and answers for it."""
    scope: tuple[str, ...] = ()
    """The only actions it may be used for; empty: whatever policy allows its holder."""
    iat: AwareDatetime
    exp: AwareDatetime


def hash_of(arguments: Any) -> Sha256:
    """SHA-256 of the canonical JSON of a message's arguments, as a list."""
    return canonical_sha256(arguments)
