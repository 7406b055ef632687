"""The incremental cursor that keeps corrections."""

from typing import Any

import dlt


def cursor(
    field: str,
    *,
    start: Any = None,
    lag: float | None = None,
    order: Any = None,
) -> Any:
    """A dlt incremental over `field` that asks again for rows at its boundary.

    `lag` reaches back from the last value: seconds for moments, days for dates, the number itself
    for numbers. dlt would drop a row whose key it has seen at the boundary, and with it a
    correction that arrived later on the same day; here the destination merges by primary key
    instead, so use it in resources with `write_disposition="merge"`.
    """
    return dlt.sources.incremental(
        field, initial_value=start, primary_key=(), lag=lag, row_order=order
    )
