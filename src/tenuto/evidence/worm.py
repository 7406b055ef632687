"""Whether a place really lets nobody change what is written: by trying."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from tenuto.artifacts.folder import Folder
from tenuto.artifacts.place import Place
from tenuto.core.errors import TransientError
from tenuto.core.records import Record

_FIRST = b"probe: written by `tenuto audit doctor`"
_SECOND = b"probe: overwritten"


class Probe(Record):
    """What could be done to a file that was just written."""

    path: str
    overwritten: bool
    deleted: bool
    is_folder: bool
    """A folder on a disk: whoever owns it may change everything."""

    @property
    def is_safe(self) -> bool:
        """Whether nothing could be done to it."""
        return not (self.overwritten or self.deleted or self.is_folder)


def probe(place: Place) -> Probe:
    """Writes a small file under `probes/`, and tries to overwrite and to delete it.

    Raises TransientError where not even the first write works. On a place with versions an
    overwritten file keeps its old version, and this tells that it was overwritten all the same:
    look at the bucket's lock.
    """
    path = f"probes/{uuid4().hex}"
    place.create(path, _FIRST)
    return Probe(
        path=path,
        overwritten=_overwrites(place, path),
        deleted=_deletes(place, path),
        is_folder=isinstance(place, Folder),
    )


def _overwrites(place: Place, path: str) -> bool:
    try:
        place.write(path, _SECOND)
    except TransientError:
        return False
    return place.read(path) == _SECOND


def _deletes(place: Place, path: str) -> bool:
    try:
        place.remove(path, unless_after=datetime.now(UTC) + timedelta(days=1))
    except TransientError:
        return False
    return place.size(path) is None
