"""The bodies that only read `sync.yaml`."""

from datetime import timedelta

from tenuto.activities.secrets import resolve_secret
from tenuto.catalog import implements
from tenuto.core.errors import UsageError
from tenuto.engine.project import current_settings
from tenuto.packs.sync import catalog
from tenuto.packs.sync.models import PreparedSource, PrepareRequest, Recipients, RecipientsRequest
from tenuto.packs.sync.names import pipeline_of
from tenuto.packs.sync.sources.file import check_sync_file, read_sync_file, source_in


@implements(catalog.prepare_source)
def prepare_source(request: PrepareRequest) -> PreparedSource:
    """Finds the source, and that its secrets have values."""
    settings = current_settings()
    source = source_in(read_sync_file(settings.root / settings.sync.file), request.source_name)
    for reference in source.secrets.values():
        resolve_secret(reference)
    silence = settings.sync.missed_after_s
    return PreparedSource(
        pipeline_name=pipeline_of(request.source_name, None),
        timeout=source.timeout,
        attempts=source.retry.attempts,
        wait=source.retry.wait,
        missed_after=None if silence is None else timedelta(seconds=silence),
    )


@implements(catalog.list_recipients)
def list_recipients(request: RecipientsRequest) -> Recipients:
    """Reads `notify`; where the file is wrong, takes those whom `[sync] alarm_to` names."""
    settings = current_settings()
    try:
        content, _ = check_sync_file(settings.root / settings.sync.file)
    except UsageError:  # the failure that people are told of says what is wrong
        content = None
    return Recipients(notify=settings.sync.alarm_to if content is None else content.notify)
