"""The calculate area of the shared library as a pack."""

from tenuto.core.pack import Pack

_ENTRIES = "tenuto.catalog.library.calculate"
_BODIES = "tenuto.activities.calculate"

pack = Pack(
    name="calculate",
    summary="Calculate: performance, risk, valuation, bonds, options, currency forwards.",
    catalog=tuple(
        f"{_ENTRIES}.{module}"
        for module in ("performance", "risk", "valuation", "bonds", "options", "fx_forwards")
    ),
    activities=tuple(
        f"{_BODIES}.{module}"
        for module in (
            "performance",
            "risk",
            "var_backtest",
            "valuation",
            "bond",
            "option",
            "fx_forward",
        )
    ),
    passthrough=(f"{_ENTRIES}.series",),
    extra="calculate",
    needs=("QuantLib", "holidays", "polars", "pyxirr"),
)
