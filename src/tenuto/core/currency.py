"""Which currencies there are, and how many decimals each one's smallest coin has."""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field

from tenuto.core.errors import DataError


def currency_problem(code: str) -> str | None:
    """Why `code` is not an active ISO 4217 currency and what to write instead, or None if it is."""
    if code in _MINOR_UNITS:
        return None
    return f"Currency {code!r} is not an active ISO 4217 code; {_hint(code)}."


def minor_units(code: str) -> int:
    """Decimals of the smallest unit: 2 for EUR, 0 for JPY, 3 for KWD.

    Raises DataError `money.unknown-currency` for anything but an active ISO 4217 code.
    """
    problem = currency_problem(code)
    if problem is not None:
        raise DataError(problem, code="money.unknown-currency", details={"currency": code})
    return _MINOR_UNITS[code]


def _validated(code: str) -> str:
    problem = currency_problem(code)
    if problem is not None:
        raise ValueError(problem)
    return code


Currency = Annotated[
    str, AfterValidator(_validated), Field(json_schema_extra={"pattern": "^[A-Z]{3}$"})
]
"""An active ISO 4217 alphabetic code that has a minor unit, for example `EUR`."""


def _hint(code: str) -> str:
    plain = code.strip().upper()
    if code in _QUOTED_IN_HUNDREDTHS:
        whole = _QUOTED_IN_HUNDREDTHS[code]
        return f"it is a hundredth of {whole}: write {whole} and give the price unit or factor 0.01"
    if plain in _REPLACED:
        successor, when = _REPLACED[plain]
        return f"{successor} replaced it on {when}"
    if plain in _WITHOUT_MINOR_UNIT:
        return "it has no minor unit, so no amount in it can be rounded; use a traded currency"
    if plain in _MINOR_UNITS:
        return f"write {plain!r}"
    return "write three capital letters such as EUR, USD or GBP"


_QUOTED_IN_HUNDREDTHS = {
    "GBX": "GBP",
    "GBp": "GBP",
    "ZAc": "ZAR",
    "ZAC": "ZAR",
    "ILA": "ILS",
    "ILa": "ILS",
    "USX": "USD",
    "USc": "USD",
    "EUX": "EUR",
}
"""What exchanges and vendors call cents and pence."""

_REPLACED = {
    "ANG": ("XCG", date(2025, 3, 31)),
    "BGN": ("EUR", date(2026, 1, 1)),
    "CUC": ("CUP", date(2021, 6, 30)),
    "HRK": ("EUR", date(2023, 1, 1)),
    "LTL": ("EUR", date(2015, 1, 1)),
    "MRO": ("MRU", date(2018, 1, 1)),
    "SLL": ("SLE", date(2024, 4, 1)),
    "STD": ("STN", date(2018, 1, 1)),
    "VEF": ("VES", date(2018, 8, 20)),
    "ZWL": ("ZWG", date(2024, 9, 1)),
}

_WITHOUT_MINOR_UNIT = frozenset(
    {"XAG", "XAU", "XBA", "XBB", "XBC", "XBD", "XDR", "XPD", "XPT", "XSU", "XTS", "XUA", "XXX"}
)

_CODES_BY_MINOR_UNITS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: """
        AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD
        CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP
        GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK
        LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO
        NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS
        SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UZS VED VES WST XAD
        XCD XCG YER ZAR ZMW ZWG
    """,
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
"""ISO 4217 list one with its amendments up to January 2026 (Bulgaria in the euro area)."""

_MINOR_UNITS = {
    code: places for places, codes in _CODES_BY_MINOR_UNITS.items() for code in codes.split()
}
