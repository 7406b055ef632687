"""Names of columns: those of the file, and those that are made up for it."""

from collections.abc import Sequence

from tenuto.catalog.library.fetch.files import LINEAGE, FetchFilesRequest
from tenuto.core.errors import DataError

_MOST_COLUMNS = 10_000


def checked_header(name: str, row: int | None, cells: Sequence[str | None]) -> list[str]:
    """The column names, blanks cut off.

    Raises DataError `files.bad-header` when one is empty, used twice, or reserved.
    """
    names = [(cell or "").strip() for cell in cells]
    twice = next((each for each in names if names.count(each) > 1), None) if names else None
    reserved = next((each for each in names if each in (*LINEAGE, "reasons")), None)
    if "" in names:
        what = f"column {names.index('') + 1} has no name"
    elif len(names) > _MOST_COLUMNS:
        what = f"the header has {len(names)} columns (limit {_MOST_COLUMNS})"
    elif twice is not None:
        what = f"the column `{twice[:60]}` is there twice"
    elif reserved is not None:
        what = f"the column name `{reserved}` is reserved for where a row comes from"
    else:
        return names
    where = f"{name}, row {row}" if row else name
    raise DataError(
        f"{where}: {what}; correct the header, or set `skip_rows`, `has_header`, `delimiter`",
        code="files.bad-header",
        details={"file": name, "row": row},
    )


def numbered_names(name: str, width: int, request: FetchFilesRequest) -> list[str]:
    """Names for a file without a header: as declared, in order; else `column_1`, ...

    Raises DataError `files.column-missing` when the file has fewer columns than declared.
    """
    declared = [column.source_name for column in request.columns]
    if len(declared) > width:
        raise DataError(
            f"{name} has {width} columns, and {len(declared)} are declared; declare those that "
            "it has, in order, or correct `delimiter`",
            code="files.column-missing",
            details={"file": name},
        )
    made_up = [f"column_{number}" for number in range(len(declared) + 1, width + 1)]
    return [*declared, *made_up]
