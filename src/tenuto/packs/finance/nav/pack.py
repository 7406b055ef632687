"""Daily NAV as a pack."""

from tenuto.core.pack import Pack

_NAV = "tenuto.packs.finance.nav"

pack = Pack(
    name="nav",
    summary="Daily NAV: strike, check, release, and distribute a fund's net asset value.",
    catalog=(f"{_NAV}.catalog",),
    workflows=(f"{_NAV}.workflow:DailyNav",),
    activities=tuple(
        f"{_NAV}.activities.{step}"
        for step in (
            "collect_inputs",
            "validate_inputs",
            "value_positions",
            "value_balances",
            "accrue_fees",
            "allocate_classes",
            "explain_movement",
            "measure_performance",
            "check_tolerances",
            "finalise",
            "render",
            "publish",
            "deliver",
        )
    ),
    passthrough=(
        "tenuto.packs.finance.models",
        f"{_NAV}.models",
        f"{_NAV}.handoffs",
        f"{_NAV}.catalog",
    ),
    extra="finance",
    needs=("holidays", "polars", "typst", "xlsxwriter"),
)
