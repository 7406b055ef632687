"""The demo fund: real market data, a book that explains itself, the same bytes every time."""

import csv
from datetime import date
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path

import pytest

from nav_desk import NavDesk, Struck, nav_per_units
from tenuto.core.errors import UsageError
from tenuto.core.yaml12 import read_yaml
from tenuto.packs.finance.demo import market_data
from tenuto.packs.finance.demo.book import DEALS
from tenuto.packs.finance.demo.files import STRIKES, DemoFiles, demo_strikes, write_demo
from tenuto.packs.finance.models import Fund


def read_fund(files: DemoFiles) -> Fund:
    return Fund.model_validate(read_yaml(files.fund.read_text(), "fund.yaml"))


def strike_all(desk: NavDesk, folder: Path) -> list[Struck]:
    struck = []
    for files in demo_strikes(folder):
        inputs = {
            name: desk.store.put_file(path)
            for name, path in vars(files).items()
            if name not in ("date", "fund")
        }
        struck.append(desk.strike(desk.request(read_fund(files), files.date, **inputs)))
    return struck


def test_every_move_is_explained_and_returns_are_real(desk: NavDesk, tmp_path: Path) -> None:
    struck = strike_all(desk, tmp_path / "demo")
    assert [each.result.date for each in struck] == list(STRIKES)
    for each in struck[1:]:
        assert each.result.movement is not None
        assert each.result.movement.other == 0
    last = struck[-1].result
    for share_class in last.classes:
        measured = share_class.performance
        assert measured.daily.since == date(2022, 12, 27)
        assert measured.month_to_date.since == date(2022, 11, 30)
        assert measured.year_to_date.since == date(2021, 12, 31)
        assert None not in (
            measured.daily.value,
            measured.month_to_date.value,
            measured.year_to_date.value,
        )
    assert {each.kind for each in last.balances} == {"cash", "dividend", "redemption", "trade"}
    assert sum(each.nav_base for each in last.classes) == last.nav


def test_launch_is_worth_the_launch_price_to_the_last_digit(desk: NavDesk, tmp_path: Path) -> None:
    launch = strike_all(desk, tmp_path / "demo")[0]
    assert set(nav_per_units(launch).values()) == {Decimal("100.0000")}


def test_deals_are_priced_at_the_nav_that_was_struck(desk: NavDesk, tmp_path: Path) -> None:
    by_day = {each.result.date: each for each in strike_all(desk, tmp_path / "demo")}
    for deal in DEALS:
        assert nav_per_units(by_day[deal.trade_date])[deal.class_id] == deal.nav_per_unit


def test_checks_block_nothing(desk: NavDesk, tmp_path: Path) -> None:
    assert [each.checked.open for each in strike_all(desk, tmp_path / "demo")] == [()] * 4


def test_files_are_the_same_bytes_every_time(tmp_path: Path) -> None:
    first = write_demo(tmp_path / "one", STRIKES[-1])
    second = write_demo(tmp_path / "two", STRIKES[-1])
    for name, path in vars(first).items():
        if isinstance(path, Path):
            assert path.read_bytes() == vars(second)[name].read_bytes()


def test_prices_are_those_of_the_package(tmp_path: Path) -> None:
    files = write_demo(tmp_path, date(2022, 12, 28))
    with files.prices.open() as prices:
        apple = [row for row in csv.DictReader(prices) if row["instrument_id"] == "AAPL"]
    assert [row["date"] for row in apple][-2:] == ["2022-12-27", "2022-12-28"]
    assert apple[-1]["price"] == "125.674"


def test_euro_has_the_ecb_fixing_and_no_invented_one(tmp_path: Path) -> None:
    files = write_demo(tmp_path, date(2022, 12, 28))
    assert "2022-12-28,EUR,USD,1.064\n" in files.fx.read_text()
    assert "2022-12-26" not in files.fx.read_text()  # a TARGET holiday


@pytest.mark.parametrize("day", [date(2021, 12, 30), date(2022, 12, 26), date(2023, 1, 3)])
def test_day_without_prices_is_refused(tmp_path: Path, day: date) -> None:
    with pytest.raises(UsageError, match="has no prices for") as refused:
        write_demo(tmp_path, day)
    assert refused.value.code == "demo.no-such-day"


def test_missing_package_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    market_data.closes.cache_clear()
    monkeypatch.setattr(
        market_data, "find_spec", lambda name: None if name == "skfolio" else find_spec(name)
    )
    with pytest.raises(UsageError, match="pip install --no-deps skfolio==1.12.2") as refused:
        market_data.closes()
    assert refused.value.code == "demo.data-missing"
