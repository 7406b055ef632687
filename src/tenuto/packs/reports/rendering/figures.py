"""Numbers and dates in the report's locale; what is missing stays missing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel import numbers
from babel.dates import format_date, format_datetime

from tenuto.packs.reports.rendering.missing import Missing, is_missing
from tenuto.packs.reports.rendering.rows import Rows, is_cut

_FLOAT_PLACES = 6
"""What a float shows by itself; its further digits are mostly noise."""


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The filters of one report."""

    locale: str
    zone: ZoneInfo
    currency_code: str | None
    missing: Missing

    def currency(self, value: Any, code: str | None = None, places: int | None = None) -> Any:
        """`$1,234.50`; `code` is an ISO 4217 code, by default the report's."""
        used = code or self.currency_code
        if not used or not numbers.is_currency(used):
            raise ValueError(
                f"`currency` has no currency that is known ({used!r}); write "
                '`| currency("EUR")`, or `currency: EUR` in the report'
            )
        if is_missing(value):
            return self.missing
        number = _rounded(_number(value, "currency"), places)
        return numbers.format_currency(
            number, used, locale=self.locale, decimal_quantization=places is None
        )

    def number(self, value: Any, places: int | None = None) -> Any:
        """`1,234.5`; with `places` exactly so many decimals, else as many as there are."""
        if is_missing(value):
            return self.missing
        number = _rounded(_number(value, "number"), places)
        if places is None:
            return numbers.format_decimal(number, locale=self.locale, decimal_quantization=False)
        pattern = "#,##0" + ("." + "0" * places if places else "")
        return numbers.format_decimal(number, format=pattern, locale=self.locale)

    def percent(self, value: Any, places: int = 1) -> Any:
        """A fraction as percent: `0.123` is `12.3%`."""
        if is_missing(value):
            return self.missing
        pattern = "#,##0" + ("." + "0" * places if places else "") + "%"
        return numbers.format_percent(_number(value, "percent"), format=pattern, locale=self.locale)

    def delta(self, value: Any, base: Any = None, places: int = 1, **named: Any) -> Any:
        """The change from `base` as signed percent: `+12.3%`; without `base`, `value` is the
        change itself, as a fraction. Missing where the base is missing or 0."""
        if named:
            raise ValueError(f"`delta` takes a base and places, not {', '.join(named)}")
        change = value
        if base is not None or is_missing(value):
            if is_missing(value) or is_missing(base) or _number(base, "delta") == 0:
                return self.missing
            start = _number(base, "delta")
            change = (_number(value, "delta") - start) / abs(start)
        number = round(_number(change, "delta"), places + 2)
        text = str(self.percent(number, places))
        return f"+{text}" if number > 0 else text

    def date(self, value: Any, form: str = "medium") -> Any:
        """A date as the locale writes it: `short`, `medium`, `long`, `full`, or a pattern such as
        `dd.MM.yyyy`. A moment is the date in the report's time zone."""
        if is_missing(value):
            return self.missing
        day = value.astimezone(self.zone) if _is_aware(value) else value
        if isinstance(day, str):
            day = date.fromisoformat(day)
        if not isinstance(day, date):
            raise TypeError(f"`date` formats dates, and this is {value!r}")
        return format_date(day, format=form, locale=self.locale)

    def datetime(self, value: Any, form: str = "medium") -> Any:
        """A moment in the report's time zone."""
        if is_missing(value):
            return self.missing
        if not isinstance(value, datetime):
            raise TypeError(f"`datetime` formats moments, and this is {value!r}")
        zone = self.zone if _is_aware(value) else None
        return format_datetime(value, format=form, tzinfo=zone, locale=self.locale)

    def total(self, rows: Any, attribute: str | None = None) -> Any:
        """Sum of a column over all rows, also those that are not shown, or of a list's numbers.

        Nulls are left out as SQL does; missing where nothing is left.
        """
        if isinstance(rows, Rows):
            if attribute is None:
                raise ValueError('name the column: `rows | total("spend")`')
            return rows.total(attribute)
        values = [each if attribute is None else each[attribute] for each in rows]
        present = [_number(each, "total") for each in values if not is_missing(each)]
        return sum(present[1:], start=present[0]) if present else self.missing

    def keeping(self, plain: Callable[..., Any]) -> Callable[..., Any]:
        """A filter of the template language that would make 0 of what is missing."""

        def kept(value: Any, *given: Any, **named: Any) -> Any:
            return self.missing if is_missing(value) else plain(value, *given, **named)

        return kept

    def text(self, value: Any) -> str:
        """A value as it stands in a cell: dates and numbers in the locale."""
        if is_missing(value):
            return str(self.missing)
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, datetime):
            return str(self.datetime(value, "short"))
        if isinstance(value, date):
            return str(self.date(value))
        if isinstance(value, float):
            return str(self.number(round(value, _FLOAT_PLACES)))
        if isinstance(value, int | Decimal):
            return str(self.number(value))
        return str(value)


def whole(rows: Any) -> Any:
    """`rows`, if nothing is left out of them: an order, a maximum, or a group of half of the rows
    would be wrong without anybody noticing."""
    if isinstance(rows, Rows) and is_cut(rows):
        raise ValueError(
            "this filter needs all rows, and only the first are here; do it in the query"
        )
    return rows


def _number(value: Any, used: str) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise TypeError(f"`{used}` formats numbers, and this is {value!r}; cast it in the query")
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


def _rounded(number: Decimal, places: int | None) -> Decimal:
    return number if places is None else round(number, places)


def _is_aware(value: Any) -> bool:
    return isinstance(value, datetime) and value.tzinfo is not None
