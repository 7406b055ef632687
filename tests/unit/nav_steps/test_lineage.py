"""Any digit of a NAV leads down to the row it was read from, and a changed byte is noticed."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from nav_desk import NavDesk, Struck
from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import open_store
from tenuto.core.errors import CorruptError, NotFoundError
from tenuto.packs.finance.models import Fund
from tenuto.packs.finance.nav.lineage.node import Node
from tenuto.packs.finance.nav.lineage.trace import (
    explain_class,
    explain_fund,
    explain_position,
    find_nav,
)

DAY = date(2024, 1, 2)
POSITIONS = "instrument_id,quantity,currency\nX,500,EUR\nY,1000,USD\n"
PRICES = """instrument_id,date,price,currency,source
X,2024-01-01,99,EUR,vendor
Y,2024-01-01,74,USD,vendor
X,2024-01-02,100,EUR,vendor
Y,2024-01-02,75,USD,vendor
"""
FX = "date,base,quote,rate\n2024-01-01,EUR,USD,1.24\n2024-01-02,EUR,USD,1.25\n"


@pytest.fixture
def local_desk(tmp_path: Path) -> Iterator[NavDesk]:
    """A desk on a folder, whose files a test can change."""
    store = open_store(str(tmp_path / "artifacts"))
    use_store(store)
    yield NavDesk(store)
    use_store(None)


def struck(desk: NavDesk, fund: Fund) -> Struck:
    return desk.strike(
        desk.request(
            fund,
            DAY,
            positions=POSITIONS,
            prices=PRICES,
            fx=FX,
            cash="account,currency,amount\nmain,EUR,20000\nmain,USD,12500\n",
        )
    )


def part(node: Node, figure: str) -> Node:
    return next(each for each in node.parts if each.figure == figure)


def test_a_position_leads_to_the_rows_it_was_read_from(desk: NavDesk, fund: Fund) -> None:
    result = struck(desk, fund).result
    node = explain_position(desk.store, result, "Y")
    assert node.value == "60000 EUR"
    quantity, price = part(node, "quantity"), part(node, "price")
    assert quantity.source is not None
    assert (quantity.source.row, quantity.source.text) == (3, "Y,1000,USD")
    assert price.source is not None
    assert price.source.sha256 == result.inputs["prices"]
    assert (price.source.row, price.source.text) == (5, "Y,2024-01-02,75,USD,vendor")
    rate = part(node, "rate EUR/USD")
    assert rate.source is not None
    assert rate.source.text == "2024-01-02,EUR,USD,1.25"


def test_a_class_leads_to_the_fund_and_its_parts(desk: NavDesk, fund: Fund) -> None:
    result = struck(desk, fund).result
    node = explain_class(desk.store, result, "U")
    assert node.value == "100.0000 USD"
    of_fund = part(node, "NAV of the fund")
    assert of_fund == explain_fund(desk.store, result)
    gav = part(of_fund, "GAV")
    assert [each.figure for each in part(gav, "positions").parts] == ["Y", "X"]
    assert part(gav, "cash main").how == "20000 EUR"


def test_a_nav_is_found_by_the_beginning_of_its_id(desk: NavDesk, fund: Fund) -> None:
    result = struck(desk, fund).result
    assert find_nav(desk.store, "nav/GOLD/2024-01-02") == result
    assert find_nav(desk.store, result.nav_id) == result
    with pytest.raises(NotFoundError, match="No released NAV is called"):
        find_nav(desk.store, "nav/GOLD/2024-01-03")


def test_the_tenth_version_comes_after_the_ninth(desk: NavDesk, fund: Fund) -> None:
    document = struck(desk, fund).document
    for version in (9, 10):
        renamed = desk.store.get_bytes(document).replace(
            b"official/v1", f"official/v{version}".encode()
        )
        copy = desk.store.put_bytes(renamed, name="result.json", media_type="application/json")
        desk.store.bind(f"nav/GOLD/2024-01-02/official/v{version}/result.json", copy)
    assert find_nav(desk.store, "nav/GOLD").nav_id.endswith("/v10")


def test_what_is_not_there_is_said(desk: NavDesk, fund: Fund) -> None:
    result = struck(desk, fund).result
    with pytest.raises(NotFoundError, match="has no class `Z`; it has `A`, `U`"):
        explain_class(desk.store, result, "Z")
    with pytest.raises(NotFoundError, match="holds no `Z`"):
        explain_position(desk.store, result, "Z")


def test_a_changed_byte_of_an_input_is_noticed(local_desk: NavDesk, fund: Fund) -> None:
    result = struck(local_desk, fund).result
    sha256 = result.inputs["prices"]
    with local_desk.store.local_path(f"artifact://{sha256}") as path:
        path.chmod(0o644)
        path.write_bytes(path.read_bytes().replace(b",75,", b",76,"))
    with pytest.raises(CorruptError):
        explain_position(local_desk.store, result, "Y")
