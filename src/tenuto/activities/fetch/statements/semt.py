"""semt.002: custody statements of holdings of ISO 20022."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from xml.etree.ElementTree import Element, tostring

from tenuto.activities.fetch.statements.messages import (
    PRICE_PLACES,
    Holding,
    Message,
    Unreadable,
    iso_date,
    kept_text,
    point_amount,
)
from tenuto.activities.fetch.statements.xml import (
    Piece,
    child,
    children,
    first_text,
    local,
    pieces,
    text,
)
from tenuto.catalog.library.fetch.statements import FetchStatementsRequest, StatementHeader
from tenuto.core.errors import DataError

_ROOT = "SctiesBalCtdyRpt"
_BALANCES = ("BalForAcct", "BalForSubAcct")
_QUANTITIES = {"Unit": "unit", "FaceAmt": "face_amount", "AmtsdVal": "amortised"}


def read_semt(name: str, path: Path, request: FetchStatementsRequest) -> Iterator[Message]:
    """Every custody report of the file; holdings are read as they come.

    Raises DataError `statements.not-xml`, `statements.no-message`.
    """
    message = Message(header=None, row=1)
    number = 0
    for piece in pieces(name, path, frozenset({*_BALANCES, _ROOT})):
        if piece.tag in _BALANCES:
            row = len(message.holdings) + len(message.refusals) + 1
            with message.refusing(row, piece.tag):
                message.holdings.append(_holding(piece, row))
        else:
            number += 1
            _finish(message, piece.element, f"{name}#{number}", name, number)
            yield message
            message = Message(header=None, row=number + 1)
    if not number:
        raise DataError(
            f"{name} holds no {request.message}: there is no `{_ROOT}`; correct `message`, or "
            "have it sent again",
            code="statements.no-message",
            details={"file": name},
        )


def _finish(message: Message, element: Element, statement_id: str, name: str, number: int) -> None:
    message.row = number
    message.text = kept_text(tostring(element, encoding="unicode"))
    said: dict[str, object] = {}
    account = text(element, "SfkpgAcct/Id") or ""
    general = child(element, "StmtGnlDtls")
    day = first_text(general, "StmtDtTm/Dt", "StmtDtTm/DtTm")
    with message.refusing(number, "Pgntn"):
        said.update(_page(element))
    with message.refusing(number, "StmtDtTm"):
        said.update(statement_date=iso_date(day))
    if not account:
        message.refuse(
            number, "the account is missing", field="SfkpgAcct", code="statements.bad-field"
        )
    message.account = account
    message.header = StatementHeader.model_validate(
        {
            "statement_id": statement_id,
            "message": "semt.002",
            "reference": text(general, "StmtId"),
            "account": account,
            "servicer": first_text(element, "AcctSvcr/AnyBIC", "AcctSvcr/Id/AnyBIC"),
            "number": first_text(general, "RptNb/Shrt", "RptNb/Lng", "RptNb"),
            "entries": len(message.holdings),
            "source_file": name,
            "source_row": number,
            **said,
        }
    )
    message.holdings = [
        holding if holding.account else _with_account(holding, account)
        for holding in message.holdings
    ]


def _with_account(holding: Holding, account: str) -> Holding:

    return replace(holding, account=account)


def _page(element: Element) -> dict[str, object]:
    number = text(element, "Pgntn/PgNb") or ""
    if not number.isdigit():
        raise Unreadable(f"`{number[:40]}` is no page number")
    is_last = text(element, "Pgntn/LastPgInd") in ("true", "1")
    return {"page": int(number), "is_last_page": is_last}


def _holding(piece: Piece, row: int) -> Holding:
    balance = piece.element
    isin = text(balance, "FinInstrmId/ISIN")
    other = text(balance, "FinInstrmId/OthrId/Id")
    if not isin and not other:
        raise Unreadable(f"holding {row} has neither ISIN nor another identifier")
    quantity, quantity_kind = _quantity(balance, row)
    price, price_kind, price_currency, price_day = _price(balance)
    value, value_currency = _value(balance)
    account = text(piece.around[-1], "SfkpgAcct/Id") if piece.tag == "BalForSubAcct" else None
    return Holding(
        account=account or "",
        safekeeping_place=_place(balance),
        isin=isin,
        other_id=other,
        name=text(balance, "FinInstrmId/Desc"),
        quantity=quantity,
        quantity_kind=quantity_kind,
        price=price,
        price_kind=price_kind,
        price_currency=price_currency,
        price_date=iso_date(price_day) if price_day else None,
        value=value,
        value_currency=value_currency,
        source_row=row,
    )


def _quantity(balance: Element, row: int) -> tuple[Decimal, str]:
    aggregate = child(balance, "AggtBal")
    found = {
        local(each): each.text
        for each in (aggregate.iter() if aggregate is not None else ())
        if local(each) in _QUANTITIES
    }
    exact = {kind: value for kind, value in found.items() if kind != "AmtsdVal"} or found
    if len(exact) != 1:
        raise Unreadable(f"holding {row} has {len(exact)} aggregate quantities, expected one")
    ((kind, value),) = exact.items()
    amount = point_amount(value)
    is_short = text(aggregate, "ShrtLngInd") == "SHOR"
    return (amount.copy_negate() if is_short and amount else amount), _QUANTITIES[kind]


def _price(balance: Element) -> tuple[Decimal | None, str | None, str | None, str | None]:
    """Price, kind, currency, and date: the market price before others."""
    details = children(balance, "PricDtls")
    details.sort(key=lambda each: text(each, "Tp/Cd") != "MRKT")
    for each in details:
        amount, rate = child(each, "Val/Amt"), text(each, "Val/Rate")
        day = first_text(each, "QtnDt/Dt", "QtnDt/DtTm")
        if amount is not None:
            return point_amount(amount.text, PRICE_PLACES), "amount", amount.get("Ccy"), day
        if rate is not None:
            return point_amount(rate, PRICE_PLACES), "percentage", None, day
    return None, None, None, None


def _value(balance: Element) -> tuple[Decimal | None, str | None]:
    for block in ("AcctBaseCcyAmts", "InstrmCcyAmts", "AltrnRptgCcyAmts"):
        value = child(balance, f"{block}/HldgVal")
        amount = child(value, "Amt")
        if amount is not None:
            plain = point_amount(amount.text)
            is_negative = text(value, "Sgn") in ("false", "0") and plain
            return (plain.copy_negate() if is_negative else plain), amount.get("Ccy")
    return None, None


def _place(balance: Element) -> str | None:
    place = child(balance, "SfkpgPlc")
    if place is None:
        return None
    said = [(each.text or "").strip() for each in place.iter()]
    return "/".join(each for each in said if each) or None
