"""A fund of two currencies and two classes, worked out by hand."""

from datetime import date
from decimal import Decimal

from nav_desk import NavDesk, Struck, nav_per_units
from tenuto.packs.finance.models import Fund
from tenuto.packs.finance.nav.activities.opened import VALUED_POSITIONS

POSITIONS = "instrument_id,quantity,name,currency\nX,500,Xylo,EUR\nY,1000,Yttrium,USD\n"
CASH = "account,currency,amount\nmain,EUR,20000\nmain,USD,12500\n"


def launch(desk: NavDesk, fund: Fund) -> Struck:
    """500 x 100 EUR + 1000 x 75 / 1.25 + 20000 + 12500 / 1.25 = 140000 = 1000 x 100 + 500 x 80."""
    return desk.strike(
        desk.request(
            fund,
            date(2024, 1, 2),
            positions=POSITIONS,
            prices="instrument_id,date,price,currency\nX,2024-01-02,100,EUR\nY,2024-01-02,75,USD\n",
            fx="date,base,quote,rate\n2024-01-02,EUR,USD,1.25\n",
            cash=CASH,
        )
    )


def third_day(desk: NavDesk, fund: Fund) -> Struck:
    return desk.strike(
        desk.request(
            fund,
            date(2024, 1, 5),
            positions=POSITIONS,
            prices="instrument_id,date,price,currency\nX,2024-01-05,101,EUR\nY,2024-01-05,76.80,USD\n",
            fx="date,base,quote,rate\n2024-01-05,EUR,USD,1.28\n",
            cash=CASH,
        )
    )


def test_ops_1_launch_is_worth_what_was_paid_in(desk: NavDesk, fund: Fund) -> None:
    struck = launch(desk, fund)
    assert struck.result.nav == Decimal("140000.00")
    assert struck.result.liabilities == 0
    assert struck.result.movement is None
    assert nav_per_units(struck) == {"A": Decimal("100.0000"), "U": Decimal("100.0000")}
    assert [each.nav_base for each in struck.result.classes] == [
        Decimal("100000.00"),
        Decimal("40000.00"),
    ]


def test_ops_1_golden_nav_of_two_currencies_and_two_classes(desk: NavDesk, fund: Fund) -> None:
    launch(desk, fund)
    result = third_day(desk, fund).result
    # X 500 x 101 = 50500.00; Y 76800 / 1.28 = 60000.00
    assert result.positions_value == Decimal("110500.00")
    # cash 20000 + 12500 / 1.28 = 9765.625, half even 9765.62
    assert result.gav == Decimal("140265.62")
    # administration 3650 x 3 / 365 = 30.00; left 140235.62, a gain of 235.62: A 5/7, U 2/7
    assert [str(each.gross) for each in result.classes] == ["100168.30", "40067.32"]
    # A 100168.30 x 0.01 x 3/365 = 8.2330; U 40067.32 x 0.005 x 3/365 = 1.6466
    assert [each.amount for each in result.accruals] == [
        Decimal("30.00"),
        Decimal("8.23"),
        Decimal("1.65"),
    ]
    assert result.liabilities == Decimal("39.88")
    assert [str(each.nav_base) for each in result.classes] == ["100160.07", "40065.67"]
    assert result.nav == Decimal("140225.74") == result.gav - result.liabilities
    a, u = result.classes
    # A 100160.07 / 1000; U 40065.67 x 1.28 / 500 = 102.5681152
    assert (a.nav_per_unit, a.nav_per_unit_exact) == (
        Decimal("100.1601"),
        Decimal("100.160070000000"),
    )
    assert (u.nav_per_unit, u.nav_per_unit_exact) == (
        Decimal("102.5681"),
        Decimal("102.568115200000"),
    )
    assert u.nav == Decimal("51284.06")
    assert (a.index, u.index) == (Decimal("1.001601000000000000"), Decimal("1.025681000000000000"))


def test_ops_1_golden_movement(desk: NavDesk, fund: Fund) -> None:
    launch(desk, fund)
    movement = third_day(desk, fund).result.movement
    assert movement is not None
    # 87500 USD x (1 / 1.28 - 1 / 1.25) = -1640.625, half even
    assert movement.fx == Decimal("-1640.62")
    # X 500 x 1 + Y 1000 x 1.80 / 1.28 = 1906.25, less the cent that rounding the cash lost
    assert movement.price == Decimal("1906.24")
    assert movement.fees == Decimal("-39.88")
    assert movement.income == movement.capital == 0
    assert movement.other == 0
    assert movement.total == Decimal("225.74")
    assert movement.opening + movement.total == movement.closing == Decimal("140225.74")


def test_ops_2_missing_day_is_reported_not_skipped(desk: NavDesk, fund: Fund) -> None:
    launch(desk, fund)
    performance = third_day(desk, fund).result.classes[0].performance
    assert performance.daily.value is None
    assert performance.daily.missing == "No NAV for 2024-01-04; strike it first."
    assert performance.month_to_date.value == Decimal("0.0016010000")
    assert performance.month_to_date.since == date(2024, 1, 2)


def test_ops_1_positions_table_is_as_documented(desk: NavDesk, fund: Fund) -> None:
    launch(desk, fund)
    table = third_day(desk, fund).positions
    assert table.columns == list(VALUED_POSITIONS)
    y = table.row(1, named=True)
    assert (y["instrument_id"], y["name"], y["currency"]) == ("Y", "Yttrium", "USD")
    assert (y["quantity"], y["price"], y["price_factor"]) == (1000, Decimal("76.80"), 1)
    assert (y["local_value"], y["accrued_interest"]) == (76800, 0)
    assert (y["fx_rate"], y["base_value"]) == (Decimal("0.78125"), Decimal("60000.00"))
