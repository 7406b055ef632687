"""Pricing as a pack."""

from tenuto.core.pack import Pack

_PRICING = "tenuto.packs.finance.pricing"

pack = Pack(
    name="pricing",
    summary="Pricing: from many quotes to one golden price per instrument, with its audit trail.",
    catalog=(f"{_PRICING}.catalog",),
    workflows=(f"{_PRICING}.workflow:PricingRun",),
    activities=tuple(
        f"{_PRICING}.activities.{step}"
        for step in (
            "collect_quotes",
            "check_quotes",
            "select_prices",
            "fair_value",
            "check_prices",
            "check_evidence",
            "finalise",
            "render_report",
            "publish",
        )
    ),
    passthrough=(
        "tenuto.packs.finance.models",
        f"{_PRICING}.policy",
        f"{_PRICING}.models",
        f"{_PRICING}.handoffs",
        f"{_PRICING}.catalog",
    ),
    commands=(
        (
            "prices",
            f"{_PRICING}.commands:prices",
            "Show published prices, and where each comes from.",
        ),
    ),
    extra="finance",
    needs=("holidays", "polars", "QuantLib", "typst", "xlsxwriter"),
)
