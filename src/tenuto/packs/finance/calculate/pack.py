"""The calculations of fund accounting as a pack."""

from tenuto.core.pack import Pack

_CALCULATE = "tenuto.packs.finance.calculate"

pack = Pack(
    name="fund-calculations",
    summary="Fund accounting as single steps: accrued interest, fees, share classes.",
    catalog=(f"{_CALCULATE}.catalog",),
    activities=tuple(
        f"{_CALCULATE}.activities.{step}" for step in ("accruals", "fees", "share_classes")
    ),
    passthrough=(
        "tenuto.packs.finance.models",
        "tenuto.packs.finance.math.day_count",
        "tenuto.packs.finance.nav.models",
        f"{_CALCULATE}.models",
    ),
    extra="finance",
    needs=("polars",),
)
