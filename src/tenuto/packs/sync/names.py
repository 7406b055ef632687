"""How pipelines, columns, and one error are called, wherever they are."""

from tenuto.packs.sync.models import Window

ALREADY_RUNNING = "sync.already-running"
"""Code of the error for a source that another run is loading."""

CLIENT_ID = "_client_id"
LOADED_AT = "_loaded_at"

LOADS_TABLE = "_tenuto_loads"
"""Table beside the data that remembers what each load brought."""


def pipeline_of(source_name: str, window: Window | None) -> str:
    """The dlt pipeline that loads a source; a backfill has its own, and with it its own state."""
    return source_name if window is None else f"{source_name}__backfill"
