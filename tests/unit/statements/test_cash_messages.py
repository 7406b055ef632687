"""MT940, MT942, and MT950 with all that banks make of them.

Field layouts: SWIFT Standards MT, category 9 (fields 20, 25, 28C, 60a, 61, 86, 62a, 64, 65,
34F, 13D, 90C, 90D). Structured `:86:`: the German banks' DFÜ agreement, annex 3.
"""

from datetime import date
from decimal import Decimal

import mt940
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from statement_samples import Reader, mt940_text
from tenuto.core.errors import DataError

STATEMENT = """\
:20:STARTUMS
:25:10020030/1234567
:28C:00235/1
:60F:C240101EUR1000,
:61:2401020102CR12,NTRFNONREF//BANKREF1
SUPPLEMENTARY
:86:166?00GUTSCHRIFT?109310?20EREF+E2E-77?21SVWZ+INVOICE 4711 O
?22F JANUARY?30COBADEFFXXX?31DE02120300000000202051?32ACME GMBH?33 & CO
:61:240103D0,50NCHGFEE-1
:86:MONTHLY FEE
SECOND LINE
:62F:C240103EUR1011,50
:64:C240103EUR1011,50
:86:NOTE ON THE ACCOUNT
"""


def test_a_statement_with_all_its_parts(read: Reader) -> None:
    result = read("mt940", STATEMENT)
    (header,) = result.headers
    assert (header.reference, header.account, header.number, header.page) == (
        "STARTUMS",
        "10020030/1234567",
        "235",
        1,
    )
    assert header.opening is not None
    assert header.closing is not None
    assert (header.opening.amount, header.opening.date) == (Decimal(1000), date(2024, 1, 1))
    assert (header.closing.amount, header.is_last_page) == (Decimal("1011.5"), True)
    assert (header.movements, header.entries, header.booked) == (Decimal("11.5"), 2, 2)
    assert header.information == "NOTE ON THE ACCOUNT"
    first, second = read.store.get_table(result.entries).to_dicts()
    assert first == {
        "statement_id": "file#1",
        "account": "10020030/1234567",
        "currency": "EUR",
        "entry_date": date(2024, 1, 2),
        "value_date": date(2024, 1, 2),
        "amount": Decimal(12),
        "status": "booked",
        "type_code": "NTRF",
        "proprietary_code": "166",
        "is_reversal": False,
        "customer_reference": None,
        "bank_reference": "BANKREF1",
        "end_to_end_reference": "E2E-77",
        "counterparty": "ACME GMBH & CO",
        "narrative": (
            "166?00GUTSCHRIFT?109310?20EREF+E2E-77?21SVWZ+INVOICE 4711 O\n"
            "?22F JANUARY?30COBADEFFXXX?31DE02120300000000202051?32ACME GMBH?33 & CO"
        ),
        "details": "SUPPLEMENTARY",
        "sequence": 1,
        "source_file": "file",
        "source_row": 5,
    }
    assert (second["entry_date"], second["amount"]) == (None, Decimal("-0.5"))
    assert (second["narrative"], second["customer_reference"]) == (
        "MONTHLY FEE\nSECOND LINE",
        "FEE-1",
    )


@pytest.mark.parametrize(
    ("line", "value_date", "entry_date", "amount", "code"),
    [
        ("2401011231C1,NMSCX", date(2024, 1, 1), date(2023, 12, 31), "1", "NMSC"),
        ("2312310101C1,NMSCX", date(2023, 12, 31), date(2024, 1, 1), "1", "NMSC"),
        ("240101C1,NMSCX", date(2024, 1, 1), None, "1", "NMSC"),
        ("240101    C1,NMSCX", date(2024, 1, 1), None, "1", "NMSC"),
        ("240101RC1,NMSCX", date(2024, 1, 1), None, "-1", "NMSC"),
        ("240101RD1,NMSCX", date(2024, 1, 1), None, "1", "NMSC"),
        ("240101DR1,25NMSCX", date(2024, 1, 1), None, "-1.25", "NMSC"),
        ("240101CK1,25S103X", date(2024, 1, 1), None, "1.25", "S103"),
        ("240101RCR1,25FCHGX", date(2024, 1, 1), None, "-1.25", "FCHG"),
        ("240230D0,01NMSCX", date(2024, 2, 29), None, "-0.01", "NMSC"),
        ("240101C123456789012,34NMSCX", date(2024, 1, 1), None, "123456789012.34", "NMSC"),
        ("240101D0,NMSCX", date(2024, 1, 1), None, "0", "NMSC"),
    ],
)
def test_statement_lines(
    line: str, value_date: date, entry_date: date | None, amount: str, code: str, read: Reader
) -> None:
    result = read("mt940", STATEMENT.replace("240103D0,50NCHGFEE-1", line))
    found = read.entries(result, "value_date", "entry_date", "amount", "type_code")[1]
    assert found == (value_date, entry_date, Decimal(amount), code)


@pytest.mark.parametrize(
    "line",
    [
        "240103D1.000,50NCHGX",
        "240103D1,000,50NCHGX",
        "240103DNCHGX",
        "240103D0,50",
        "240103X0,50NCHGX",
        "241303D0,50NCHGX",
        "240103D0,123456789NCHGX",
        "",
    ],
)
def test_a_line_that_cannot_be_read_holds_back_its_statement_only(line: str, read: Reader) -> None:
    bad = STATEMENT.replace("240103D0,50NCHGFEE-1", line).replace("STARTUMS", "BAD")
    result = read("mt940", bad + "-\n" + STATEMENT)
    assert [header.reference for header in result.headers] == ["STARTUMS"]
    assert len(read.entries(result, "amount")) == 2
    (aside,) = read.quarantine(result).to_dicts()
    assert aside["account"] == "10020030/1234567"
    assert aside["reasons"].startswith(":61:")
    assert "BAD" in aside["text"]
    (problem,) = result.problems
    assert (problem.code, problem.row, problem.column) == ("statements.bad-field", 9, ":61:")
    with pytest.raises(DataError) as failed:
        read("mt940", bad, on_problem="fail")
    assert failed.value.code == "statements.unreadable"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("1011,50\n:64", "1.011,50\n:64"), "is not written as the field should be"),
        ((":62F:C240103EUR", ":62F:C240199EUR"), "no date of the calendar"),
        ((":28C:00235/1", ":28C:A"), "is no statement number"),
        ((":25:10020030/1234567\n", ""), "it lacks :25:"),
        ((":64:", ":63:"), "is not one of an MT940"),
        ((":25:", ":20:\n:25:"), "it lacks"),
        ((":62F:C240103EUR", ":62F:C240103USD"), "several currencies: EUR, USD"),
        ((":64:C240103EUR1011,50\n", ":62F:C240103EUR1,\n"), "closing is given twice"),
    ],
)
def test_headers_that_cannot_be_read_are_set_aside(
    change: tuple[str, str], reason: str, read: Reader
) -> None:
    result = read("mt940", STATEMENT.replace(*change))
    assert reason in ";".join(read.quarantine(result)["reasons"])


def test_a_statement_that_breaks_off(read: Reader) -> None:
    cut = STATEMENT[: STATEMENT.index(":62F:")]
    result = read("mt940", STATEMENT + cut)
    assert len(result.headers) == 1
    assert "it lacks :62:" in read.quarantine(result)["reasons"][0]


ENVELOPE = (
    "{1:F01BANKBEBBAXXX2222123456}{2:O9401157240131BANKDEFFAXXX22221234562401311157N}"
    "{3:{108:REF}}{4:\n"
)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_envelopes_bom_and_line_ends(newline: str, read: Reader) -> None:
    text = ENVELOPE + STATEMENT + "-}{5:{CHK:123456789ABC}}" + ENVELOPE + STATEMENT + "-}\n"
    result = read("mt940", b"\xef\xbb\xbf" + text.replace("\n", newline).encode())
    assert [header.servicer for header in result.headers] == ["BANKDEFF", "BANKDEFF"]
    assert [header.statement_id for header in result.headers] == ["file#1", "file#2"]
    assert read.entries(result, "details")[0] == ("SUPPLEMENTARY",)


def test_a_message_sent_by_us_names_its_sender_in_block_one(read: Reader) -> None:
    sent = "{1:F01BANKDEFFXABC0000000000}{2:I940BANKBEBBXXXXN}{4:\n"
    (header,) = read("mt940", sent + STATEMENT + "-}").headers
    assert header.servicer == "BANKDEFFABC"


def test_another_message_type_is_not_read_as_this_one(read: Reader) -> None:
    other = ENVELOPE.replace("O940", "O942") + STATEMENT + "-}"
    result = read("mt940", other + "\n" + ENVELOPE + STATEMENT + "-}")
    assert len(result.headers) == 1
    assert "the envelope says MT942" in read.quarantine(result)["reasons"][0]


def test_an_envelope_without_end_is_cut(read: Reader) -> None:
    result = read("mt940", ENVELOPE + STATEMENT)
    assert "breaks off" in read.quarantine(result)["reasons"][0]


def test_a_colon_in_free_text_is_text(read: Reader) -> None:
    text = STATEMENT.replace("SECOND LINE", ":IBAN: DE02\n: 12:30")
    assert read.entries(read("mt940", text), "narrative")[1] == (
        "MONTHLY FEE\n:IBAN: DE02\n: 12:30",
    )


def test_an_account_with_its_bank(read: Reader) -> None:
    text = STATEMENT.replace(":25:10020030/1234567", ":25P:10020030/1234567\nBANKDEFFXXX")
    (header,) = read("mt940", text).headers
    assert (header.account, header.servicer) == ("10020030/1234567", "BANKDEFFXXX")


def test_slashed_narratives_name_reference_and_counterparty(read: Reader) -> None:
    said = ":86:/EREF/E2E-9/ORDP//NAME/ACME BV/REMI/INVOICE 1"
    text = STATEMENT.replace(":86:MONTHLY FEE\nSECOND LINE", said)
    found = read.entries(read("mt940", text), "end_to_end_reference", "counterparty")[1]
    assert found == ("E2E-9", "ACME BV")


def test_pages_carry_intermediate_balances(read: Reader) -> None:
    pages = mt940_text(number="7/1", closing=("62M", "C", "240102", "EUR", "10,")) + mt940_text(
        number="7/2", opening=("60M", "C", "240102", "EUR", "10,")
    )
    first, second = read("mt940", pages).headers
    assert first.closing is not None
    assert second.opening is not None
    assert (first.page, first.is_last_page, first.closing.is_intermediate) == (1, False, True)
    assert (second.page, second.is_last_page, second.opening.is_intermediate) == (2, True, True)


MT942 = """\
:20:INTERIM
:25:10020030/1234567
:28C:5/1
:34F:EURD0,
:34F:EURC0,
:13D:2401021430+0100
:61:2401020102C12,NTRFNONREF
:61:2401020102ED3,NTRFNONREF
:61:2401020102D2,NTRFNONREF
:90D:1EUR2,
:90C:1EUR12,
:86:MORE TO COME
"""


def test_an_interim_report(read: Reader) -> None:
    result = read("mt942", MT942)
    (header,) = result.headers
    assert (header.opening, header.closing, header.currency) == (None, None, "EUR")
    assert (header.stated_debits, header.stated_debit_entries) == (Decimal(-2), 1)
    assert (header.stated_credits, header.stated_credit_entries) == (Decimal(12), 1)
    assert (header.movements, header.entries, header.booked) == (Decimal(10), 3, 2)
    assert header.information == "MORE TO COME"
    assert read.entries(result, "amount", "status") == [
        (Decimal(12), "interim"),
        (Decimal(-3), "expected"),
        (Decimal(-2), "interim"),
    ]


def test_a_statement_without_narratives(read: Reader) -> None:
    text = "\n".join(line for line in STATEMENT.split("\n") if line.startswith((":2", ":6")))
    result = read("mt950", text)
    assert [header.message for header in result.headers] == ["mt950"]
    assert read.entries(result, "amount", "narrative") == [
        (Decimal(12), None),
        (Decimal("-0.5"), None),
    ]


def test_a_file_without_a_message(read: Reader) -> None:
    with pytest.raises(DataError) as refused:
        read("mt940", "nothing here\n")
    assert refused.value.code == "statements.no-message"


def test_what_the_library_does_to_a_whole_file_stays_the_reason_not_to_give_it_one() -> None:
    merged = mt940.models.Transactions()
    merged.parse(STATEMENT + STATEMENT.replace("10020030/1234567", "9/9"))
    assert merged.data["account_identification"] == "9/9"
    lost = mt940.models.Transactions()
    lost.parse(STATEMENT.replace("NTRFNONREF//BANKREF1", "").replace("\nSUPPLEMENTARY", ""))
    assert len(lost) == 1
    wrong = mt940.models.Transactions()
    wrong.parse(STATEMENT.replace("C240101EUR1000,", "C240101EUR1.000,"))
    assert wrong.data["final_opening_balance"].amount.amount == 1


amounts = st.decimals(min_value=0, max_value=Decimal("999999999.99"), places=2)
references = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-", min_size=1, max_size=16).filter(
    lambda text: text != "NONREF"
)
narratives = st.text("ABC xyz?+/:.,1", min_size=1, max_size=60).map(str.strip).filter(bool)
days = st.dates(date(2001, 1, 1), date(2078, 12, 31))


@given(
    entries=st.lists(
        st.tuples(
            days,
            st.sampled_from(["C", "D", "RC", "RD"]),
            amounts,
            references,
            st.none() | references,
            st.none()
            | st.text("ABC xyz?+/:.,1", min_size=1, max_size=60).map(str.strip).filter(bool),
        ),
        max_size=8,
    ),
    newline=st.sampled_from(["\n", "\r\n"]),
)
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40
)
def test_what_is_written_is_what_is_read(
    entries: list[tuple[date, str, Decimal, str, str | None, str | None]],
    newline: str,
    read: Reader,
) -> None:
    lines = []
    for day, mark, amount, reference, bank, narrative in entries:
        comma = format(amount, "f").replace(".", ",")
        tail = f"//{bank}" if bank else ""
        lines.append(f":61:{day:%y%m%d}{day:%m%d}{mark}{comma}NTRF{reference}{tail}")
        if narrative is not None:
            lines.append(f":86:{narrative}")
    text = mt940_text(lines=lines).replace("\n", newline)
    result = read("mt940", text)
    assert result.problems == ()
    found = read.entries(
        result, "value_date", "entry_date", "amount", "is_reversal", "customer_reference",
        "bank_reference", "narrative",
    )  # fmt: skip
    assert found == [
        (
            day,
            day,
            amount if mark in ("C", "RD") else -amount,
            mark.startswith("R"),
            reference,
            bank,
            narrative,
        )
        for day, mark, amount, reference, bank, narrative in entries
    ]
