"""The schedules by which files are looked for: one for each watch, made as triggers.yaml says."""

from collections.abc import Mapping
from datetime import timedelta

from tenuto.catalog.library.arrivals.catalog import watch_files
from tenuto.catalog.library.arrivals.models import WatchRequest
from tenuto.triggers.events.model import FileWatch
from tenuto.triggers.schedules.check import Checked, Wanted
from tenuto.triggers.schedules.model import ScheduledStart, Timing
from tenuto.triggers.schedules.targets import OfCatalog

_SHORTEST_CATCHUP = timedelta(seconds=10)

PREFIX = "files/"
"""How the ids of these schedules begin."""


def owner_of_watches(owner: str) -> str:
    """Whose the schedules are: applying or pruning schedules.yaml leaves them alone."""
    return f"{owner}/triggers"


def wanted_watches(watches: Mapping[str, FileWatch], source: str) -> Checked:
    """The schedules of these watches."""
    wanted = tuple(_wanted(name, watch, source) for name, watch in watches.items())
    return Checked(wanted=wanted, findings=(), ids=tuple(each.start.id for each in wanted))


def _wanted(name: str, watch: FileWatch, source: str) -> Wanted:
    request = WatchRequest(
        name=name,
        url=watch.url,
        credentials=watch.credentials,
        stable_for=watch.stable_for,
        max_files=watch.max_files,
        filter=watch.filter,
        run=watch.run,
        input=watch.input,
        id=watch.id,
    )
    start = ScheduledStart(
        id=f"{PREFIX}{name}",
        run=watch_files.name,
        input=request.model_dump(mode="json"),
        when=Timing(every=watch.every),
        overlap="skip",
        catchup_window=max(watch.every, _SHORTEST_CATCHUP),  # one look makes up for all missed
    )
    target = OfCatalog(entry=watch_files, request=request)
    return Wanted(start=start, target=target, text=watch.model_dump_json(), source=source)
