"""Files that arrive, as a pack: its steps stand where their kind stands, and meet here."""

from tenuto.core.pack import Pack

_LIBRARY = "tenuto.catalog.library.arrivals"

pack = Pack(
    name="triggers",
    summary="Triggers: files that arrive start runs.",
    catalog=(f"{_LIBRARY}.catalog",),
    workflows=("tenuto.workflows.watch_files:WatchFiles",),
    activities=("tenuto.activities.arrivals.look", "tenuto.triggers.events.files.start_run"),
    passthrough=(f"{_LIBRARY}.models",),
)
