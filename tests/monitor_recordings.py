"""The runs of monitors whose histories are recorded."""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from temporalio.client import Client

from monitor_desk import ORACLE, MonitorDesk, path_of, web_and_mail
from task_desk import RING
from tenuto.activities.notify.pack import pack as notify
from tenuto.core.records import Record
from tenuto.engine.headers import signed
from tenuto.identity.keys import KeyFolder
from tenuto.identity.principal import Authentication
from tenuto.identity.signing import sign
from tenuto.identity.ticket import HEADER_TICKET, NO_POLICY, Ticket, hash_of
from tenuto.packs.monitors.addresses.catalog import monitor_address
from tenuto.packs.monitors.addresses.codes import proof_of
from tenuto.packs.monitors.addresses.models import AddressRequest, Answer, ProofRequest
from tenuto.packs.monitors.addresses.workflow import MonitorAddress
from tenuto.packs.monitors.models import CheckRecord
from tenuto.triggers.start import Handle, start

BESIDE = notify
PACK = ORACLE

_ADDRESS = "ann@example.com"


async def every_step(client: Client, folder: Path) -> Handle:
    """A second check of a `once` monitor, after one that failed and was told: it tells that it
    works again, that the condition is met, by mail and by webhook, and completes."""
    with _desk(client, folder) as desk:
        hook = {"type": "webhook", "url": f"{desk.web.url}/hook", "secrets": ["secret://env/HOOK"]}
        mails = {"type": "email", "address": _ADDRESS}
        monitor = await desk.create(notifications=[mails, hook], email="", failures_before_alarm=1)
        desk.web.says(path_of(monitor), "10", met=False)
        await desk.check(monitor)
        desk.web.fails(path_of(monitor))
        await desk.check(monitor)
        desk.web.says(path_of(monitor), "out", met=True)
        record = await desk.check(monitor)
        assert record.result is not None
        assert record.result.actions == ("the monitor is completed",)
        assert len(record.notices) == 3
        return client.get_workflow_handle(
            record.workflow_id, run_id=record.run_id, result_type=CheckRecord
        )


async def a_failure(client: Client, folder: Path) -> Handle:
    """A first check that fails, of which somebody is told."""
    with _desk(client, folder) as desk:
        monitor = await desk.create(failures_before_alarm=1)
        desk.web.fails(path_of(monitor))
        record = await desk.check(monitor)
        assert [each.kind for each in record.notices] == ["failing"]
        return client.get_workflow_handle(record.workflow_id, run_id=record.run_id)


async def codes(client: Client, folder: Path) -> Handle:
    """Two codes, of which the second proves the address."""
    with _desk(client, folder) as desk:
        request = AddressRequest(owner="u:ann", address=_ADDRESS)
        handle = await start(client, monitor_address, request, workflow_id=request.workflow_id)
        for _ in range(2):
            answer: Answer = await _tell(handle, MonitorAddress.send_code)
        found = re.search(r"is (\d{6});", desk.mail.received[-1].message.get_content())
        assert found is not None
        proof = ProofRequest(proof=proof_of(found[1], answer.salt))
        assert (await _tell(handle, MonitorAddress.prove, proof)).is_verified
        await handle.terminate("the recording is done")
        return handle


async def _tell(handle: Handle, update: Any, *said: Record) -> Any:
    now = datetime.now(UTC)
    ticket = Ticket(
        jti=secrets.token_hex(8),
        sub="u:ann",
        act=update.__name__,
        task=handle.id,
        ph=hash_of(list(said)),
        iat=now,
        exp=now + timedelta(minutes=5),
        pol=NO_POLICY,
        auth=Authentication(method="local"),
    )
    with signed({HEADER_TICKET: sign(ticket, RING)}):
        return await handle.execute_update(update, args=list(said), id=ticket.jti)


@contextmanager
def _desk(client: Client, folder: Path) -> Iterator[MonitorDesk]:
    with web_and_mail() as (web, mail):
        yield MonitorDesk(client=client, web=web, mail=mail, keys=KeyFolder(folder / "keys"))
