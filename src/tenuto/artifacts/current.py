"""The store this process uses, so that an activity body need not be handed one."""

import os
import threading

from tenuto.artifacts.store import ArtifactStore, open_store
from tenuto.core.errors import UsageError

VARIABLE = "TENUTO_ARTIFACTS"

_lock = threading.Lock()
_chosen: ArtifactStore | None = None
_by_variable: dict[str, ArtifactStore] = {}


def use_store(store: ArtifactStore | None) -> None:
    """Makes `store` the one that `current_store` returns in every thread; None forgets it."""
    global _chosen
    with _lock:
        _chosen = store


def current_store() -> ArtifactStore:
    """The store given to `use_store`, or the one at the URL in `TENUTO_ARTIFACTS`.

    Raises UsageError when there is neither.
    """
    with _lock:
        if _chosen is not None:
            return _chosen
        url = os.environ.get(VARIABLE, "")
        if not url:
            raise UsageError(
                f"No artifact store is set in this process. Set `{VARIABLE}` to a folder or an "
                "fsspec URL, or call `tenuto.artifacts.current.use_store(open_store(url))` first.",
                code="artifact.no-store",
            )
        if url not in _by_variable:
            _by_variable[url] = open_store(url)
        return _by_variable[url]
