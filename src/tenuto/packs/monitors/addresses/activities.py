"""Bodies of `monitors.send_code` and `monitors.may_write`."""

from temporalio import activity
from temporalio.client import Client

from tenuto.activities.notify.send_email import email
from tenuto.catalog import implements
from tenuto.catalog.library.notify.requests import EmailRequest
from tenuto.core.errors import DataError
from tenuto.engine.project import current_settings
from tenuto.packs.monitors.addresses import catalog
from tenuto.packs.monitors.addresses.allowed import free_addresses, is_free, unproved
from tenuto.packs.monitors.addresses.asking import is_proved
from tenuto.packs.monitors.addresses.codes import digest_of, new_code, new_salt, proof_of
from tenuto.packs.monitors.addresses.models import (
    CodeMade,
    CodeRequest,
    MayWrite,
    MayWriteRequest,
)


@implements(catalog.send_code)
def send_code(request: CodeRequest) -> CodeMade:
    """What is kept of the code, which only the mail and this call know.

    Raises DataError `monitors.code-not-sent` where mail is not configured, and as `notify.email`.
    """
    code, salt = new_code(), new_salt()
    sent = email(
        EmailRequest(
            to=(request.address,),
            subject=f"{code} is your code for Tenuto",
            text=(
                f"{request.owner} wants monitors to write to this address. The code is {code}; it"
                " is valid for 15 minutes.\n\nIf that was not you, do nothing: without the code"
                " nobody is written to."
            ),
            # Another attempt sends another code, so it is another mail.
            idempotency_key=f"{request.idempotency_key}/{activity.info().attempt}",
        )
    )
    (receipt,) = sent.receipts
    if receipt.outcome == "skipped":
        raise DataError(receipt.detail, code="monitors.code-not-sent")
    return CodeMade(salt=salt, digest=digest_of(proof_of(code, salt)))


@implements(catalog.may_write)
async def may_write(request: MayWriteRequest) -> MayWrite:
    """Whether the settings of this worker free the address, or its owner has proved it.

    Raises UnreachableError where nobody answers for it.
    """
    if is_free(request.address, free_addresses(current_settings())):
        return MayWrite(is_allowed=True)
    client: Client = activity.client()
    if await is_proved(client, request.owner, request.address):
        return MayWrite(is_allowed=True)
    return MayWrite(is_allowed=False, why_not=unproved(request.owner, request.address))
