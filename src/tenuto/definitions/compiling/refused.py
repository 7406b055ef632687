"""What only compiling finds wrong with a definition, as findings beside those of the checks."""

from collections.abc import Iterator

from tenuto.catalog.registry import Catalog
from tenuto.core.errors import UsageError
from tenuto.definitions.compiling.compile import compile_plan
from tenuto.definitions.findings import Finding
from tenuto.definitions.loaded import Loaded

NOT_COMPILED = "E290"

CODES: dict[str, str] = {
    NOT_COMPILED: "Expanding functions, extensions, and secrets fails: a function calls itself, an"
    " extension applies to a task that cannot be extended, or a secret would become data.",
}
"""Code -> what it means."""


def find_uncompilable(loaded: Loaded, catalog: Catalog) -> Iterator[Finding]:
    """The first thing for which no plan can be made; nothing where one can.

    For a definition in which the other checks found no error: it sees each part expanded where it
    is used, as a run will.
    """
    try:
        compile_plan(loaded.value, catalog)
    except UsageError as error:
        yield loaded.error(NOT_COMPILED, str(error.details.get("path", "")), error.message)
