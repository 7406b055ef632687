"""Reports of RedTrack: one call after the other for each day, page by page."""

from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import requests

from tenuto.core.errors import DataError
from tenuto.packs.sync.sources.days import DAY, daily_source, json_of
from tenuto.packs.sync.sources.file import config_of
from tenuto.packs.sync.sources.kinds import RedtrackConfig
from tenuto.packs.sync.sources.session import open_session
from tenuto.packs.sync.sources.values import as_number, first_present, is_missing, numbers_alike

if TYPE_CHECKING:
    from dlt.sources import DltSource

    from tenuto.packs.sync.port import Opening


def open_redtrack(wanted: "Opening") -> "DltSource":
    """One resource: the rows of each day, merged by day and `key`; numbers are decimals.

    Raises, while it is extracted, DataError `sync.other-shape`, `sync.same-page`,
    `sync.key-missing`, and as the session's requests do.
    """
    config = cast("RedtrackConfig", config_of(wanted.source, wanted.name))
    session = open_session(config.base_url, config, config.auth, wanted.secrets)
    return daily_source(wanted, config, _key(config), partial(_day, session, config))


def _day(
    session: requests.Session, config: RedtrackConfig, day: date
) -> Iterator[list[dict[str, Any]]]:
    page, before = 1, None
    while True:
        rows = _page(session, config, day, page)
        if rows and rows == before:
            raise DataError(
                f"{config.path} answers pages {page - 1} and {page} of {day} with the same rows, so"
                " it seems not to page; raise `page_size` above the rows of a day.",
                code="sync.same-page",
            )
        if rows:
            yield [_row(each, config, day) for each in rows]
        if len(rows) < config.page_size:
            return
        page, before = page + 1, rows


def _page(session: requests.Session, config: RedtrackConfig, day: date, page: int) -> list[Any]:
    where = config.base_url.rstrip("/") + config.path
    answer = session.get(
        where,
        params={
            "date_from": day.isoformat(),
            "date_to": day.isoformat(),
            "timezone": config.time_zone,
            "group": ",".join(config.group),
            "page": str(page),
            "per": str(config.page_size),
        },
    )
    found = json_of(answer, where)
    rows = found.get("items") if isinstance(found, dict) else found
    if not isinstance(rows, list) or not all(isinstance(each, dict) for each in rows):
        raise DataError(
            f"{where} answers with something else than a list of rows; check `path`, and see what"
            " the API complains of.",
            code="sync.other-shape",
        )
    return rows


def _row(row: dict[str, Any], config: RedtrackConfig, day: date) -> dict[str, Any]:
    missing = [name for name in _key(config) if is_missing(row.get(name))]
    if missing:
        raise DataError(
            f"A row of {day} has no `{missing[0]}`, which is part of its key; it has"
            f" {', '.join(f'`{each}`' for each in row)}. Correct `group` or `key`.",
            code="sync.key-missing",
        )
    key = {name: str(row[name]) for name in _key(config)}
    chosen = {name: as_number(first_present(row, names)) for name, names in config.first_of.items()}
    return {**numbers_alike(row), **chosen, **key, DAY: day}


def _key(config: RedtrackConfig) -> tuple[str, ...]:
    return config.key or config.group
