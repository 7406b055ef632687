"""The catalog that this process's workers offer, for bodies that look entries up by name."""

import threading
from typing import Any

from tenuto.catalog.entries import ActivityEntry
from tenuto.catalog.registry import Catalog

_lock = threading.Lock()
_offered = Catalog()


def offer(catalog: Catalog) -> None:
    """Adds the activities of a worker that was built in this process; of a name, the latest."""
    with _lock:
        _offered.activities.update(catalog.activities)


def offered_activity(name: str) -> ActivityEntry[Any, Any]:
    """The activity of that name. Raises NotFoundError that suggests the nearest names."""
    with _lock:
        return _offered.activity(name)
