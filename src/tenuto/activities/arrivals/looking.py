"""Which files lie where a watch looks, and which of them have stopped changing."""

import glob
import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from tenuto.activities.fetch.files.drivers import connected
from tenuto.activities.fetch.files.finding import is_hidden_or_unfinished, modified_at, reaching
from tenuto.activities.fetch.files.roots import (
    allowed_local,
    checked_path,
    is_remote,
    refuse_unlisted,
)
from tenuto.catalog.library.arrivals.models import (
    FoundVersion,
    Look,
    LookRequest,
    SeenFile,
    WatchRequest,
)
from tenuto.core.errors import UsageError

_TAGS = ("ETag", "etag", "md5", "contentHash")


def look(request: LookRequest, now: datetime) -> Look:
    """What lies there at `now`, compared with what was seen before.

    A file has arrived once a second look finds it as the first one did, `stable_for` later at the
    least. Raises UsageError `files.too-many`, PolicyDenied `files.outside-roots`, TransientError
    `files.unreachable`, and as credentials do.
    """
    found = found_versions(request.watch)
    seen = {each.path: each for each in request.seen}
    files = tuple(_remembered(each, seen.get(each.path), now) for each in found)
    arrived = tuple(
        each
        for each, file in zip(found, files, strict=True)
        if file.state == "waiting"
        and file is seen.get(each.path)
        and now - file.since >= request.watch.stable_for
    )
    return Look(files=files, arrived=arrived)


def found_versions(watch: WatchRequest) -> list[FoundVersion]:
    """Every file that the watch's path or glob names now, sorted by path."""
    path = checked_path(watch.url)
    source = _remote(path, watch) if is_remote(path) else _local(path)
    found: dict[str, FoundVersion] = {}
    for each in source:
        found[each.path] = each
        if len(found) > watch.max_files:
            raise UsageError(
                f"{watch.url} matches more than {watch.max_files:,} files. Move away what was"
                " taken, narrow the pattern, or raise `max_files`.",
                code="files.too-many",
            )
    return [found[name] for name in sorted(found)]


def url_of(path: str, pattern: str, url: str) -> str:
    """The URL of what a driver found at `path`, for a pattern that it knows `url` by.

    Drivers do not know it: that of SFTP forgets the host, that of Azure the account.
    """
    if not glob.has_magic(pattern):
        return url
    return _before_wildcards(url) + path.removeprefix(_before_wildcards(pattern))


def _remembered(file: FoundVersion, before: SeenFile | None, now: datetime) -> SeenFile:
    if before is not None and before.version == file.version:
        return before
    return SeenFile(path=file.path, version=file.version, since=now)


def _local(pattern: str) -> Iterator[FoundVersion]:
    pattern = pattern.removeprefix("file://")
    # Judged before it is looked for: what exists outside the roots is nobody's business.
    allowed_local(Path(_fixed_folder(pattern) if glob.has_magic(pattern) else pattern))
    for each in glob.iglob(pattern, recursive=True):  # noqa: PTH207 (patterns with folders)
        path = Path(each)
        if is_hidden_or_unfinished(path.name) or not path.is_file():
            continue
        real = allowed_local(path)
        try:
            stat = real.stat()
        except FileNotFoundError:  # it was moved away at this moment
            continue
        modified = datetime.fromtimestamp(stat.st_mtime, UTC)
        yield _version(str(real), path.name, stat.st_size, modified, f"{stat.st_mtime_ns}")


def _remote(url: str, watch: WatchRequest) -> Iterator[FoundVersion]:
    refuse_unlisted(url)
    filesystem, pattern = connected(url, watch.credentials)
    with reaching(url):
        found = filesystem.glob(pattern, detail=True)
    for path, info in found.items():
        name = path.rpartition("/")[2]
        if info["type"] == "file" and not is_hidden_or_unfinished(name):
            tag = next((info[key] for key in _TAGS if info.get(key) is not None), None)
            modified = modified_at(info)
            full = url_of(path, pattern, url)
            yield _version(full, name, int(info["size"]), modified, f"{modified} {tag}")


def _version(path: str, name: str, size: int, modified: datetime | None, mark: str) -> FoundVersion:
    digest = hashlib.sha256(f"{path}\0{size}\0{mark}".encode("utf-8", "surrogateescape"))
    version = digest.hexdigest()[:32]
    return FoundVersion(path=path, name=name, size=size, modified=modified, version=version)


def _fixed_folder(pattern: str) -> str:
    return _before_wildcards(pattern) or ("/" if pattern.startswith("/") else ".")


def _before_wildcards(pattern: str) -> str:
    """The folder before the first part with a wildcard."""
    parts = pattern.split("/")
    first = next(at for at, part in enumerate(parts) if glob.has_magic(part))
    return "/".join(parts[:first])
