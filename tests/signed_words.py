"""What people say to runs of the finance packs in tests: signed, as the gate would sign it."""

import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.client import Client, WorkflowHandle

from task_desk import RING, say, stands, view
from tenuto.catalog.library.tasks.messages import Decide
from tenuto.catalog.library.tasks.outcome import Standing, TaskView
from tenuto.core.people import person
from tenuto.core.records import Record
from tenuto.engine.headers import signed
from tenuto.identity.principal import Authentication
from tenuto.identity.signing import sign
from tenuto.identity.ticket import HEADER_TICKET, NO_POLICY, Ticket, hash_of

_RANDOM = 8


async def tell(
    handle: WorkflowHandle[Any, Any],
    update: str | Callable[..., Any],
    message: Record,
    *,
    as_: str | None = None,
) -> Any:
    """Sends `message` with a ticket of whoever it is `by`, unless `as_` says otherwise."""
    name = update if isinstance(update, str) else update.__name__
    now = datetime.now(UTC)
    ticket = Ticket(
        jti=secrets.token_hex(_RANDOM),
        sub=as_ or person(getattr(message, "by", "")),
        act=name,
        task=handle.id,
        ph=hash_of([message]),
        iat=now,
        exp=now + timedelta(minutes=5),
        pol=NO_POLICY,
        auth=Authentication(method="local"),
    )
    said: Any = update
    with signed({HEADER_TICKET: sign(ticket, RING)}):
        return await handle.execute_update(said, message, id=ticket.jti)


async def decide(
    client: Client,
    task_id: str,
    decision: str = "approve",
    *,
    as_: str,
    groups: Sequence[str] = (),
    comment: str = "",
    seen: str | None = None,
) -> Standing:
    """Decides a task on what it shows, unless `seen` says otherwise."""
    asked = (await view(client, task_id)).request.seen
    message = Decide.model_validate(
        {"decision": decision, "comment": comment, "seen": seen or asked}
    )
    return await say(client, task_id, message, as_=as_, groups=groups)


async def open_now(client: Client, task_id: str) -> TaskView:
    """The task, once people can decide it."""
    return await stands(client, task_id, state="open")
