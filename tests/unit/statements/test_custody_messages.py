"""MT535 and semt.002: holdings.

Field layouts: SWIFT Standards MT, category 5 (sequences GENL, SUBSAFE, FIN, SUBBAL), and the
ISO 20022 message definition SecuritiesBalanceCustodyReport.
"""

from datetime import date
from decimal import Decimal

import pytest

from statement_samples import Reader
from tenuto.core.errors import DataError

MT535 = """\
{1:F01CUSTUS33XXXX0000000000}{2:O5351157240131CUSTUS33AXXX22221234562401311157N}{4:
:16R:GENL
:28E:1/ONLY
:13A::STAT//004
:20C::SEME//HOLD-1
:23G:NEWM
:98A::STAT//20240131
:22F::SFRE//DAIL
:97A::SAFE//ACC-1
:17B::ACTI//Y
:16S:GENL
:16R:SUBSAFE
:97A::SAFE//ACC-1-SUB
:94F::SAFE//NCSD/DAKVDEFFXXX
:16R:FIN
:35B:ISIN US0378331005
/US/037833100
APPLE INC
COMMON STOCK
:16R:FIA
:12A::CLAS/ISIT/ES
:16S:FIA
:90B::MRKT//ACTU/USD185,85
:98A::PRIC//20240131
:93B::AGGR//UNIT/1000,
:16R:SUBBAL
:93C::TAVI//UNIT/AVAI/900,
:16S:SUBBAL
:19A::HOLD//USD185850,
:16S:FIN
:16R:FIN
:35B:ISIN DE0001102580
:90A::MRKT//PRCT/N0,5
:93B::AGGR//FAMT/N250000,
:93B::AGGR//AMOR/N249000,5
:16S:FIN
:16S:SUBSAFE
:16R:FIN
:35B:/GB/0263494
BAE SYSTEMS
:93B::AGGR//UNIT/7,125
:16S:FIN
:16R:ADDINFO
:19A::HOLP//USD185850,
:16S:ADDINFO
-}
"""


def test_holdings_of_an_mt535(read: Reader) -> None:
    result = read("mt535", MT535)
    (header,) = result.headers
    assert (header.reference, header.account, header.number, header.servicer) == (
        "HOLD-1",
        "ACC-1",
        "004",
        "CUSTUS33",
    )
    assert (header.statement_date, header.page, header.is_last_page) == (
        date(2024, 1, 31),
        1,
        True,
    )
    apple, bund, bae = read.holdings(result)
    assert apple == {
        "statement_id": "file#1",
        "account": "ACC-1-SUB",
        "safekeeping_place": "NCSD/DAKVDEFFXXX",
        "isin": "US0378331005",
        "other_id": "US/037833100",
        "name": "APPLE INC COMMON STOCK",
        "quantity": Decimal(1000),
        "quantity_kind": "unit",
        "price": Decimal("185.85"),
        "price_kind": "amount",
        "price_currency": "USD",
        "price_date": date(2024, 1, 31),
        "value": Decimal(185850),
        "value_currency": "USD",
        "statement_date": date(2024, 1, 31),
        "sequence": 1,
        "source_file": "file",
        "source_row": 16,
    }
    assert (bund["quantity"], bund["quantity_kind"]) == (Decimal(-250000), "face_amount")
    assert (bund["price"], bund["price_kind"]) == (Decimal("-0.5"), "percentage")
    assert (bae["account"], bae["isin"], bae["other_id"]) == ("ACC-1", None, "GB/0263494")
    assert (bae["quantity"], bae["price"], bae["safekeeping_place"]) == (
        Decimal("7.125"),
        None,
        None,
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ((":93B::AGGR//UNIT/1000,\n", ""), "0 aggregate balances"),
        (("UNIT/1000,", "UNIT/1.000,"), "is no balance"),
        ((":93B::AGGR//UNIT/7,125", ":93B::AGGR//UNIT/7,\n:93B::AGGR//FAMT/8,"), "2 aggregate"),
        (("ISIN US0378331005", "ISIN US037833"), "holds no ISIN"),
        (("ACTU/USD185,85", "ACTU/185,85"), "is no price"),
        (("//20240131\n:22F", "//20241331\n:22F"), "no date of the calendar"),
        ((":28E:1/ONLY", ":28E:1"), "is no page"),
        ((":16S:SUBSAFE\n", ""), "lacks end of SUBSAFE"),
        ((":97A::SAFE//ACC-1\n", ""), "lacks account"),
        (("-}", ""), "lacks its end"),
        (("O535", "O536"), "the envelope says MT536"),
    ],
)
def test_an_mt535_that_cannot_be_read_is_set_aside(
    change: tuple[str, str], reason: str, read: Reader
) -> None:
    changed = MT535.replace(*change)
    assert changed != MT535
    result = read("mt535", changed.replace("HOLD-1", "BAD") + MT535)
    assert reason in read.quarantine(result)["reasons"][0]
    assert [header.reference for header in result.headers] == ["HOLD-1"]
    assert len(read.holdings(result)) == 3


SEMT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:semt.002.001.11">
<SctiesBalCtdyRpt>
 <Pgntn><PgNb>2</PgNb><LastPgInd>true</LastPgInd></Pgntn>
 <StmtGnlDtls>
  <RptNb><Shrt>004</Shrt></RptNb><StmtId>HOLD-1</StmtId>
  <StmtDtTm><Dt>2024-01-31</Dt></StmtDtTm>
  <Frqcy><Cd>DAIL</Cd></Frqcy><UpdTp><Cd>COMP</Cd></UpdTp><ActvtyInd>true</ActvtyInd>
 </StmtGnlDtls>
 <AcctSvcr><AnyBIC>CUSTUS33</AnyBIC></AcctSvcr>
 <SfkpgAcct><Id>ACC-1</Id></SfkpgAcct>
 <BalForAcct>
  <FinInstrmId><ISIN>US0378331005</ISIN>
   <OthrId><Id>037833100</Id><Tp><Cd>CUSP</Cd></Tp></OthrId><Desc>APPLE INC</Desc></FinInstrmId>
  <AggtBal><ShrtLngInd>LONG</ShrtLngInd><Qty><Qty><Qty><Unit>1000.5</Unit></Qty></Qty></Qty></AggtBal>
  <SfkpgPlc><SfkpgPlcFrmt><TpAndId><SfkpgPlcTp>NCSD</SfkpgPlcTp><Id>DAKVDEFF</Id></TpAndId></SfkpgPlcFrmt></SfkpgPlc>
  <PricDtls><Tp><Cd>INDC</Cd></Tp><Val><Amt Ccy="USD">1</Amt></Val></PricDtls>
  <PricDtls><Tp><Cd>MRKT</Cd></Tp><Val><Amt Ccy="USD">185.85</Amt></Val>
   <ValTp><ValTp>PARV</ValTp></ValTp><QtnDt><Dt>2024-01-31</Dt></QtnDt></PricDtls>
  <AcctBaseCcyAmts>
   <HldgVal><Amt Ccy="EUR">170000.25</Amt><Sgn>true</Sgn></HldgVal></AcctBaseCcyAmts>
 </BalForAcct>
 <SubAcctDtls><SfkpgAcct><Id>ACC-1-SUB</Id></SfkpgAcct>
  <BalForSubAcct>
   <FinInstrmId><OthrId><Id>0263494</Id></OthrId></FinInstrmId>
   <AggtBal><ShrtLngInd>SHOR</ShrtLngInd><Qty><Qty><Qty><FaceAmt>250000</FaceAmt></Qty></Qty></Qty></AggtBal>
   <PricDtls><Tp><Cd>MRKT</Cd></Tp><Val><Rate>99.5</Rate></Val></PricDtls>
   <InstrmCcyAmts><HldgVal><Amt Ccy="GBP">10</Amt><Sgn>false</Sgn></HldgVal></InstrmCcyAmts>
  </BalForSubAcct>
 </SubAcctDtls>
</SctiesBalCtdyRpt>
</Document>
"""


def test_holdings_of_a_semt_002(read: Reader) -> None:
    result = read("semt.002", SEMT)
    (header,) = result.headers
    assert (header.reference, header.account, header.number, header.servicer) == (
        "HOLD-1",
        "ACC-1",
        "004",
        "CUSTUS33",
    )
    assert (header.page, header.is_last_page, header.entries) == (2, True, 2)
    apple, short = read.holdings(result)
    assert {name: apple[name] for name in ("account", "isin", "other_id", "safekeeping_place")} == {
        "account": "ACC-1",
        "isin": "US0378331005",
        "other_id": "037833100",
        "safekeeping_place": "NCSD/DAKVDEFF",
    }
    assert (apple["quantity"], apple["price"], apple["price_date"]) == (
        Decimal("1000.5"),
        Decimal("185.85"),
        date(2024, 1, 31),
    )
    assert (apple["value"], apple["value_currency"]) == (Decimal("170000.25"), "EUR")
    assert (short["account"], short["quantity"], short["quantity_kind"]) == (
        "ACC-1-SUB",
        Decimal(-250000),
        "face_amount",
    )
    assert (short["price"], short["price_kind"], short["value"]) == (
        Decimal("99.5"),
        "percentage",
        Decimal(-10),
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("<Unit>1000.5</Unit>", ""), "0 aggregate quantities"),
        (("<Unit>1000.5</Unit>", "<Unit>1,000</Unit>"), "no amount with a decimal point"),
        (("<OthrId><Id>0263494</Id></OthrId>", ""), "neither ISIN nor another identifier"),
        (("<PgNb>2</PgNb>", ""), "no page number"),
        (("<Dt>2024-01-31</Dt></StmtDtTm>", "<Dt>x</Dt></StmtDtTm>"), "is no date"),
        (("<SfkpgAcct><Id>ACC-1</Id></SfkpgAcct>", ""), "the account is missing"),
    ],
)
def test_a_semt_002_that_cannot_be_read_is_set_aside(
    change: tuple[str, str], reason: str, read: Reader
) -> None:
    result = read("semt.002", SEMT.replace(*change))
    assert result.headers == ()
    assert reason in read.quarantine(result)["reasons"][0]


def test_files_without_holdings_messages(read: Reader) -> None:
    with pytest.raises(DataError) as refused:
        read("semt.002", SEMT.replace("SctiesBalCtdyRpt", "Other"))
    assert refused.value.code == "statements.no-message"
    assert "breaks off" in read.quarantine(read("mt535", ":20:X\n"))["reasons"][0]
