"""FIX execution reports, out of session logs or drop-copy files."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import simplefix  # type: ignore[import-untyped]
from simplefix.errors import ParsingError  # type: ignore[import-untyped]

from tenuto.activities.fetch.files.lines import Lines
from tenuto.activities.fetch.statements.messages import (
    PRICE_PLACES,
    Message,
    Unreadable,
    kept_text,
    plain_date,
    point_amount,
    utc_moment,
)
from tenuto.catalog.library.fetch.statements import FetchStatementsRequest

_SOH = "\x01"
_EXECUTION_REPORT = "8"
_SIDES = {"1": "buy", "2": "sell", "3": "buy", "4": "sell", "5": "sell short", "6": "sell short"}
_ISIN = "4"
_NEEDED = {17: "ExecID", 37: "OrderID", 54: "Side"}

Reader = Callable[[str | None], Any]


def _as_text(value: str | None) -> str | None:
    return value


def _quantity(value: str | None) -> Any:
    return point_amount(value)


def _price(value: str | None) -> Any:
    return point_amount(value, PRICE_PLACES)


FIELDS: dict[str, tuple[int, Reader]] = {
    "exec_id": (17, _as_text),
    "exec_ref_id": (19, _as_text),
    "order_id": (37, _as_text),
    "client_order_id": (11, _as_text),
    "exec_type": (150, _as_text),
    "exec_trans_type": (20, _as_text),
    "order_status": (39, _as_text),
    "account": (1, _as_text),
    "symbol": (55, _as_text),
    "last_quantity": (32, _quantity),
    "last_price": (31, _price),
    "cumulative_quantity": (14, _quantity),
    "leaves_quantity": (151, _quantity),
    "average_price": (6, _price),
    "currency": (15, _as_text),
    "trade_date": (75, plain_date),
    "settlement_date": (64, plain_date),
    "transact_time": (60, utc_moment),
    "gross_amount": (381, _quantity),
    "net_amount": (118, _quantity),
    "commission": (12, _quantity),
    "narrative": (58, _as_text),
}
"""Column -> FIX tag and how its value is read. A missing tag is a missing value."""


def read_fix(name: str, path: Path, request: FetchStatementsRequest) -> Iterator[Message]:
    """One message for every execution report; other messages of the session are passed over.

    Fields end in SOH, `|`, or `^A`; text of a log before `8=FIX` is ignored.
    """
    lines = Lines(name, path, request.encoding, request.limits.max_line_chars)
    for line in lines:
        for part in re.split(r"(?=8=FIX)", line.rstrip("\r\n"))[1:]:
            message = _read(lines.number, part, request.encoding)
            if message is not None:
                yield message


def _read(row: int, part: str, encoding: str) -> Message | None:
    message = Message(header=None, row=row, text=kept_text(part))
    try:
        fields = _fields(part, encoding)
        if fields.get("35") != _EXECUTION_REPORT:
            return None
        message.executions.append(_execution(fields, row))
        message.account = fields.get("1", "")
    except Unreadable as exc:
        message.refuse(row, str(exc), code="statements.bad-field")
    return message


def _fields(part: str, encoding: str) -> dict[str, str]:
    """First value of every tag. Raises Unreadable when length or checksum do not fit."""
    separator = next((each for each in (_SOH, "|", "^A") if f"{each}9=" in part), None)
    if separator is None:
        raise Unreadable("the fields are separated by neither SOH, `|`, nor `^A`")
    mark = re.escape(separator)
    end = re.search(rf"{mark}10=(\d{{3}})(?:{mark}|\s*$)", part)
    if end is None:
        raise Unreadable("the message breaks off before its checksum (tag 10)")
    body = (
        part[: end.start() + len(separator)].replace(separator, _SOH).encode("latin-1", "replace")
    )
    if sum(body) % 256 != int(end[1]):
        raise Unreadable(f"the checksum is {sum(body) % 256:03}, and tag 10 says {end[1]}")
    parser = simplefix.FixParser()
    parser.append_buffer(body + f"10={end[1]}{_SOH}".encode())
    try:
        parsed = parser.get_message()
    except ParsingError as exc:
        raise Unreadable(f"the message is no FIX: {exc}") from exc
    if parsed is None:
        raise Unreadable("the message is not whole")
    fields: dict[str, str] = {}
    for tag, value in parsed.pairs:
        fields.setdefault(tag.decode(), value.decode(encoding))
    _refuse_other_length(fields.get("9", ""), body)
    return fields


def _refuse_other_length(stated: str, body: bytes) -> None:
    start = body.find(f"{_SOH}9={stated}{_SOH}".encode()) + len(stated) + 4
    if not stated.isdigit() or len(body) - start != int(stated):
        raise Unreadable(
            f"the body has {len(body) - start} bytes, and tag 9 says {stated[:10] or 'nothing'}"
        )


def _execution(fields: dict[str, str], row: int) -> dict[str, Any]:
    missing = [f"{name} ({tag})" for tag, name in _NEEDED.items() if str(tag) not in fields]
    if missing:
        raise Unreadable(f"the execution report lacks {', '.join(missing)}")
    side = fields["54"]
    if side not in _SIDES:
        raise Unreadable(f"side `{side[:10]}` is not one of {', '.join(_SIDES)}")
    read: dict[str, Any] = {}
    for name, (tag, reader) in FIELDS.items():
        value = fields.get(str(tag))
        try:
            read[name] = None if value is None else reader(value)
        except Unreadable as exc:
            raise Unreadable(f"tag {tag}: {exc}") from exc
    security, source = fields.get("48"), fields.get("22")
    return {
        **read,
        "side": _SIDES[side],
        "isin": security if source == _ISIN else None,
        "other_id": None if source == _ISIN or security is None else f"{source}/{security}",
        "is_possible_duplicate": fields.get("43") == "Y",
        "source_row": row,
    }
