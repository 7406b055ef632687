"""What a backfill would do, and its request from what was typed."""

from datetime import date
from typing import Any, cast

from pydantic import SecretStr, ValidationError

from tenuto.core.errors import UsageError
from tenuto.engine.settings import load_settings
from tenuto.packs.sync.backfill.models import BackfillRequest
from tenuto.packs.sync.configuration import Source
from tenuto.packs.sync.models import Window
from tenuto.packs.sync.port import Opening
from tenuto.packs.sync.sources.file import config_of, read_sync_file, source_in
from tenuto.packs.sync.sources.files.tables import table_of
from tenuto.packs.sync.sources.kinds import FilesConfig


def read_request(
    source_name: str, start: date, end: date, batch_days: int, prefixes: tuple[str, ...]
) -> BackfillRequest:
    """The request. Raises UsageError `sync.source-unknown`, `sync.window-invalid`."""
    source = _source(source_name)
    tables = tuple(map(table_of, prefixes)) if source.kind == "files" else prefixes
    try:
        return BackfillRequest(
            source_name=source_name,
            start=start,
            end=end,
            batch_days=batch_days,
            resources=tables,
        )
    except ValidationError as wrong:
        said = wrong.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")
        raise UsageError(
            f"{start} to {end} cannot be loaded: {said}.", code="sync.window-invalid"
        ) from wrong


def plan_backfill(request: BackfillRequest) -> list[dict[str, Any]]:
    """Start and end of each batch, and the files it would load; None as files where the source is
    none of files."""
    source = _source(request.source_name)
    listed = _files(request, source) if source.kind == "files" else None
    return [
        {
            "start": each.start.isoformat(),
            "end": each.end.isoformat(),
            "files": None if listed is None else [name for day, name in listed if _in(day, each)],
        }
        for each in request.batches()
    ]


def _source(name: str) -> Source:
    settings = load_settings()
    return source_in(read_sync_file(settings.root / settings.sync.file), name)


def _files(request: BackfillRequest, source: Source) -> list[tuple[date, str]]:
    from tenuto.packs.sync.sources.files.finding import delivered, reached

    config = cast("FilesConfig", config_of(source, request.source_name))
    nothing: dict[str, SecretStr] = {}
    opening = Opening(
        name=request.source_name,
        source=source,
        secrets=nothing,  # the drivers resolve references by themselves
        window=Window(start=request.start, end=request.end),
        root=load_settings().root,
    )
    folder = reached(opening, config)
    wanted = request.resources or source.resources
    return [
        (file.file_date, f"{prefix}/{file.name}")
        for prefix in config.prefixes
        if not wanted or table_of(prefix) in wanted
        for file in delivered(folder, prefix, config)
        if file.file_date is not None
    ]


def _in(day: date, batch: Window) -> bool:
    return batch.start <= day <= batch.end
