"""How much of a NAV rests on prices that people gave."""

import polars as pl

from tenuto.artifacts.current import current_store
from tenuto.catalog import implements
from tenuto.core.money import RoundingMode, divide, total
from tenuto.packs.finance.nav import catalog
from tenuto.packs.finance.nav.activities.history import read_result
from tenuto.packs.finance.nav.release_handoffs import WeighedOverrides, WeighOverridesRequest

_PLACES = 8


@implements(catalog.weigh_overrides)
def weigh_overrides(request: WeighOverridesRequest) -> WeighedOverrides:
    """The absolute value of those positions as a part of the NAV; None where the NAV is zero."""
    store = current_store()
    result = read_result(store, request.candidate)
    if result.nav == 0:
        return WeighedOverrides(part=None)
    rows = store.get_table(result.positions).filter(
        pl.col("instrument_id").is_in(request.instrument_ids)
    )
    value = total(abs(each) for each in rows["base_value"])
    part = divide(value, abs(result.nav), places=_PLACES, mode=RoundingMode.HALF_EVEN)
    return WeighedOverrides(part=part)
