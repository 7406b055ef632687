"""Which task queues the code of this installation serves."""

from tenuto.app import project_catalog
from tenuto.core.errors import TenutoError
from tenuto.engine.settings import Settings, load_settings


def own_queues(settings: Settings) -> set[str]:
    """The queues of every pack and of the project's own modules."""
    catalog = project_catalog(settings)
    queues = {entry.queue for entry in catalog.workflows.values()}
    return queues | {entry.queue for entry in catalog.activities.values()}


def serves_here(queue: str) -> bool:
    """Whether `tenuto worker` can serve the queue; yes where this project cannot be read.

    What is wrong with the project is then told by the worker that somebody tries to start.
    """
    try:
        settings = load_settings()
        return queue == settings.queue or queue in own_queues(settings)
    except TenutoError:
        return True
