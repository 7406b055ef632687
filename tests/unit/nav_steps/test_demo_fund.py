"""The demo fund: real market data, a book that explains itself, the same bytes every time."""

import csv
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from memory_store import store_in_memory
from nav_desk import NavDesk, Struck, nav_per_units
from tenuto.core.errors import UsageError
from tenuto.core.yaml12 import read_yaml
from tenuto.packs.finance.demo import market_data
from tenuto.packs.finance.demo.book import DEALS
from tenuto.packs.finance.demo.files import STRIKES, DemoFiles, demo_strikes, write_demo
from tenuto.packs.finance.models import Fund


def read_fund(files: DemoFiles) -> Fund:
    return Fund.model_validate(read_yaml(files.fund.read_text(), "fund.yaml"))


@pytest.fixture(scope="module")
def struck(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Struck]]:
    """All four strikes, in order."""
    with store_in_memory() as store:
        desk = NavDesk(store)
        yield [strike(desk, files) for files in demo_strikes(tmp_path_factory.mktemp("demo"))]


def strike(desk: NavDesk, files: DemoFiles) -> Struck:
    inputs: dict[str, Any] = {
        name: desk.store.put_file(path)
        for name, path in vars(files).items()
        if name not in ("date", "fund")
    }
    return desk.strike(desk.request(read_fund(files), files.date, **inputs))


def test_every_move_is_explained(struck: list[Struck]) -> None:
    assert [each.result.date for each in struck] == list(STRIKES)
    for each in struck[1:]:
        assert each.result.movement is not None
        assert each.result.movement.other == 0
    last = struck[-1].result
    assert {each.kind for each in last.balances} == {"cash", "dividend", "redemption", "trade"}
    assert sum(each.nav_base for each in last.classes) == last.nav


def test_returns_of_the_last_strike_are_real(struck: list[Struck]) -> None:
    for share_class in struck[-1].result.classes:
        measured = share_class.performance
        since = {
            measured.daily: date(2022, 12, 27),
            measured.month_to_date: date(2022, 11, 30),
            measured.year_to_date: date(2021, 12, 31),
        }
        for returned, day in since.items():
            assert returned.value is not None
            assert returned.since == day


def test_launch_is_worth_the_launch_price_to_the_last_digit(struck: list[Struck]) -> None:
    assert set(nav_per_units(struck[0]).values()) == {Decimal("100.0000")}


def test_deals_are_priced_at_the_nav_that_was_struck(struck: list[Struck]) -> None:
    by_day = {each.result.date: each for each in struck}
    for deal in DEALS:
        assert nav_per_units(by_day[deal.trade_date])[deal.class_id] == deal.nav_per_unit


def test_checks_block_nothing(struck: list[Struck]) -> None:
    assert [each.checked.open for each in struck] == [()] * 4


def test_inputs_are_the_same_bytes_every_time(tmp_path: Path) -> None:
    first = write_demo(tmp_path / "one", STRIKES[-1])
    second = write_demo(tmp_path / "two", STRIKES[-1])
    inputs = [name for name in vars(first) if name not in ("date", "fund")]
    for name in inputs:
        assert vars(first)[name].read_bytes() == vars(second)[name].read_bytes()


def test_recipients_of_the_demo_are_beside_it(tmp_path: Path) -> None:
    fund = read_fund(write_demo(tmp_path, STRIKES[-1]))
    assert fund.recipients
    for recipient in fund.recipients:
        assert Path(recipient.target).is_relative_to(tmp_path)


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
