"""What the destination knows of earlier loads of a source."""

from collections.abc import Callable

from dlt.common.runtime.collector import NULL_COLLECTOR

from tenuto.packs.sync.activities.loading import history
from tenuto.packs.sync.activities.loading.opening import Hide, open_place
from tenuto.packs.sync.activities.loading.wire import Job
from tenuto.packs.sync.models import PastLoad

_MOST = 20


def remembered(job: Job, say: Callable[[str], None], hide: Hide) -> tuple[PastLoad, ...]:
    """The last twenty loads, newest first; none for a destination of files."""
    place = open_place(job, hide)
    if not (place.target.has_sql and place.target.is_there):
        return ()
    pipeline = place.pipeline(NULL_COLLECTOR)
    with place.target.alone(place.locks, say), pipeline.sql_client() as client:
        return history.past_loads(client, place.pipeline_name, _MOST)
