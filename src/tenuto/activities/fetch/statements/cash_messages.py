"""MT940, MT942, and MT950: cash statements and interim reports.

The library knows the grammar of each field; the order of fields is ours. Given a whole file, it
merges statements, overwrites an entry that has no type code, hands the text after the closing
balance to the last entry, and takes `1.000,00` for 1.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from mt940 import Options, tags
from mt940.models import Transactions
from mt940.processors import date_fixup_pre_processor

from tenuto.activities.fetch.files.lines import Lines
from tenuto.activities.fetch.statements.messages import (
    Entry,
    Message,
    Unreadable,
    comma_amount,
    kept_text,
)
from tenuto.activities.fetch.statements.narrative import said_in
from tenuto.activities.fetch.statements.swift import Field, SwiftMessage, swift_messages
from tenuto.catalog.library.fetch.statements import (
    Balance,
    FetchStatementsRequest,
    StatementHeader,
)
from tenuto.core.money import total

_OPTIONS = Options.all()
_ENTRY = tags.Statement()
_BALANCE = tags.BalanceBase()
_SUM = tags.SumEntries()
_EXPECTED = re.compile(r"(\d{6}(?:\d{4}| {4})?)E(?=[CD])", re.ASCII)
_NUMBER = re.compile(r"(\d{1,5})(?:/(\d{1,5}))?", re.ASCII)
_IGNORED = ("13", "13D", "13C", "21", "34F", "65", "NS")
_NEEDED = {"940": ("25", "28", "60", "62"), "950": ("25", "28", "60", "62"), "942": ("25", "28")}


def read_cash_messages(name: str, path: Path, request: FetchStatementsRequest) -> Iterator[Message]:
    """Every statement of the file, split per `:20:`; pages are statements of their own here."""
    lines = Lines(name, path, request.encoding, request.limits.max_line_chars)
    for number, message in enumerate(swift_messages(name, lines, ":20:"), start=1):
        yield _Reading(name, number, message, request).read()


class _Reading:
    """One message being read, field by field."""

    def __init__(
        self, name: str, number: int, source: SwiftMessage, request: FetchStatementsRequest
    ) -> None:
        self._kind = request.message.removeprefix("mt")
        self._name = name
        self._source = source
        self._said: dict[str, object] = {}
        self._narratives: dict[int, str] = {}
        self._raw_entries: list[Field] = []
        self._seen: set[str] = set()
        self._currencies: set[str] = set()
        self._id = f"{name}#{number}"
        self._message = Message(header=None, row=source.row, text=kept_text(source.text))

    def read(self) -> Message:
        """The message with its header, entries, and whatever is wrong with it."""
        for each in self._source.fields:
            with self._message.refusing(each.row, f":{each.tag}:"):
                self._take(each)
        self._refuse_other_kind()
        currency = self._currency()
        for number, each in enumerate(self._raw_entries):
            with self._message.refusing(each.row, ":61:"):
                self._add_entry(number, each, currency)
        self._message.header = self._header(currency)
        self._message.account = self._message.header.account
        return self._message

    def _take(self, each: Field) -> None:
        tag = each.tag[:2]
        self._seen.add(tag)
        readers: dict[str, Callable[[Field], None]] = {
            "20": self._take_reference,
            "25": self._take_account,
            "28": self._take_number,
            "60": self._take_opening,
            "61": self._raw_entries.append,
            "62": self._take_closing,
            "64": self._take_available,
            "86": self._take_narrative,
            "90": self._take_sum,
        }
        if tag == "34":
            self._currencies.add(each.value[:3])
        if tag in readers:
            readers[tag](each)
        elif each.tag not in _IGNORED:
            raise Unreadable(f"the field is not one of an MT{self._kind}")

    def _take_reference(self, each: Field) -> None:
        self._once("reference", each.value.strip())

    def _take_account(self, each: Field) -> None:
        account, _, bic = each.value.partition("\n")
        self._once("account", account.strip().removeprefix("/"))
        if bic:
            self._said["servicer"] = bic.strip()

    def _take_number(self, each: Field) -> None:
        match = _NUMBER.fullmatch(each.value.strip())
        if match is None:
            raise Unreadable(f"`{each.value[:40]}` is no statement number, expected `123/1`")
        self._once("number", str(int(match[1])))
        self._said["page"] = int(match[2]) if match[2] else None

    def _take_opening(self, each: Field) -> None:
        self._once("opening", self._balance(each))

    def _take_closing(self, each: Field) -> None:
        self._once("closing", self._balance(each))
        self._said["is_last_page"] = each.tag != "62M"

    def _take_available(self, each: Field) -> None:
        self._said["closing_available"] = self._balance(each)

    def _take_narrative(self, each: Field) -> None:
        if self._raw_entries and "62" not in self._seen and "90" not in self._seen:
            last = len(self._raw_entries) - 1
            before = self._narratives.get(last)
            self._narratives[last] = f"{before}\n{each.value}" if before else each.value
        else:
            self._said["information"] = each.value

    def _take_sum(self, each: Field) -> None:
        match = _matched(_SUM, each.value)
        amount = comma_amount(match["amount"])
        self._currencies.add(match["currency"])
        side, sign = ("credit", 1) if each.tag == "90C" else ("debit", -1)
        self._once(f"stated_{side}s", amount * sign)
        self._said[f"stated_{side}_entries"] = int(match["number"] or 0)

    def _once(self, what: str, value: object) -> None:
        if what in self._said:
            raise Unreadable(f"the {what.replace('_', ' ')} is given twice in one message")
        self._said[what] = value

    def _balance(self, each: Field) -> Balance:
        match = _matched(_BALANCE, each.value)
        if not re.fullmatch("[A-Z]{3}", match["currency"]):
            raise Unreadable(f"`{match['currency']}` is no currency")
        amount = comma_amount(match["amount"])
        self._currencies.add(match["currency"])
        try:
            parsed: Any = _BALANCE(_context(), match)["balance_base"]
        except ValueError as exc:
            raise Unreadable(f"`{each.value[:7]}` holds no date of the calendar") from exc
        sign = -1 if match["status"].upper() == "D" else 1
        is_intermediate = each.tag.endswith("M")
        return Balance(amount=amount * sign, date=parsed.date, is_intermediate=is_intermediate)

    def _currency(self) -> str | None:
        if len(self._currencies) > 1:
            found = f"the message is in several currencies: {', '.join(sorted(self._currencies))}"
            self._message.refuse(self._source.row, found, code="statements.currencies-differ")
        return min(self._currencies, default=None)

    def _add_entry(self, number: int, each: Field, currency: str | None) -> None:
        if currency is None:
            raise Unreadable("the message does not say its currency")
        self._message.entries.append(
            _entry(each, currency, self._narratives.get(number), is_interim=self._kind == "942")
        )

    def _refuse_other_kind(self) -> None:
        row = self._source.row
        kind = self._source.kind
        if kind is not None and kind != self._kind:
            found = f"the envelope says MT{kind}, and MT{self._kind} is declared"
            remedy = "read it with its own `message`"
            self._message.refuse(row, found, remedy=remedy, code="statements.other-message")
        missing = [tag for tag in ("20", *_NEEDED[self._kind]) if tag not in self._seen]
        if missing or self._source.is_cut:
            lacking = ", ".join(f":{tag}:" for tag in missing)
            found = f"the message breaks off; it lacks {lacking or 'its end `-}`'}"
            remedy = "have the file sent again, complete"
            self._message.refuse(row, found, remedy=remedy, code="statements.cut-off")

    def _header(self, currency: str | None) -> StatementHeader:
        booked = [entry for entry in self._message.entries if entry.is_booked]
        said = {"account": "", **self._said}
        closing = said.get("closing")
        return StatementHeader.model_validate(
            {
                "statement_id": self._id,
                "message": f"mt{self._kind}",
                "servicer": self._source.sender,
                "currency": currency,
                "statement_date": closing.date if isinstance(closing, Balance) else None,
                "movements": total(entry.amount for entry in booked),
                "entries": len(self._message.entries),
                "booked": len(booked),
                "source_file": self._name,
                "source_row": self._source.row,
                **said,
            }
        )


def _entry(each: Field, currency: str, narrative: str | None, *, is_interim: bool) -> Entry:
    value = _EXPECTED.sub(r"\1", each.value, count=1)
    is_expected = value != each.value
    match = _ENTRY.re.match(value)
    if match is None or match["id"] is None:
        raise Unreadable(
            f"`{each.value[:60]}` is no statement line, expected value date, entry date, mark, "
            "amount with a decimal comma, type code"
        )
    parts = date_fixup_pre_processor(_context(), _ENTRY, match.groupdict())
    amount = comma_amount(match["amount"])
    try:
        parsed: Any = _ENTRY(_context(), {**parts, "currency": currency})
    except ValueError as exc:
        raise Unreadable(f"`{each.value[:10]}` holds no date of the calendar") from exc
    head, _, details = value.partition("\n")
    customer, _, bank = head[match.end("id") :].partition("//")
    said = said_in(narrative)
    status = "expected" if is_expected else "interim" if is_interim else "booked"
    return Entry(
        entry_date=parsed.get("entry_date"),
        value_date=parsed["date"],
        currency=currency,
        amount=amount if parsed["amount"].amount >= 0 else amount.copy_negate(),
        status=status,
        type_code=match["id"].strip(),
        proprietary_code=said.code,
        is_reversal=match["status"].upper().startswith("R"),
        customer_reference=_told(customer),
        bank_reference=_told(bank),
        end_to_end_reference=said.end_to_end_reference,
        counterparty=said.counterparty,
        narrative=narrative,
        details=details or None,
        source_row=each.row,
    )


def _matched(tag: tags.Tag, value: str) -> dict[str, str]:
    """The parts of a field, all of which the grammar must explain."""
    match = tag.re.match(value.strip())
    if match is None or match.end() != len(value.strip()):
        raise Unreadable(f"`{value[:60]}` is not written as the field should be")
    return match.groupdict()


def _context() -> Transactions:
    return Transactions(options=_OPTIONS)


def _told(reference: str) -> str | None:
    plain = reference.strip()
    return None if plain in ("", "NONREF") else plain
