"""The NAVs of the demo fund, as tables."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rich.text import Text

from tenuto.cli.tables import heading, table

if TYPE_CHECKING:
    from rich.console import Console

_WIDE = 100
_SHAPES = {"pass": "✓", "warn": "!", "fail": "✗", "missing": "?"}
Result = Mapping[str, Any]


def draw_demo(console: "Console", results: Sequence[Result]) -> None:
    """All dates in one table, the classes and checks of the last date below."""
    last = results[-1]
    console.print()
    _draw_dates(console, results)
    console.print()
    _draw_classes(console, last)
    console.print()
    _draw_checks(console, last)
    console.print()
    _draw_deliveries(console, last)


def _draw_dates(console: "Console", results: Sequence[Result]) -> None:
    first = results[0]
    classes = [each["class_id"] for each in first["classes"]]
    fund = f"{first['fund_id']} NAV ({first['base_currency']})"
    units = [f"per unit {name}" if name == classes[0] else name for name in classes]
    grid = table("Date", fund, *units, right=(fund, *units))
    for result in results:
        per_unit = [_amount(each["nav_per_unit"]) for each in result["classes"]]
        grid.add_row(result["date"], _amount(result["nav"]), *per_unit)
    console.print(grid)


def _draw_classes(console: "Console", result: Result) -> None:
    console.print(heading(f"{result['nav_id']}, {result['status']}"))
    is_wide = console.width >= _WIDE
    more = ("Units", "NAV") if is_wide else ()
    returns = ("Day", "Month", "Year", "Since launch")
    names = ("Class", *more, "Currency", "NAV per unit", *returns)
    grid = table(*names, right=("Units", "NAV", "NAV per unit", *returns))
    for each in result["classes"]:
        sizes = [_amount(each["units"]), _amount(each["nav"])] if is_wide else []
        performance = each["performance"]
        grid.add_row(
            each["class_id"],
            *sizes,
            each["currency"],
            _amount(each["nav_per_unit"]),
            *(
                _percent(performance[period]["value"])
                for period in ("daily", "month_to_date", "year_to_date", "since_inception")
            ),
        )
    console.print(grid)


def _draw_checks(console: "Console", result: Result) -> None:
    checks = result["checks"]
    passed = sum(check["outcome"] == "pass" for check in checks)
    console.print(heading(f"Checks: {passed} of {len(checks)} passed"))
    grid = table("Check", "Subject", "Found", "Limit", "", folds="", right=("Found", "Limit"))
    for check in checks:
        if check["outcome"] != "pass":
            rule = Text(f"{_SHAPES[check['outcome']]} {check['rule']}", style="yellow")
            found = "missing" if check["value"] is None else check["value"]
            grid.add_row(rule, check["subject"], found, check["limit"], check["note"])
    if passed < len(checks):
        console.print(grid)


def _draw_deliveries(console: "Console", result: Result) -> None:
    deliveries = result["deliveries"]
    delivered = sum(each["outcome"] == "delivered" for each in deliveries)
    console.print(heading(f"Deliveries: {delivered} of {len(deliveries)} arrived"))
    grid = table("Recipient", "Channel", "Outcome", "Attempts", right=("Attempts",))
    for each in deliveries:
        grid.add_row(each["recipient"], each["channel"], each["outcome"], str(each["attempts"]))
    if deliveries:
        console.print(grid)


def _amount(text: str) -> str:
    """`21734112.43` as `21,734,112.43`; no digit is dropped."""
    return f"{Decimal(text):,f}"


def _percent(text: str | None) -> Text:
    """A fraction as percent, with its sign."""
    if text is None:
        return Text("missing", style="dim")
    return Text(f"{Decimal(text) * 100:+.2f} %", style="red" if Decimal(text) < 0 else "green")
