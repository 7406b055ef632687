"""Step 12: the names of a NAV bound, which is the moment of its release."""

from tenuto.artifacts.current import current_store
from tenuto.catalog import implements
from tenuto.core.references import Reference
from tenuto.packs.finance.nav import catalog
from tenuto.packs.finance.nav.activities.history import RESULT
from tenuto.packs.finance.nav.release_handoffs import PublishedNav, PublishRequest


@implements(catalog.publish)
def publish(request: PublishRequest) -> PublishedNav:
    """The bound names. `result.json` comes last: a NAV without it was not released.

    Raises UsageError `artifact.name-taken` when a name is bound to other content.
    """
    store = current_store()
    files: dict[str, Reference] = {
        "positions.parquet": request.pack.parquet,
        "nav-pack.xlsx": request.pack.xlsx,
        "nav-pack.pdf": request.pack.pdf,
        "manifest.json": request.pack.manifest,
        RESULT: request.result,
    }
    names = {f"{request.nav_id}/{file}": reference for file, reference in files.items()}
    for name, reference in names.items():
        store.bind(name, reference)
    return PublishedNav(names=tuple(sorted(names)))
