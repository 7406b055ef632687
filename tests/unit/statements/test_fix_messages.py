"""FIX execution reports: tags of FIX 4.2 to 5.0, MsgType 8."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import simplefix  # type: ignore[import-untyped]

from statement_samples import Reader
from tenuto.core.errors import DataError


def report(**changes: str | None) -> bytes:
    """One execution report; keyword `t31="5"` sets tag 31, None leaves a tag out."""
    fields: dict[int, str | None] = {
        8: "FIX.4.4", 35: "8", 49: "BROKER", 56: "FUND", 34: "7", 52: "20240131-17:30:00.123",
        1: "ACC-1", 17: "E1", 37: "O1", 11: "C1", 150: "F", 39: "2", 55: "AAPL", 48: "US0378331005",
        22: "4", 54: "2", 32: "100", 31: "185.8512345", 14: "100", 151: "0", 6: "185.8512345",
        15: "USD", 75: "20240131", 64: "20240202", 60: "20240131-17:30:00.123456", 12: "1.25",
        118: "18583.87",
    }  # fmt: skip
    fields |= {int(name[1:]): value for name, value in changes.items()}
    message = simplefix.FixMessage()
    for tag, value in fields.items():
        if value is not None:
            message.append_pair(tag, value)
    encoded: bytes = message.encode()
    return encoded


def executions(read: Reader, content: bytes) -> list[dict[str, object]]:
    result = read("fix", content)
    assert result.headers == ()
    return read.store.get_table(result.executions).to_dicts()


def test_an_execution(read: Reader) -> None:
    (found,) = executions(read, report() + b"\n")
    assert found["transact_time"] == datetime(2024, 1, 31, 17, 30, 0, 123456, tzinfo=UTC)
    assert (found["trade_date"], found["settlement_date"]) == (
        date(2024, 1, 31),
        date(2024, 2, 2),
    )
    assert (found["side"], found["last_quantity"], found["last_price"]) == (
        "sell",
        Decimal(100),
        Decimal("185.8512345"),
    )
    assert (found["isin"], found["other_id"], found["account"]) == ("US0378331005", None, "ACC-1")
    assert (found["net_amount"], found["gross_amount"]) == (Decimal("18583.87"), None)
    assert (found["is_possible_duplicate"], found["source_row"]) == (False, 1)


@pytest.mark.parametrize("separator", [b"\x01", b"|", b"^A"])
def test_logs_with_prefixes_other_messages_and_visible_separators(
    separator: bytes, read: Reader
) -> None:
    heartbeat = report(t35="0")
    log = b"".join(
        b"2024-01-31 17:30:00 IN  " + message.replace(b"\x01", separator) + b"\n"
        for message in (heartbeat, report(), report(t17="E2", t22="1", t48="037833100", t43="Y"))
    )
    first, second = executions(read, log)
    assert (first["exec_id"], second["exec_id"]) == ("E1", "E2")
    assert (second["isin"], second["other_id"]) == (None, "1/037833100")
    assert (second["is_possible_duplicate"], second["source_row"]) == (True, 3)


def test_messages_without_line_ends(read: Reader) -> None:
    found = executions(read, report() + report(t17="E2"))
    assert [each["exec_id"] for each in found] == ["E1", "E2"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (report().replace(b"185.85", b"186.85", 1), "the checksum is"),
        (report().replace(b"\x0132=100", b""), "the checksum is"),
        (report()[:-8], "breaks off before its checksum"),
        (report(t17=None), "lacks ExecID (17)"),
        (report(t54="9"), "side `9`"),
        (report(t32="1,000"), "tag 32"),
        (report(t60="yesterday"), "tag 60"),
        (report(t75="20240231"), "tag 75"),
    ],
)
def test_a_report_that_cannot_be_read_is_set_aside(
    content: bytes, reason: str, read: Reader
) -> None:
    result = read("fix", content + b"\n" + report(t17="GOOD") + b"\n")
    assert reason in read.quarantine(result)["reasons"][0]
    assert read.store.get_table(result.executions)["exec_id"].to_list() == ["GOOD"]


def test_a_body_length_that_does_not_fit(read: Reader) -> None:
    body = report().replace(b"\x019=", b"\x019=1", 1)
    body = body[: body.rindex(b"10=")]
    content = body + b"10=%03d\x01" % (sum(body) % 256)
    assert "tag 9 says 1" in read.quarantine(read("fix", content))["reasons"][0]


def test_a_file_without_executions(read: Reader) -> None:
    with pytest.raises(DataError) as refused:
        read("fix", report(t35="0"))
    assert refused.value.code == "statements.no-message"
