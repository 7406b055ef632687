"""A released pack is handed to every recipient of its fund, and what became of each copy."""

import asyncio

from temporalio.exceptions import ActivityError, is_cancelled_exception

from tenuto.packs.finance.models import Recipient
from tenuto.packs.finance.nav import catalog, refusals
from tenuto.packs.finance.nav.handoffs import Strike
from tenuto.packs.finance.nav.models import Delivery, NavPack
from tenuto.packs.finance.nav.release_handoffs import DeliverRequest


async def deliver_pack(strike: Strike, pack: NavPack) -> tuple[Delivery, ...]:
    """One record a recipient; who cannot be reached holds up nobody else, and fails nothing."""
    return tuple(
        await asyncio.gather(*(_deliver_to(each, strike, pack) for each in strike.fund.recipients))
    )


async def _deliver_to(recipient: Recipient, strike: Strike, pack: NavPack) -> Delivery:
    request = DeliverRequest(
        recipient=recipient,
        pack=pack,
        nav_id=strike.nav_id,
        fund_id=strike.fund.fund_id,
        date=strike.date,
        idempotency_key=f"{strike.nav_id}/{recipient.name}/{pack.manifest.sha256}",
    )
    try:
        return await catalog.deliver(request, summary=f"to {recipient.name}")
    except ActivityError as failed:
        if is_cancelled_exception(failed):
            raise
        attempts = catalog.deliver.retry.maximum_attempts
        return refusals.undelivered(recipient, failed, attempts=attempts)
