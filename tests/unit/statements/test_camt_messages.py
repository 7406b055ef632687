"""camt.053 and camt.054 of several versions, and XML that is made to hurt.

Element names: the ISO 20022 message definitions BankToCustomerStatement and
BankToCustomerDebitCreditNotification, versions 02 and 08.
"""

from datetime import date
from decimal import Decimal

import pytest

from statement_samples import Reader
from tenuto.core.errors import DataError

V08 = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"


def balance(code: str, amount: str, mark: str = "CRDT", day: str = "2024-01-31") -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='EUR'>{amount}</Amt>"
        f"<CdtDbtInd>{mark}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    )


ENTRY = """<Ntry><NtryRef>N1</NtryRef><Amt Ccy="EUR">12.50</Amt><CdtDbtInd>CRDT</CdtDbtInd>
 <RvslInd>false</RvslInd><Sts><Cd>BOOK</Cd></Sts>
 <BookgDt><Dt>2024-01-31</Dt></BookgDt><ValDt><DtTm>2024-02-01T00:00:00+01:00</DtTm></ValDt>
 <AcctSvcrRef>BANK-1</AcctSvcrRef>
 <BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn>
  <Prtry><Cd>NTRF+166</Cd></Prtry></BkTxCd>
 <NtryDtls><TxDtls><Refs><InstrId>I1</InstrId><EndToEndId>E2E-1</EndToEndId></Refs>
  <RltdPties><Dbtr><Pty><Nm>ACME GmbH &amp; Co</Nm></Pty></Dbtr><Cdtr><Nm>US</Nm></Cdtr></RltdPties>
  <RmtInf><Ustrd>Invoice 1</Ustrd><Ustrd>of May</Ustrd></RmtInf></TxDtls></NtryDtls>
 <AddtlNtryInf>CREDIT</AddtlNtryInf></Ntry>"""
BATCH = """<Ntry><Amt Ccy="EUR">2.50</Amt><CdtDbtInd>DBIT</CdtDbtInd><RvslInd>true</RvslInd>
 <Sts>BOOK</Sts><BookgDt><Dt>2024-01-31</Dt></BookgDt>
 <NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs></TxDtls><TxDtls/></NtryDtls>
 </Ntry>"""
PENDING = (
    """<Ntry><Amt Ccy="EUR">99</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>PDNG</Cd></Sts></Ntry>"""
)


def statement(*parts: str, pages: str = "", reference: str = "S1") -> str:
    return (
        f"<Stmt><Id>{reference}</Id>{pages}<ElctrncSeqNb>31</ElctrncSeqNb>"
        "<CreDtTm>2024-01-31T22:00:00</CreDtTm><Acct><Id><IBAN>DE02120300000000202051</IBAN></Id>"
        "<Ccy>EUR</Ccy><Svcr><FinInstnId><BICFI>BYLADEM1001</BICFI></FinInstnId></Svcr></Acct>"
        + "".join(parts)
        + "</Stmt>"
    )


def document(*statements: str, namespace: str = V08) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="{namespace}"><BkToCstmrStmt>'
        "<GrpHdr><MsgId>M</MsgId></GrpHdr>" + "".join(statements) + "</BkToCstmrStmt></Document>"
    )


BALANCES = (balance("OPBD", "100.00"), balance("CLBD", "110.00"), balance("CLAV", "110.00"))


@pytest.mark.parametrize("version", ["02", "08"])
def test_a_statement_with_all_its_parts(version: str, read: Reader) -> None:
    text = document(statement(*BALANCES, ENTRY, BATCH, PENDING), namespace=V08[:-2] + version)
    result = read("camt.053", text)
    (header,) = result.headers
    assert header.opening is not None
    assert header.closing is not None
    assert (header.account, header.servicer, header.currency, header.number) == (
        "DE02120300000000202051",
        "BYLADEM1001",
        "EUR",
        "31",
    )
    assert (header.opening.amount, header.closing.amount, header.movements) == (
        Decimal(100),
        Decimal(110),
        Decimal(10),
    )
    assert (header.entries, header.booked, header.page) == (3, 2, None)
    first, batch, pending = read.store.get_table(result.entries).to_dicts()
    assert first == {
        "statement_id": "file#1",
        "account": "DE02120300000000202051",
        "currency": "EUR",
        "entry_date": date(2024, 1, 31),
        "value_date": date(2024, 2, 1),
        "amount": Decimal("12.5"),
        "status": "booked",
        "type_code": "PMNT/RCDT/ESCT",
        "proprietary_code": "NTRF+166",
        "is_reversal": False,
        "customer_reference": "I1",
        "bank_reference": "BANK-1",
        "end_to_end_reference": "E2E-1",
        "counterparty": "ACME GmbH & Co",
        "narrative": "Invoice 1\nof May",
        "details": "CREDIT",
        "sequence": 1,
        "source_file": "file",
        "source_row": 1,
    }
    assert (batch["amount"], batch["is_reversal"], batch["details"]) == (
        Decimal("-2.5"),
        True,
        "2 transactions",
    )
    assert (batch["end_to_end_reference"], pending["status"]) == (None, "pending")


def test_pages_and_stated_totals(read: Reader) -> None:
    pages = "<StmtPgntn><PgNb>1</PgNb><LastPgInd>false</LastPgInd></StmtPgntn>"
    totals = (
        "<TxsSummry><TtlCdtNtries><NbOfNtries>1</NbOfNtries><Sum>12.50</Sum></TtlCdtNtries>"
        "<TtlDbtNtries><NbOfNtries>0</NbOfNtries><Sum>0</Sum></TtlDbtNtries></TxsSummry>"
    )
    parts = (balance("PRCD", "0.00"), balance("ITBD", "12.50"), totals, ENTRY)
    (header,) = read("camt.053", document(statement(*parts, pages=pages))).headers
    assert header.closing is not None
    assert (header.page, header.is_last_page, header.closing.is_intermediate) == (1, False, True)
    assert (header.stated_credits, header.stated_credit_entries) == (Decimal("12.5"), 1)
    assert (header.stated_debits, header.stated_debit_entries) == (Decimal(0), 0)


def test_a_page_in_the_middle_has_two_intermediate_balances(read: Reader) -> None:
    parts = (balance("ITBD", "12.50"), balance("ITBD", "25.00"), ENTRY)
    (header,) = read("camt.053", document(statement(*parts))).headers
    assert header.opening is not None
    assert header.closing is not None
    assert (header.opening.amount, header.closing.amount) == (Decimal("12.5"), Decimal(25))


def test_notifications_have_no_balances(read: Reader) -> None:
    text = document(statement(ENTRY, BATCH)).replace("camt.053.001.08", "camt.054.001.08")
    text = text.replace("BkToCstmrStmt", "BkToCstmrDbtCdtNtfctn").replace("Stmt>", "Ntfctn>")
    result = read("camt.054", text)
    (header,) = result.headers
    assert (header.opening, header.closing, header.movements) == (None, None, Decimal(10))
    assert header.statement_date == date(2024, 1, 31)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (('Ccy="EUR">12.50', ">12.50"), "lacks its currency"),
        (("12.50</Amt>", "12,50</Amt>"), "no amount with a decimal point"),
        (("12.50</Amt>", "-12.50</Amt>"), "has a sign besides"),
        (("12.50</Amt>", "12.123456789</Amt>"), "more than 8 decimals"),
        (("<Cd>BOOK</Cd>", "<Cd>XXXX</Cd>"), "has the status `XXXX`"),
        (("<Dt>2024-01-31</Dt></BookgDt>", "<Dt>2024-02-31</Dt></BookgDt>"), "no date of the"),
        (("<Cd>OPBD</Cd>", "<Cd>XPCD</Cd>"), "opening or closing balance is missing"),
        (("Ccy='EUR'>110", "Ccy='USD'>110"), "several currencies"),
        (("<IBAN>DE02120300000000202051</IBAN>", ""), "the account is missing"),
        (("<Cd>CLBD</Cd>", "<Cd>OPBD</Cd>"), "opening balance is given 2 times"),
    ],
)
def test_a_statement_that_cannot_be_read_is_set_aside(
    change: tuple[str, str], reason: str, read: Reader
) -> None:
    bad = statement(*BALANCES, ENTRY, reference="BAD").replace(*change)
    result = read("camt.053", document(bad, statement(*BALANCES, ENTRY)))
    assert [header.reference for header in result.headers] == ["S1"]
    (aside,) = read.quarantine(result).to_dicts()
    assert reason in aside["reasons"]
    assert "BAD" in aside["text"]


ENTITIES = '<!DOCTYPE a [<!ENTITY x "y">]>'
LAUGHS = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
REMOTE = '<!DOCTYPE a SYSTEM "http://127.0.0.1/x.dtd">'


@pytest.mark.parametrize("doctype", [ENTITIES, LAUGHS, OUTSIDE, REMOTE])
def test_document_types_and_entities_are_refused(doctype: str, read: Reader) -> None:
    text = document(statement(*BALANCES, ENTRY)).replace("?>", f"?>{doctype}", 1)
    with pytest.raises(DataError) as refused:
        read("camt.053", text)
    assert refused.value.code == "statements.not-xml"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (document(statement(*BALANCES, ENTRY))[:-60], "statements.not-xml"),
        ("<a>" * 100_000, "statements.not-xml"),
        ("no xml", "statements.not-xml"),
        ("<?xml version='1.0' encoding='no-such'?><a/>", "statements.not-xml"),
        ("<html><body/></html>", "statements.no-message"),
        (document(), "statements.no-message"),
    ],
)
def test_content_that_is_no_camt(content: str, code: str, read: Reader) -> None:
    with pytest.raises(DataError) as refused:
        read("camt.053", content)
    assert refused.value.code == code


def test_a_large_file_is_read_piece_by_piece(read: Reader) -> None:
    result = read("camt.053", document(statement(*BALANCES, ENTRY * 500)))
    assert result.headers[0].movements == Decimal(6250)
    assert result.entries.rows == 500
