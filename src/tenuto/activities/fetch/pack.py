"""The fetch area of the activity library as a pack."""

from tenuto.core.pack import Pack

_CATALOG = "tenuto.catalog.library.fetch"
_BODIES = "tenuto.activities.fetch"

pack = Pack(
    name="fetch",
    summary="Bring data in as pinned datasets: from HTTP, databases, files, and statements.",
    catalog=(
        f"{_CATALOG}.http",
        f"{_CATALOG}.sql",
        f"{_CATALOG}.files",
        f"{_CATALOG}.statements",
        "tenuto.catalog.library.validate_statements",
    ),
    activities=(
        f"{_BODIES}.http",
        f"{_BODIES}.sql",
        f"{_BODIES}.files.reading",
        f"{_BODIES}.statements.reading",
        f"{_BODIES}.statements.integrity",
    ),
    extra="fetch",
    needs=("defusedxml", "fastexcel", "mt940", "polars", "simplefix", "sqlalchemy"),
)
