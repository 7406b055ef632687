"""CSV files of a folder or a bucket: a table per prefix, each file once, none skipped."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from tenuto.packs.sync.models import Window
from tenuto.packs.sync.sources.file import config_of
from tenuto.packs.sync.sources.files.finding import (
    Delivered,
    Folder,
    delivered,
    is_young,
    reached,
)
from tenuto.packs.sync.sources.files.reading import Unfinished, copied, rows_of
from tenuto.packs.sync.sources.files.tables import table_of
from tenuto.packs.sync.sources.kinds import FilesConfig
from tenuto.packs.sync.sources.remarks import remark

if TYPE_CHECKING:
    from dlt.extract.resource import DltResource
    from dlt.sources import DltSource

    from tenuto.packs.sync.port import Opening

_KEY = ["_file_name", "_row_id"]
_OURS = {
    "_file_name": {"data_type": "text", "nullable": False},
    "_row_id": {"data_type": "bigint", "nullable": False},
    "_file_date": {"data_type": "date", "nullable": True},
}


def open_files(wanted: "Opening") -> "DltSource":
    """A resource per prefix; a file that was delivered again replaces its rows.

    Which files are loaded is remembered file by file, so that one which comes late, or a second
    one of the same day, is loaded like any other. Raises as `reached` does; while it is
    extracted, DataError `sync.file-unreadable`.
    """
    import dlt

    config = cast("FilesConfig", config_of(wanted.source, wanted.name))
    folder = reached(wanted, config)
    resources = [_resource(folder, prefix, config, wanted) for prefix in config.prefixes]
    source: DltSource = dlt.source(lambda: resources, name=wanted.name)()
    return source


def _resource(folder: Folder, prefix: str, config: FilesConfig, wanted: "Opening") -> "DltResource":
    import dlt

    def rows() -> Iterator[list[dict[str, Any]]]:
        # A backfill reads what its window names and leaves no mark.
        state = {} if wanted.window is not None else dlt.current.resource_state()
        loaded: dict[str, str] = state.setdefault("files", {})
        for file in _due(folder, prefix, config, wanted.window, loaded):
            yield from _file(folder, file, config, loaded)
            _move_date_on(state, file)

    types = {name: {"data_type": kind} for name, kind in config.columns.items()}
    return dlt.resource(
        rows,
        name=table_of(prefix),
        primary_key=_KEY,
        merge_key="_file_name",
        write_disposition="merge",
        columns=cast("Any", {**types, **_OURS}),
        max_table_nesting=0,
    )()


def _due(
    folder: Folder,
    prefix: str,
    config: FilesConfig,
    window: Window | None,
    loaded: dict[str, str],
) -> list[Delivered]:
    """The files that are loaded now; the others wait for the next load."""
    now = datetime.now(UTC)  # noqa: TID251 (runs in the process that loads, never in a workflow)
    there = delivered(folder, prefix, config)
    if window is not None:
        return [each for each in there if _is_in(each, window)]
    due = [each for each in there if loaded.get(each.name) != each.version]
    young = [each for each in due if is_young(each, config.min_age, now)]
    due = [each for each in due if each not in young]
    undated = [each for each in due if each.file_date is None]
    if undated:
        remark(
            f"{prefix}: {len(undated)} files have no date in their name, such as {undated[0].name}"
        )
    if young:
        remark(f"{prefix}: {len(young)} files changed just now and wait for the next load")
    now_due = due[: config.max_files]
    if len(now_due) < len(due):
        waiting = len(due) - len(now_due)
        remark(f"{prefix}: {waiting} later files wait for the next load (`max_files`)")
    return now_due


def _is_in(file: Delivered, window: Window) -> bool:
    """Whether its date is one of the window; a file without a date in its name belongs to none."""
    return file.file_date is not None and window.start <= file.file_date <= window.end


def _file(
    folder: Folder, file: Delivered, config: FilesConfig, loaded: dict[str, str]
) -> Iterator[list[dict[str, Any]]]:
    try:
        copy = copied(folder, file)
    except Unfinished as why:
        remark(f"{file.name} waits for the next load: {why}")
        return
    try:
        batches = list(rows_of(copy, file, config))
    except Unfinished as why:
        remark(f"{file.name} waits for the next load: {why}")
        return
    finally:
        copy.unlink()
    yield from batches
    if not batches and file.name in loaded:
        remark(f"{file.name} was delivered again without rows; those it had before are kept")
    loaded[file.name] = file.version


def _move_date_on(state: dict[str, Any], file: Delivered) -> None:
    if file.file_date is not None and file.name in state["files"]:
        state["last_file_date"] = max(state.get("last_file_date", ""), file.file_date.isoformat())
