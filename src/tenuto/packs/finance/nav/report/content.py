"""The whole of what the PDF says, so that its template only sets it."""

import json
from typing import Any

import polars as pl

from tenuto.packs.finance.nav.models import NavResult
from tenuto.packs.finance.nav.report.figures import STAND_IN
from tenuto.packs.finance.nav.report.sections.checks import checks
from tenuto.packs.finance.nav.report.sections.classes import classes
from tenuto.packs.finance.nav.report.sections.cover import cover
from tenuto.packs.finance.nav.report.sections.fees import fees
from tenuto.packs.finance.nav.report.sections.holdings import holdings
from tenuto.packs.finance.nav.report.sections.movement import movement
from tenuto.packs.finance.nav.report.sections.net_assets import balances, net_assets
from tenuto.packs.finance.nav.report.sections.sources import carried_prices, fixings, inputs


def content(result: NavResult, result_sha256: str, positions: pl.DataFrame) -> dict[str, Any]:
    """JSON for `template/nav-pack.typ`. `positions` is the table behind `result.positions`."""
    said = {
        "cover": cover(result),
        "classes": classes(result),
        "movement": movement(result),
        "net_assets": net_assets(result),
        "balances": balances(result),
        "fees": fees(result),
        "holdings": holdings(result, positions),
        "checks": checks(result),
        "fixings": fixings(result),
        "carried_prices": carried_prices(result),
        "inputs": inputs(result, result_sha256),
    }
    has_stand_ins = STAND_IN in json.dumps(said, ensure_ascii=False)
    return said | {"has_stand_ins": has_stand_ins, "stand_in": STAND_IN}
