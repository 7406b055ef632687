"""Which places this worker may read files from; everything else is refused.

The operator names them, never the input of a run: local folders in `TENUTO_FILES_ROOTS`,
remote URL prefixes in `TENUTO_FILES_REMOTES`.
"""

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from tenuto.core.errors import PolicyDenied, UsageError

ROOTS = "TENUTO_FILES_ROOTS"
REMOTES = "TENUTO_FILES_REMOTES"

_GLOB = re.compile(r"[*?\[]")
_PROTOCOLS = ("s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl", "sftp", "ssh", "memory")


def is_remote(path: str) -> bool:
    """Whether `path` is a URL of another filesystem than the local one."""
    return "://" in path and not path.startswith("file://")


def checked_path(path: str) -> str:
    """`path` if it is plain enough to be judged.

    Raises UsageError `files.path-invalid` for an empty path, NUL, backslash, `..`, a chained
    URL, or a password in the URL; the message does not repeat a password.
    """
    wrong = _wrong_with(path)
    if wrong:
        raise UsageError(
            f"the path {wrong}; write a path or glob below an allowed folder, or an fsspec URL "
            "with credentials as secret references in `credentials`",
            code="files.path-invalid",
        )
    return path


def allowed_local(path: Path) -> Path:
    """The real path, links followed. Raises PolicyDenied `files.outside-roots` when it leaves."""
    real = path.resolve()
    roots = local_roots()
    if not any(real.is_relative_to(root) for root in roots):
        raise PolicyDenied(
            f"{path} is outside the folders this worker reads from "
            f"({', '.join(map(str, roots))}), once links are followed; move the file, or have the "
            f"operator add its folder to {ROOTS}",
            code="files.outside-roots",
        )
    return real


def local_roots() -> list[Path]:
    """The folders in `TENUTO_FILES_ROOTS`, links followed; else the working directory."""
    given = [each for each in os.environ.get(ROOTS, "").split(os.pathsep) if each.strip()]
    return [Path(each).resolve() for each in given] or [Path.cwd().resolve()]


def refuse_unlisted(url: str) -> None:
    """Raises unless `url` lies below a URL in `TENUTO_FILES_REMOTES` (separated by blanks).

    UsageError `files.protocol-refused` for a protocol that is never read here, PolicyDenied
    `files.outside-remotes` for one that is not listed.
    """
    protocol = url.split("://", 1)[0].lower()
    if protocol not in _PROTOCOLS:
        raise UsageError(
            f"files are not read over {protocol!r}; valid are local paths and "
            f"{', '.join(_PROTOCOLS)}; for a web address use `fetch.http`",
            code="files.protocol-refused",
        )
    listed = os.environ.get(REMOTES, "").split()
    fixed = _GLOB.split(url, maxsplit=1)[0]
    if not any(fixed == each or fixed.startswith(each.rstrip("/") + "/") for each in listed):
        raise PolicyDenied(
            f"{fixed} is not below any place this worker reads from "
            f"({', '.join(listed) or 'none is listed'}); have the operator add its folder to "
            f"{REMOTES}",
            code="files.outside-remotes",
        )


def _wrong_with(path: str) -> str | None:
    if not path.strip():
        return "is empty"
    if "\0" in path or "\\" in path:
        return "holds a NUL or a backslash"
    if "::" in path:
        return "chains URLs with `::`"
    if ".." in re.split(r"[/]", path):
        return "holds `..`"
    if is_remote(path):
        try:
            has_password = urlsplit(path).password is not None
        except ValueError:
            return "is a URL that cannot be understood"
        if has_password:
            return "holds a password"
        if "?" in path and path.startswith(("sftp", "ssh")):
            return "holds a query"
    return None
