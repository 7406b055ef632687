"""From a URL to the place it names."""

from pathlib import Path

from fsspec import AbstractFileSystem  # type: ignore[import-untyped]
from fsspec.core import url_to_fs  # type: ignore[import-untyped]
from fsspec.implementations.local import LocalFileSystem  # type: ignore[import-untyped]

from tenuto.artifacts.connections import Connections
from tenuto.artifacts.folder import Folder
from tenuto.artifacts.place import Place
from tenuto.artifacts.remote import Remote
from tenuto.core.errors import UnreachableError, UsageError


def open_place(url: str) -> Place:
    """The place at an fsspec URL or a local path; nothing is read or written yet.

    Raises UsageError when the URL is empty, its protocol unknown, or its driver not installed,
    and UnreachableError when a driver that connects at once cannot.
    """
    if not url.strip():
        raise UsageError(
            "The URL of the artifact store is empty; expected a folder, or an fsspec URL such as "
            "`s3://bucket/artifacts`.",
            code="artifact.bad-url",
        )
    filesystem, root = _connect(url)
    if isinstance(filesystem, LocalFileSystem):
        return Folder(Path(root))
    return Remote(Connections(filesystem, lambda: _connect(url)[0]), root)


def _connect(url: str) -> tuple[AbstractFileSystem, str]:
    protocol = url.split(":", 1)[0]
    try:
        filesystem, root = url_to_fs(url, skip_instance_cache=True)
    except ImportError as missing:
        raise UsageError(
            f"The driver for `{protocol}` is not installed: {missing}.",
            code="artifact.driver-missing",
        ) from missing
    except ValueError as wrong:
        raise UsageError(
            f"The URL of the artifact store is not understood: {wrong}. Expected a folder, or an "
            "fsspec URL such as `s3://bucket/artifacts`.",
            code="artifact.bad-url",
        ) from wrong
    except Exception as failure:
        raise UnreachableError(
            f"The artifact store cannot be reached over `{protocol}`: {type(failure).__name__}: "
            f"{failure}. Check its address, and the user and key or password.",
            code="artifact.store-unreachable",
        ) from failure
    # A cached listing does not show what other processes wrote or removed since.
    filesystem.dircache.use_listings_cache = False
    filesystem.invalidate_cache()
    return filesystem, root
