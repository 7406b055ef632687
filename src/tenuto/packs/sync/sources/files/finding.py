"""Which files of a prefix are there, and in which order they are loaded: the oldest first."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fsspec  # type: ignore[import-untyped]
from fsspec.utils import glob_translate  # type: ignore[import-untyped]

from tenuto.activities.fetch.files.drivers import connected
from tenuto.activities.fetch.files.finding import (
    UNFINISHED,
    is_hidden_or_unfinished,
    modified_at,
    reaching,
)
from tenuto.activities.fetch.files.roots import (
    allowed_local,
    checked_path,
    is_remote,
    refuse_unlisted,
)
from tenuto.core.errors import NotFoundError
from tenuto.packs.sync.sources.kinds import FilesConfig

if TYPE_CHECKING:
    from tenuto.packs.sync.port import Opening


@dataclass(frozen=True, kw_only=True, slots=True)
class Folder:
    """Where files are, reached."""

    filesystem: Any
    path: str
    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivered:
    """One file, as the listing shows it."""

    path: str
    """As the file system knows it."""
    name: str
    """Below its prefix."""
    version: str
    """Another one when the file was delivered again."""
    changed: datetime | None
    file_date: date | None
    """The date in its name."""

    @property
    def age(self) -> tuple[date, str]:
        """What files are ordered by: date of the name, else of the last change, then name."""
        changed = self.changed.date() if self.changed else date.max
        return (self.file_date or changed, self.name)


def reached(wanted: "Opening", config: FilesConfig) -> Folder:
    """The folder of `config.url`.

    Raises NotFoundError `files.not-found`, PolicyDenied `files.outside-roots` and
    `files.outside-remotes`, and as `connected` does.
    """
    if is_remote(checked_path(config.url)):
        refuse_unlisted(config.url.rstrip("/") + "/")
        filesystem, path = connected(config.url, dict(wanted.source.secrets))
        return Folder(filesystem=filesystem, path=path.rstrip("/"), url=config.url)
    local = (wanted.root / config.url).resolve()
    if not local.is_relative_to(wanted.root.resolve()):
        allowed_local(local)
    if not local.is_dir():
        raise NotFoundError(
            f"There is no folder {local}; correct `url`, or make the folder.",
            code="files.not-found",
        )
    return Folder(filesystem=fsspec.filesystem("file"), path=str(local), url=config.url)


def delivered(folder: Folder, prefix: str, config: FilesConfig) -> list[Delivered]:
    """Every finished file of the prefix, the oldest first."""
    below = f"{folder.path}/{checked_path(prefix).strip('/')}/"
    with reaching(f"{folder.url}/{prefix}"):
        folder.filesystem.invalidate_cache()
        listed = folder.filesystem.find(below, detail=True)
    pattern = re.compile(glob_translate(config.pattern))
    names = {str(path).removeprefix(below): (str(path), info) for path, info in listed.items()}
    found = [
        _delivered(path, name, info, config)
        for name, (path, info) in names.items()
        if pattern.match(name) and not _is_unfinished(name, names)
    ]
    return sorted(found, key=lambda each: each.age)


def version_of(info: dict[str, Any]) -> str:
    """What changes when a file is written again: bytes, and the store's mark or time."""
    mark = info.get("ETag") or info.get("etag") or info.get("md5Hash") or info.get("mtime")
    return f"{info.get('size')}:{mark if mark is not None else modified_at(info)}".replace('"', "")


def is_young(file: Delivered, min_age: timedelta, now: datetime) -> bool:
    """Whether it changed so recently that it may still be written."""
    return bool(min_age) and file.changed is not None and now - file.changed < min_age


def _delivered(path: str, name: str, info: dict[str, Any], config: FilesConfig) -> Delivered:
    return Delivered(
        path=path,
        name=name,
        version=version_of(info),
        changed=modified_at(info),
        file_date=_date_in(name, config.date_in_name),
    )


def _date_in(name: str, pattern: str) -> date | None:
    found = re.search(pattern, Path(name).name)
    if found is None:
        return None
    try:
        return date.fromisoformat(found[1])
    except ValueError:  # 2026-13-45 is digits and no date
        return None


def _is_unfinished(name: str, names: dict[str, Any]) -> bool:
    return is_hidden_or_unfinished(name) or any(name + ending in names for ending in UNFINISHED)
