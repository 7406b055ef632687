"""MT535: statements of holdings, by sequences and qualifiers."""

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from tenuto.activities.fetch.files.lines import Lines
from tenuto.activities.fetch.statements.messages import (
    PRICE_PLACES,
    Holding,
    Message,
    Unreadable,
    comma_amount,
    kept_text,
    plain_date,
)
from tenuto.activities.fetch.statements.swift import Field, SwiftMessage, swift_messages
from tenuto.catalog.library.fetch.statements import FetchStatementsRequest, StatementHeader

_QUALIFIED = re.compile(r":([A-Z0-9]{4})/([A-Z0-9]{0,8})/(.*)", re.DOTALL)
_QUANTITY = re.compile(r"([A-Z]{4})/(N?)([0-9,]{1,15})")
_AMOUNT = re.compile(r"(N?)([A-Z]{3})([0-9,]{1,15})")
_PERCENT = re.compile(r"([A-Z]{4})/(N?)([0-9,]{1,15})")
_PRICE = re.compile(r"([A-Z]{4})/([A-Z]{3})([0-9,]{1,15})")
_PAGE = re.compile(r"([0-9]{1,5})/(ONLY|MORE|LAST)")
_ISIN = re.compile(r"ISIN ([A-Z]{2}[A-Z0-9]{9}[0-9])")

_QUANTITIES = {"UNIT": "unit", "FAMT": "face_amount", "AMOR": "amortised"}
_PERCENTAGES = {"PRCT": "percentage", "YIEL": "yield", "DISC": "discount", "PREM": "premium"}
_PREFERRED = ("MRKT", "INDC")


def read_holdings_messages(
    name: str, path: Path, request: FetchStatementsRequest
) -> Iterator[Message]:
    """Every MT535 of the file."""
    lines = Lines(name, path, request.encoding, request.limits.max_line_chars)
    for number, message in enumerate(swift_messages(name, lines, ":16R:GENL"), start=1):
        yield _Reading(name, number, message).read()


class _Reading:
    """One message being read; sequences nest, and a field means what its sequence makes it."""

    def __init__(self, name: str, number: int, source: SwiftMessage) -> None:
        self._source = source
        self._inside: list[str] = []
        self._said: dict[str, object] = {"account": ""}
        self._sub_account: str | None = None
        self._place: str | None = None
        self._instrument: list[Field] = []
        self._name = name
        self._id = f"{name}#{number}"
        self._message = Message(header=None, row=source.row, text=kept_text(source.text))

    def read(self) -> Message:
        """The message with its header, holdings, and whatever is wrong with it."""
        for each in self._source.fields:
            with self._message.refusing(each.row, f":{each.tag}:"):
                self._take(each)
        self._refuse_unfinished()
        self._message.account = str(self._said["account"])
        self._message.header = StatementHeader.model_validate(
            {
                "statement_id": self._id,
                "message": "mt535",
                "servicer": self._source.sender,
                "entries": len(self._message.holdings),
                "source_file": self._name,
                "source_row": self._source.row,
                **self._said,
            }
        )
        return self._message

    def _take(self, each: Field) -> None:
        if each.tag == "16R":
            self._inside.append(each.value.strip())
            self._begin(self._inside[-1])
        elif each.tag == "16S":
            self._leave(each.value.strip())
        elif self._inside == ["GENL"]:
            self._take_general(each)
        elif self._inside == ["SUBSAFE"]:
            self._take_place(each)
        elif self._inside[-1:] == ["FIN"]:
            self._instrument.append(each)

    def _begin(self, sequence: str) -> None:
        if sequence == "SUBSAFE":
            self._sub_account = self._place = None
        if sequence == "FIN":
            self._instrument = []

    def _leave(self, sequence: str) -> None:
        if not self._inside or self._inside[-1] != sequence:
            raise Unreadable(f"sequence {sequence[:16]} ends and is not open")
        self._inside.pop()
        if sequence == "SUBSAFE":
            self._sub_account = self._place = None
        if sequence == "FIN":
            account = self._sub_account or str(self._said["account"])
            self._message.holdings.append(_holding(self._instrument, account, self._place))

    def _take_general(self, each: Field) -> None:
        if each.tag == "28E":
            match = _PAGE.fullmatch(each.value.strip())
            if match is None:
                raise Unreadable(f"`{each.value[:40]}` is no page, expected `1/ONLY`")
            self._said["page"] = int(match[1])
            self._said["is_last_page"] = match[2] != "MORE"
            return
        qualifier, value = _qualified(each)
        match (each.tag, qualifier):
            case ("20C", "SEME"):
                self._said["reference"] = value
            case ("13A" | "13J", "STAT"):
                self._said["number"] = value
            case ("98A" | "98C" | "98E", "STAT"):
                self._said["statement_date"] = plain_date(value)
            case ("97A" | "97B", "SAFE"):
                self._said["account"] = value.rpartition("/")[2] if each.tag == "97B" else value
            case _:
                pass

    def _take_place(self, each: Field) -> None:
        qualifier, value = _qualified(each)
        if qualifier == "SAFE" and each.tag in ("97A", "97B"):
            self._sub_account = value.rpartition("/")[2] if each.tag == "97B" else value
        elif qualifier == "SAFE" and each.tag.startswith("94"):
            self._place = value

    def _refuse_unfinished(self) -> None:
        source = self._source
        if source.kind not in (None, "535"):
            found = f"the envelope says MT{source.kind}, and MT535 is declared"
            remedy = "read it with its own `message`"
            self._message.refuse(source.row, found, remedy=remedy, code="statements.other-message")
        missing = [
            what for what in ("page", "reference", "statement_date") if what not in self._said
        ]
        if not self._said["account"]:
            missing.append("account")
        if missing or self._inside or source.is_cut:
            lacking = ", ".join([*missing, *(f"end of {each[:16]}" for each in self._inside)])
            found = f"the message breaks off; it lacks {lacking or 'its end `-}`'}"
            remedy = "have the file sent again, complete"
            self._message.refuse(source.row, found, remedy=remedy, code="statements.cut-off")


def _holding(fields: list[Field], account: str, place: str | None) -> Holding:
    by_tag: dict[str, list[Field]] = {}
    for each in fields:
        by_tag.setdefault(each.tag, []).append(each)
    identity = by_tag.get("35B", [])
    if len(identity) != 1:
        raise Unreadable(f"a holding has {len(identity)} instruments (:35B:), expected one")
    isin, other_id, name = _instrument(identity[0].value)
    quantity, quantity_kind = _quantity(by_tag.get("93B", []))
    price, price_kind, price_currency = _price(fields)
    held = [
        match for each in by_tag.get("19A", ()) for match in [_money(each)] if match[0] == "HOLD"
    ]
    dated = [_qualified(each) for each in fields if each.tag in ("98A", "98C")]
    days = [plain_date(value) for qualifier, value in dated if qualifier == "PRIC"]
    return Holding(
        account=account,
        safekeeping_place=place,
        isin=isin,
        other_id=other_id,
        name=name,
        quantity=quantity,
        quantity_kind=quantity_kind,
        price=price,
        price_kind=price_kind,
        price_currency=price_currency,
        price_date=days[0] if days else None,
        value=held[0][1] if held else None,
        value_currency=held[0][2] if held else None,
        source_row=identity[0].row,
    )


def _instrument(value: str) -> tuple[str | None, str | None, str | None]:
    """ISIN, the first other identifier (`US/037833100`), and the description."""
    first, *rest = value.split("\n")
    match = _ISIN.fullmatch(first.strip())
    if match is None:
        if first.startswith("ISIN"):
            raise Unreadable(f"`{first[:40]}` holds no ISIN")
        rest = [first, *rest]
    ids = [line[1:].strip() for line in rest if line.startswith("/")]
    name = " ".join(line.strip() for line in rest if not line.startswith("/"))
    if match is None and not ids and not name:
        raise Unreadable("the instrument (:35B:) is empty")
    return match[1] if match else None, ids[0] if ids else None, name or None


def _quantity(fields: list[Field]) -> tuple[Decimal, str]:
    found = {}
    for each in fields:
        qualifier, value = _qualified(each)
        match = _QUANTITY.fullmatch(value)
        if qualifier != "AGGR":
            continue
        if match is None or match[1] not in _QUANTITIES:
            raise Unreadable(f"`{value[:40]}` is no balance, expected `UNIT/1000,`")
        amount = comma_amount(match[3])
        if match[1] in found:
            raise Unreadable("the aggregate balance (:93B::AGGR) is given twice")
        found[match[1]] = amount.copy_negate() if match[2] and amount else amount
    exact = {kind: amount for kind, amount in found.items() if kind != "AMOR"} or found
    if len(exact) != 1:
        raise Unreadable(f"a holding has {len(exact)} aggregate balances, expected one")
    (kind, quantity) = next(iter(exact.items()))
    return quantity, _QUANTITIES[kind]


def _price(fields: list[Field]) -> tuple[Decimal | None, str | None, str | None]:
    """Price, its kind, and its currency: the market price before the indicative one."""
    found: dict[str, tuple[Decimal, str, str | None]] = {}
    for each in fields:
        if each.tag not in ("90A", "90B"):
            continue
        qualifier, value = _qualified(each)
        match = (_PERCENT if each.tag == "90A" else _PRICE).fullmatch(value)
        if match is None or (each.tag == "90A" and match[1] not in _PERCENTAGES):
            raise Unreadable(f"`{value[:40]}` is no price")
        amount = comma_amount(match[3], PRICE_PLACES)
        if each.tag == "90B":
            found.setdefault(qualifier, (amount, "amount", match[2]))
        else:
            signed = amount.copy_negate() if match[2] and amount else amount
            found.setdefault(qualifier, (signed, _PERCENTAGES[match[1]], None))
    for qualifier in (*_PREFERRED, *found):
        if qualifier in found:
            return found[qualifier]
    return None, None, None


def _money(each: Field) -> tuple[str, Decimal, str]:
    qualifier, value = _qualified(each)
    match = _AMOUNT.fullmatch(value)
    if match is None:
        raise Unreadable(f"`{value[:40]}` is no amount, expected `EUR1234,56`")
    amount = comma_amount(match[3])
    return qualifier, amount.copy_negate() if match[1] and amount else amount, match[2]


def _qualified(each: Field) -> tuple[str, str]:
    match = _QUALIFIED.fullmatch(each.value)
    if match is None:
        return "", each.value
    return match[1], match[3].strip()
