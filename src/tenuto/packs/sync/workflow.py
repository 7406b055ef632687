"""One source: load it, with retries, and tell people once how it ended."""

from dataclasses import replace

from temporalio import workflow
from temporalio.common import RetryPolicy, SearchAttributeKey
from temporalio.exceptions import ActivityError, is_cancelled_exception

from tenuto.catalog.entries import ActivityEntry
from tenuto.catalog.library.notify.audience import Message
from tenuto.catalog.library.notify.receipts import DeliveryReceipt
from tenuto.packs.sync import catalog, messages
from tenuto.packs.sync.models import (
    LoadRequest,
    LoadResult,
    PrepareRequest,
    RecipientsRequest,
    SyncSourceRequest,
    SyncSourceResult,
)
from tenuto.workflows.notices import deliver_to_all

STATUS = SearchAttributeKey.for_keyword("TenutoStatus")


@workflow.defn(name=catalog.sync_source.type_name)
class SyncSourceWorkflow:
    """Loads one source."""

    @workflow.run
    async def run(self, request: SyncSourceRequest) -> SyncSourceResult:
        """What was loaded.

        Fails as the last attempt did, once people were told; a cancelled run tells nobody.
        """
        try:
            loaded = await _load(request)
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            _stands("failed")
            if request.notify_on_failure:
                await tell(messages.of_failure(request.source_name, messages.why(error)))
            raise
        _stands("loaded with warnings" if loaded.warnings else "loaded")
        notices: tuple[DeliveryReceipt, ...] = ()
        if request.notify_on_success or (loaded.warnings and request.notify_on_failure):
            notices = await tell(messages.of_success(request.source_name, loaded))
        return SyncSourceResult(**loaded.model_dump(), notices=notices)


async def tell(message: Message) -> tuple[DeliveryReceipt, ...]:
    """Tells those whom the project names; a receipt for each. None of it fails the run."""
    try:
        found = await catalog.list_recipients(RecipientsRequest())
    except ActivityError as error:
        if is_cancelled_exception(error):
            raise
        workflow.logger.warning("sync_recipients_unknown: %s", messages.why(error))
        return ()
    return await deliver_to_all(found.notify, message, step="notice")


async def _load(request: SyncSourceRequest) -> LoadResult:
    _stands("loading")
    load = await prepared_load(request.source_name, request.resources)
    return await load(
        LoadRequest(
            source_name=request.source_name,
            source_kwargs=request.source_kwargs,
            resources=request.resources,
        ),
        summary=f"load {request.source_name}",
    )


async def prepared_load(
    source_name: str, resources: tuple[str, ...]
) -> ActivityEntry[LoadRequest, LoadResult]:
    """The step that loads this source, with the timeout and the attempts it has in `sync.yaml`."""
    prepared = await catalog.prepare_source(
        PrepareRequest(source_name=source_name, resources=resources)
    )
    return replace(
        catalog.load_source,
        start_to_close=prepared.timeout,
        heartbeat=prepared.missed_after or catalog.load_source.heartbeat,
        retry=RetryPolicy(
            initial_interval=prepared.wait,
            maximum_interval=max(prepared.wait, catalog.LONGEST_WAIT),
            maximum_attempts=prepared.attempts,
        ),
    )


def _stands(status: str) -> None:
    workflow.upsert_search_attributes([STATUS.value_set(status)])
