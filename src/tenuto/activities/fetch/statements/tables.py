"""Messages as tables: one schema for whatever they came from."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import polars as pl

from tenuto.activities.fetch.statements.messages import PLACES, PRICE_PLACES, Message
from tenuto.catalog.library.fetch.statements import Balance, StatementHeader

_AMOUNT = pl.Decimal(38, PLACES)
_PRICE = pl.Decimal(38, PRICE_PLACES)
_TEXT = pl.String()
_DAY = pl.Date()
_COUNT = pl.Int64()
_FLAG = pl.Boolean()

ENTRIES = pl.Schema(
    {
        "statement_id": _TEXT,
        "account": _TEXT,
        "currency": _TEXT,
        "entry_date": _DAY,
        "value_date": _DAY,
        "amount": _AMOUNT,
        "status": _TEXT,
        "type_code": _TEXT,
        "proprietary_code": _TEXT,
        "is_reversal": _FLAG,
        "customer_reference": _TEXT,
        "bank_reference": _TEXT,
        "end_to_end_reference": _TEXT,
        "counterparty": _TEXT,
        "narrative": _TEXT,
        "details": _TEXT,
        "sequence": _COUNT,
        "source_file": _TEXT,
        "source_row": _COUNT,
    }
)
HOLDINGS = pl.Schema(
    {
        "statement_id": _TEXT,
        "account": _TEXT,
        "safekeeping_place": _TEXT,
        "isin": _TEXT,
        "other_id": _TEXT,
        "name": _TEXT,
        "quantity": _AMOUNT,
        "quantity_kind": _TEXT,
        "price": _PRICE,
        "price_kind": _TEXT,
        "price_currency": _TEXT,
        "price_date": _DAY,
        "value": _AMOUNT,
        "value_currency": _TEXT,
        "statement_date": _DAY,
        "sequence": _COUNT,
        "source_file": _TEXT,
        "source_row": _COUNT,
    }
)
EXECUTIONS = pl.Schema(
    {
        "exec_id": _TEXT,
        "exec_ref_id": _TEXT,
        "order_id": _TEXT,
        "client_order_id": _TEXT,
        "exec_type": _TEXT,
        "exec_trans_type": _TEXT,
        "order_status": _TEXT,
        "account": _TEXT,
        "symbol": _TEXT,
        "isin": _TEXT,
        "other_id": _TEXT,
        "side": _TEXT,
        "last_quantity": _AMOUNT,
        "last_price": _PRICE,
        "cumulative_quantity": _AMOUNT,
        "leaves_quantity": _AMOUNT,
        "average_price": _PRICE,
        "currency": _TEXT,
        "trade_date": _DAY,
        "settlement_date": _DAY,
        "transact_time": pl.Datetime("us", "UTC"),
        "gross_amount": _AMOUNT,
        "net_amount": _AMOUNT,
        "commission": _AMOUNT,
        "narrative": _TEXT,
        "is_possible_duplicate": _FLAG,
        "source_file": _TEXT,
        "source_row": _COUNT,
    }
)
STATEMENTS = pl.Schema(
    {
        "statement_id": _TEXT,
        "message": _TEXT,
        "reference": _TEXT,
        "account": _TEXT,
        "servicer": _TEXT,
        "currency": _TEXT,
        "number": _TEXT,
        "page": _COUNT,
        "is_last_page": _FLAG,
        "statement_date": _DAY,
        **{
            f"{balance}_{part}": dtype
            for balance in ("opening", "closing", "closing_available")
            for part, dtype in (
                ("amount", _AMOUNT),
                ("date", _DAY),
                ("is_intermediate", _FLAG),
            )
        },
        "movements": _AMOUNT,
        "entries": _COUNT,
        "booked": _COUNT,
        "stated_debits": _AMOUNT,
        "stated_credits": _AMOUNT,
        "stated_debit_entries": _COUNT,
        "stated_credit_entries": _COUNT,
        "information": _TEXT,
        "source_file": _TEXT,
        "source_row": _COUNT,
    }
)
QUARANTINE = pl.Schema(
    {
        "source_file": _TEXT,
        "source_row": _COUNT,
        "statement_id": _TEXT,
        "account": _TEXT,
        "reasons": _TEXT,
        "text": _TEXT,
    }
)


def statement_row(header: StatementHeader) -> dict[str, Any]:
    """A header as a row of `STATEMENTS`."""
    row: dict[str, Any] = {}
    for name in type(header).model_fields:
        value = getattr(header, name)
        if name not in ("opening", "closing", "closing_available"):
            row[name] = value
            continue
        for part in Balance.model_fields:
            row[f"{name}_{part}"] = None if value is None else getattr(value, part)
    return row


def entry_rows(message: Message, file: str) -> list[dict[str, Any]]:
    """The entries of a message as rows of `ENTRIES`, numbered in order."""
    header = message.header
    return [
        {
            **asdict(entry),
            "statement_id": header.statement_id if header else None,
            "account": message.account,
            "sequence": number,
            "source_file": file,
        }
        for number, entry in enumerate(message.entries, start=1)
    ]


def holding_rows(message: Message, file: str) -> list[dict[str, Any]]:
    """The holdings of a message as rows of `HOLDINGS`, numbered in order."""
    header = message.header
    return [
        {
            **asdict(holding),
            "statement_id": header.statement_id if header else None,
            "statement_date": header.statement_date if header else None,
            "sequence": number,
            "source_file": file,
        }
        for number, holding in enumerate(message.holdings, start=1)
    ]


def framed(rows: Sequence[dict[str, Any]], schema: pl.Schema) -> pl.DataFrame:
    """The rows as a table of that schema, exactly."""
    return pl.DataFrame(rows, schema=schema, orient="row")
