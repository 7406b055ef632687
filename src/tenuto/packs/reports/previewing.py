"""A report on this machine, without a server: queried, rendered, written to files, sent nowhere."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from pydantic import JsonValue

from tenuto.artifacts.store import ArtifactStore
from tenuto.core.records import Record
from tenuto.engine.settings import Settings
from tenuto.packs.reports.activities.query import tables_of
from tenuto.packs.reports.activities.render import Rendering
from tenuto.packs.reports.handoffs import RenderedChannel
from tenuto.packs.reports.models import Channel
from tenuto.packs.reports.parameters import merged
from tenuto.packs.reports.reading import read_report
from tenuto.packs.reports.zones import zone_of


class Preview(Record):
    """One channel, as it would go out."""

    channel: Channel
    subject: str
    text: str
    files: tuple[Path, ...]


def preview(
    settings: Settings,
    store: ArtifactStore,
    name: str,
    channels: Sequence[Channel],
    params: Mapping[str, JsonValue],
    *,
    due: datetime,
    into: Path,
) -> list[Preview]:
    """Each channel written to `<into>/<channel>/`; without `channels`, all that it has.

    Raises what the steps of a run raise.
    """
    bundle = read_report(settings, name)
    zone = zone_of(bundle.time_zone)
    assert zone is not None  # noqa: S101 (checked on reading)
    values = merged(bundle.report, params, due, zone)
    tables = tables_of(bundle, values, store)
    rendering = Rendering(bundle, values, tables, store)
    return [
        _written(rendering.of(each), each, store, into / each)
        for each in channels or bundle.report.templates.channels
    ]


def _written(
    rendered: RenderedChannel, channel: Channel, store: ArtifactStore, folder: Path
) -> Preview:
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for document in rendered.documents:
        file = folder / document.name
        content = store.get_bytes(document)
        if document.media_type == "text/html":  # a browser finds pictures beside the page
            content = content.replace(b"cid:", b"")
        file.write_bytes(content)
        files.append(file)
    message = rendered.message
    text = message.short or message.text
    return Preview(channel=channel, subject=message.subject, text=text, files=tuple(files))
