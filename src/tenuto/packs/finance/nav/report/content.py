"""The whole of what the PDF says, so that its template only sets it."""

import json
from typing import Any

import polars as pl

from tenuto.activities.documents.figures import STAND_IN
from tenuto.packs.finance.nav.models import NavResult
from tenuto.packs.finance.nav.report.sections.checks import checks
from tenuto.packs.finance.nav.report.sections.classes import classes
from tenuto.packs.finance.nav.report.sections.cover import cover
from tenuto.packs.finance.nav.report.sections.events import (
    corporate_actions,
    dealing,
    hedges,
    performance_fees,
)
from tenuto.packs.finance.nav.report.sections.exposure import exposure
from tenuto.packs.finance.nav.report.sections.fees import fees
from tenuto.packs.finance.nav.report.sections.holdings import holdings
from tenuto.packs.finance.nav.report.sections.movement import movement
from tenuto.packs.finance.nav.report.sections.net_assets import balances, net_assets
from tenuto.packs.finance.nav.report.sections.proof import expected_nav, proof
from tenuto.packs.finance.nav.report.sections.sources import carried_prices, fixings, inputs

TEMPLATE = "packs/finance/nav/report/template/nav-pack.typ"
"""What the words are set by."""


def content(result: NavResult, result_sha256: str, positions: pl.DataFrame) -> dict[str, Any]:
    """JSON for `TEMPLATE`. `positions` is the table behind `result.positions`."""
    said = {
        "cover": cover(result),
        "classes": classes(result),
        "movement": movement(result),
        "net_assets": net_assets(result),
        "balances": balances(result),
        "fees": fees(result),
        "dealing": dealing(result),
        "performance_fees": performance_fees(result),
        "hedges": hedges(result),
        "corporate_actions": corporate_actions(result),
        "exposure": exposure(result, positions),
        "expected_nav": expected_nav(result),
        "proof": proof(result),
        "holdings": holdings(result, positions),
        "checks": checks(result),
        "fixings": fixings(result),
        "carried_prices": carried_prices(result),
        "inputs": inputs(result, result_sha256),
    }
    has_stand_ins = STAND_IN in json.dumps(said, ensure_ascii=False)
    return said | {"has_stand_ins": has_stand_ins, "stand_in": STAND_IN}
