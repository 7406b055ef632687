"""camt.053 and camt.054: statements and notifications of ISO 20022."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from xml.etree.ElementTree import Element, tostring

from tenuto.activities.fetch.statements.messages import (
    Entry,
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
from tenuto.catalog.library.fetch.statements import (
    Balance,
    FetchStatementsRequest,
    StatementHeader,
)
from tenuto.core.errors import DataError
from tenuto.core.money import total

_MESSAGES = {
    "camt.053": ("BkToCstmrStmt", "Stmt"),
    "camt.054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn"),
}
_STATUS = {"BOOK": "booked", "PDNG": "pending", "INFO": "information", "FUTR": "future"}


def read_camt(name: str, path: Path, request: FetchStatementsRequest) -> Iterator[Message]:
    """Every statement of the file; entries are read as they come.

    Raises DataError `statements.not-xml`, `statements.no-message`.
    """
    root, statement = _MESSAGES[request.message]
    message = Message(header=None, row=1)
    number = 0
    is_right_message = False
    for piece in pieces(name, path, frozenset({"Ntry", statement})):
        parent = local(piece.around[-1]) if piece.around else ""
        if piece.tag == "Ntry" and parent == statement:
            row = len(message.entries) + len(message.refusals) + 1
            with message.refusing(row, "Ntry"):
                message.entries.append(_entry(piece, row))
        elif piece.tag == statement and parent == root:
            is_right_message = True
            number += 1
            _finish(message, piece, f"{name}#{number}", request.message, name, number)
            yield message
            message = Message(header=None, row=number + 1)
    if not is_right_message:
        raise DataError(
            f"{name} holds no {request.message}: no `{statement}` stands in a `{root}`; correct "
            "`message`, or have it sent again",
            code="statements.no-message",
            details={"file": name},
        )


def _finish(
    message: Message, piece: Piece, statement_id: str, kind: str, name: str, number: int
) -> None:
    """Gives the message its header, out of what is left of the statement."""
    element = piece.element
    message.row = number
    message.text = kept_text(tostring(element, encoding="unicode"))
    said: dict[str, object] = {}
    with message.refusing(number, "Acct"):
        said.update(_account(element))
    with message.refusing(number, "Bal"):
        said.update(_balances(element))
    with message.refusing(number, "TxsSummry"):
        said.update(_stated(element))
    with message.refusing(number, "StmtPgntn"):
        said.update(_page(element, piece))
    with message.refusing(number, "Dt"):
        said.update(_date(element, said.get("closing")))
    account = str(said.get("account") or "")
    if not account:
        message.refuse(number, "the account is missing", field="Acct", code="statements.bad-field")
    if kind == "camt.053" and not (said.get("opening") and said.get("closing")):
        message.refuse(
            number,
            "the opening or closing balance is missing",
            field="Bal",
            code="statements.cut-off",
        )
    booked = [entry.amount for entry in message.entries if entry.is_booked]
    currencies = {entry.currency for entry in message.entries if entry.is_booked}
    if said.get("currency") is None and len(currencies) == 1:
        said["currency"] = min(currencies)
    message.account = account
    message.header = StatementHeader.model_validate(
        {
            "statement_id": statement_id,
            "message": kind,
            "reference": text(element, "Id"),
            "servicer": first_text(
                element, "Acct/Svcr/FinInstnId/BICFI", "Acct/Svcr/FinInstnId/BIC"
            ),
            "number": first_text(element, "ElctrncSeqNb", "LglSeqNb"),
            "movements": total(booked),
            "entries": len(message.entries),
            "booked": len(booked),
            "information": first_text(element, "AddtlStmtInf", "AddtlNtfctnInf"),
            "source_file": name,
            "source_row": number,
            **said,
            "account": account,
        }
    )


def _account(element: Element) -> dict[str, object]:
    account = first_text(element, "Acct/Id/IBAN", "Acct/Id/Othr/Id")
    return {"account": account, "currency": text(element, "Acct/Ccy")}


def _balances(element: Element) -> dict[str, object]:
    found: dict[str, list[tuple[Balance, str]]] = {}
    for each in children(element, "Bal"):
        code = text(each, "Tp/CdOrPrtry/Cd") or ""
        amount, currency = _signed(each)
        is_intermediate = code == "ITBD"
        day = iso_date(first_text(each, "Dt/Dt", "Dt/DtTm"))
        balance = Balance(amount=amount, date=day, is_intermediate=is_intermediate)
        found.setdefault(code, []).append((balance, currency))
    between = found.get("ITBD", [])
    opening = found.get("OPBD") or found.get("PRCD")
    if not opening:
        opening, between = between[:1], between[1:]
    closing = found.get("CLBD") or between[-1:]
    currencies = {currency for _, currency in [*opening, *closing]}
    given = text(element, "Acct/Ccy")
    if len(currencies | ({given} if given else set())) > 1:
        named = ", ".join(sorted(currencies | ({given} if given else set())))
        raise Unreadable(f"the balances and the account are in several currencies: {named}")
    said: dict[str, object] = {"currency": given or min(currencies, default=None)}
    for name, balances in (("opening", opening), ("closing", closing)):
        if len(balances) > 1:
            raise Unreadable(f"the {name} balance is given {len(balances)} times")
        said[name] = balances[0][0] if balances else None
    available = found.get("CLAV", [])
    said["closing_available"] = available[0][0] if available else None
    return said


def _stated(element: Element) -> dict[str, object]:
    said: dict[str, object] = {}
    for side, tag, sign in (("credit", "TtlCdtNtries", 1), ("debit", "TtlDbtNtries", -1)):
        each = child(element, f"TxsSummry/{tag}")
        amount, count = text(each, "Sum"), text(each, "NbOfNtries")
        if amount is not None:
            plain = point_amount(amount)
            said[f"stated_{side}s"] = plain.copy_negate() if sign < 0 and plain else plain
        if count is not None:
            if not count.isdigit():
                raise Unreadable(f"`{count[:40]}` is no number of entries")
            said[f"stated_{side}_entries"] = int(count)
    return said


def _page(element: Element, piece: Piece) -> dict[str, object]:
    page = child(element, "StmtPgntn")
    page = page if page is not None else child(element, "NtfctnPgntn")
    if page is None and piece.around:
        page = child(piece.around[-1], "GrpHdr/MsgPgntn")
    if page is None:
        return {}
    number = text(page, "PgNb") or ""
    if not number.isdigit():
        raise Unreadable(f"`{number[:40]}` is no page number")
    return {"page": int(number), "is_last_page": text(page, "LastPgInd") in ("true", "1")}


def _date(element: Element, closing: object) -> dict[str, object]:
    if isinstance(closing, Balance):
        return {"statement_date": closing.date}
    given = first_text(element, "FrToDt/ToDtTm", "CreDtTm")
    return {"statement_date": iso_date(given)} if given else {}


def _entry(piece: Piece, row: int) -> Entry:
    entry = piece.element
    amount, currency = _signed(entry)
    status = first_text(entry, "Sts/Cd", "Sts") or ""
    if status not in _STATUS:
        raise Unreadable(f"entry {row} has the status `{status[:20]}`, valid are {list(_STATUS)}")
    booked = first_text(entry, "BookgDt/Dt", "BookgDt/DtTm")
    value = first_text(entry, "ValDt/Dt", "ValDt/DtTm")
    codes = [text(entry, f"BkTxCd/Domn/{path}") for path in ("Cd", "Fmly/Cd", "Fmly/SubFmlyCd")]
    transactions = [
        each for details in children(entry, "NtryDtls") for each in children(details, "TxDtls")
    ]
    only = transactions[0] if len(transactions) == 1 else None
    return Entry(
        entry_date=iso_date(booked) if booked else None,
        value_date=iso_date(value) if value else None,
        currency=currency,
        amount=amount,
        status=_STATUS[status],
        type_code="/".join(code for code in codes if code) or None,
        proprietary_code=text(entry, "BkTxCd/Prtry/Cd"),
        is_reversal=text(entry, "RvslInd") in ("true", "1"),
        customer_reference=first_text(only, "Refs/InstrId", "Refs/PmtInfId") if only is not None
        else text(entry, "NtryRef"),
        bank_reference=text(entry, "AcctSvcrRef") or text(only, "Refs/AcctSvcrRef"),
        end_to_end_reference=_provided(text(only, "Refs/EndToEndId")),
        counterparty=_counterparty(only, amount),
        narrative=_narrative(transactions),
        details=_details(entry, len(transactions)),
        source_row=row,
    )  # fmt: skip


def _signed(element: Element) -> tuple[Decimal, str]:
    amount = child(element, "Amt")
    currency = amount.get("Ccy") if amount is not None else None
    mark = text(element, "CdtDbtInd")
    if amount is None or not currency or mark not in ("CRDT", "DBIT"):
        raise Unreadable("an amount lacks its currency or its CdtDbtInd")
    plain = point_amount(amount.text)
    if plain < 0:
        raise Unreadable(f"`{plain}` has a sign besides its CdtDbtInd")
    return (plain.copy_negate() if mark == "DBIT" and plain else plain), currency


def _counterparty(transaction: Element | None, amount: Decimal) -> str | None:
    who = "Dbtr" if amount >= 0 else "Cdtr"
    return first_text(transaction, f"RltdPties/{who}/Nm", f"RltdPties/{who}/Pty/Nm")


def _narrative(transactions: list[Element]) -> str | None:
    said = [
        (each.text or "").strip()
        for transaction in transactions
        for info in children(transaction, "RmtInf")
        for each in info.iter()
        if local(each) in ("Ustrd", "Ref", "AddtlRmtInf")
    ]
    return "\n".join(each for each in said if each) or None


def _details(entry: Element, transactions: int) -> str | None:
    said = text(entry, "AddtlNtryInf")
    if transactions > 1:
        return f"{transactions} transactions" + (f"\n{said}" if said else "")
    return said


def _provided(reference: str | None) -> str | None:
    return None if reference in ("NOTPROVIDED", "NONREF") else reference
