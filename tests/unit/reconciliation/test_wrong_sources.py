"""What cannot be read is refused with file, row, and remedy; what can is read as it is."""

import io
from typing import Any

import polars as pl
import pytest

from rec_room import RecRoom, rules_for
from tenuto.core.errors import DataError, UsageError

GOOD = "isin,quantity\nDE0007164600,1\n"


def refusal(room: RecRoom, theirs: str | bytes, **rules: Any) -> DataError:
    with pytest.raises(DataError) as refused:
        room.run(rules_for("position", **rules), GOOD, room.document("bank.csv", theirs))
    return refused.value


@pytest.mark.parametrize(
    ("data", "code", "said"),
    [
        ("", "reconciliation.source-unreadable", "bank.csv"),
        (b"PK\x03\x04rest", "reconciliation.source-unreadable", "workbook"),
        (b"isin,quantity\nX\xff,1\n", "reconciliation.source-unreadable", "bank.csv:2"),
        (b"PAR1 and nothing", "artifact.not-a-table", "not a table"),
        ("isin;quantity\nX;1\n", "reconciliation.unknown-column", "isin;quantity"),
        ("isin,Quantity\nX,1\n", "reconciliation.unknown-column", "did you mean `quantity`"),
        ("isin,isin\nX,1\n", "reconciliation.source-unreadable", "there twice"),
    ],
)
def test_an_unreadable_source_is_refused(
    room: RecRoom, data: str | bytes, code: str, said: str
) -> None:
    error = refusal(room, data)
    assert error.code == code
    assert said in error.message


def test_a_column_of_the_rules_that_the_file_lacks_is_named(room: RecRoom) -> None:
    sides = [{"name": "ours"}, {"name": "theirs", "columns": {"isin": "ISIN", "quantity": "Qty"}}]
    error = refusal(room, "ISIN,Quantity\nX,1\n", sides=sides)
    assert error.code == "reconciliation.unknown-column"
    assert "`Qty`" in error.message


def test_float_columns_are_refused(room: RecRoom) -> None:
    buffer = io.BytesIO()
    pl.DataFrame({"isin": ["X"], "quantity": [1.5]}).write_parquet(buffer)
    error = refusal(room, buffer.getvalue())
    assert error.code == "reconciliation.source-unreadable"
    assert "cannot hold an amount exactly" in error.message


def test_sides_without_a_common_key_are_refused(room: RecRoom) -> None:
    error = refusal(room, "cusip,quantity\n037833100,1\n")
    assert error.code == "reconciliation.no-common-key"
    assert "`isin`" in error.message


def test_a_partition_on_one_side_only_is_refused_with_the_remedy(room: RecRoom) -> None:
    rules = rules_for("position")
    with pytest.raises(UsageError, match="give side `ours` a constant"):
        room.run(rules, GOOD, "account,isin,quantity\nA,X,1\n")
    constant = rules.model_dump(mode="json")
    constant["sides"][0]["constants"] = {"account": "A"}
    done = room.run(
        rules.model_validate(constant), GOOD, "account,isin,quantity\nA,DE0007164600,1\n"
    )
    assert done.report.open_breaks == 0


def test_a_flood_of_breaks_ends_the_run(room: RecRoom) -> None:
    theirs = "isin,quantity\n" + "".join(f"X{i},1\n" for i in range(20))
    error = refusal(room, theirs, max_breaks=10)
    assert error.code == "reconciliation.too-many-breaks"


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("1e5", "table.not-a-number"),
        ("1,5", "table.row-too-long"),
        ("0.123456789", "table.too-many-decimals"),
        ("9" * 25, "table.number-too-large"),
    ],
)
def test_a_wrong_cell_is_an_exception_and_its_row_a_break(
    room: RecRoom, cell: str, code: str
) -> None:
    done = room.run(
        rules_for("position"),
        GOOD,
        room.document("bank.csv", f"isin,quantity\nDE0007164600,{cell}\n"),
    )
    (wrong,) = done.table(done.report.exceptions).iter_rows(named=True)
    assert (wrong["file"], wrong["row"], wrong["code"]) == ("bank.csv", 2, code)
    assert done.report.sides[1].unreadable == 1
    assert done.report.open_breaks >= 1
    assert done.report.matches.rows == 0


def test_parquet_is_checked_as_text_is(room: RecRoom) -> None:
    table = pl.DataFrame(
        {
            "isin": ["DE0007164600", " us0378331005 ", "FR0000120271"],
            "currency": ["EUR", "USD", "ZZZ"],
            "quantity": ["1", "2", "0.123456789"],
        }
    ).with_columns(pl.col("quantity").cast(pl.Decimal(38, 9)))
    theirs = room.store.put_table(table, name="bank.parquet")
    ours = "isin,currency,quantity\nDE0007164600,EUR,1\nUS0378331005,USD,2\n"
    done = room.run(rules_for("position"), ours, theirs)
    assert done.passes() == {"exact": 2}
    found = done.table(done.report.exceptions).select("row", "field", "code").rows()
    assert found == [
        (3, "currency", "table.unknown-currency"),
        (3, "quantity", "reconciliation.number-out-of-range"),
    ]


def test_dates_far_from_the_business_date_are_exceptions(room: RecRoom) -> None:
    header = "account,currency,reference,date,amount\n"
    done = room.run(
        rules_for("cash"),
        header + "C,EUR,R,2024-01-03,1\n",
        header + "C,EUR,R,0024-01-03,1\n",
    )
    (wrong,) = done.table(done.report.exceptions).iter_rows(named=True)
    assert wrong["code"] == "reconciliation.date-out-of-range"


def test_hostile_text_stays_text(room: RecRoom) -> None:
    evil = "'; DROP TABLE side_0; --"
    text = f'isin,name,quantity\nDE0007164600,"{evil}",1\nX,"=cmd()|x",2\n'
    done = room.run(rules_for("position"), text, text)
    assert done.passes() == {"exact": 2}
    sides = [
        {"name": "ours", "string_maps": {"name": {evil: "harmless"}}},
        {"name": "theirs", "columns": {"isin": 'is"in', "quantity": "q'ty"}},
    ]
    done = room.run(
        rules_for("position", sides=sides),
        text,
        '"is""in",q\'ty,other\nDE0007164600,1,x\nX,2,y\n',
    )
    assert done.passes() == {"exact": 2}
