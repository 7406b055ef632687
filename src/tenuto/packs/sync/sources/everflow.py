"""Reports of Everflow's entity table: every page of every day, flattened and filtered here too."""

from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import requests

from tenuto.core.errors import DataError, TransientError
from tenuto.packs.sync.sources.days import DAY, daily_source, json_of, local_day
from tenuto.packs.sync.sources.file import config_of
from tenuto.packs.sync.sources.kinds import Access, EverflowConfig
from tenuto.packs.sync.sources.session import open_session
from tenuto.packs.sync.sources.values import numbers_alike

if TYPE_CHECKING:
    from dlt.sources import DltSource

    from tenuto.packs.sync.port import Opening

_KEY = Access(kind="header", name="X-Eflow-API-Key", secret="api_key")  # noqa: S106 (its name)


def open_everflow(wanted: "Opening") -> "DltSource":
    """One resource: a row for each day and combination of `columns`, merged by these.

    Dimensions are `<column>_id` and `<column>`, metrics as the API names them, as decimals.
    Raises, while it is extracted, DataError `sync.other-shape`, TransientError `sync.pages-short`,
    and as the session's requests do.
    """
    config = cast("EverflowConfig", config_of(wanted.source, wanted.name))
    session = open_session(config.base_url, config, _KEY, wanted.secrets)
    return daily_source(
        wanted, config, [f"{each}_id" for each in config.columns], partial(_day, session, config)
    )


def _day(
    session: requests.Session, config: EverflowConfig, day: date
) -> Iterator[list[dict[str, Any]]]:
    page = seen = 0
    total: int | None = None
    while total is None or seen < total:
        page += 1
        rows, total = _page(session, config, day, page)
        if not rows and seen < total:
            raise TransientError(
                f"The report of {day} has {total} rows, and its pages ended after {seen}; it is"
                " asked again from the start.",
                code="sync.pages-short",
            )
        seen += len(rows)
        flat = [_flat(each, config, day) for each in rows]
        kept = [each for each in flat if _passes(each, config)]
        if kept:
            yield kept


def _page(
    session: requests.Session, config: EverflowConfig, day: date, page: int
) -> tuple[list[Any], int]:
    where = config.base_url.rstrip("/") + config.path
    asked: dict[str, Any] = {
        "from": day.isoformat(),
        "to": day.isoformat(),
        "timezone_id": config.timezone_id,
        "currency_id": config.currency_id,
        "columns": [{"column": each} for each in config.columns],
        "query": {
            "filters": [
                {"resource_type": each.column, "filter_id_value": value}
                for each in config.filters
                for value in each.ids
            ],
            "page": page,
            "limit": config.page_size,
        },
    }
    answer = json_of(session.post(where, json=asked), where)
    try:
        table, total = answer["table"], answer["paging"]["total_count"]
    except (KeyError, TypeError) as error:
        raise _other_shape(where, "`table` and `paging.total_count`") from error
    if not isinstance(table, list) or not isinstance(total, int):
        raise _other_shape(where, "a list `table` and a number `paging.total_count`")
    return table, total


def _flat(row: Any, config: EverflowConfig, day: date) -> dict[str, Any]:
    try:
        dimensions = {str(each["column_type"]): each for each in row["columns"]}
        metrics = numbers_alike(row["reporting"])
    except (KeyError, TypeError, AttributeError) as error:
        raise _other_shape("A row of the report", "`columns` and `reporting`") from error
    flat: dict[str, Any] = {DAY: day}
    for name in config.columns:
        if name not in dimensions:
            raise _other_shape("A row of the report", f"the column `{name}` that was asked for")
        flat[f"{name}_id"] = str(dimensions[name].get("id", ""))
        flat[name] = dimensions[name].get("label")
    if "date" in config.columns:
        flat["date_id"] = flat["date"] = local_day(dimensions["date"]["id"], config.time_zone)
    return {**metrics, **flat}


def _passes(row: dict[str, Any], config: EverflowConfig) -> bool:
    """The API's own filter lets rows through that it should not."""
    return all(row.get(f"{each.column}_id") in each.ids for each in config.filters)


def _other_shape(where: str, expected: str) -> DataError:
    return DataError(
        f"{where} has not got {expected}; check `path`, and see what the API complains of.",
        code="sync.other-shape",
    )
