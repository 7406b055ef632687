"""The calculations of fund accounting that any workflow can call."""

from datetime import timedelta

from tenuto.catalog import SideEffect, activity
from tenuto.packs.finance.calculate.models import (
    AccrualsRequest,
    AccrualsResult,
    FeesRequest,
    FeesResult,
    ShareClassesRequest,
    ShareClassesResult,
)

QUEUE = "compute"

_PURE = "Calculates from its request alone; it changes nothing."

accruals = activity(
    "calculate.accruals",
    request=AccrualsRequest,
    result=AccrualsResult,
    summary="Accrue the interest of bond positions by their day counts.",
    queue=QUEUE,
    start_to_close=timedelta(minutes=10),
    side_effect=SideEffect.ARTIFACTS,
    idempotency="The same inputs give the same bytes, and the store keeps equal bytes once.",
)

fees = activity(
    "calculate.fees",
    request=FeesRequest,
    result=FeesResult,
    summary="Accrue fees for a period: percentage, fixed, tiered, budget, with cap and floor.",
    queue=QUEUE,
    start_to_close=timedelta(minutes=2),
    idempotency=_PURE,
)

share_classes = activity(
    "calculate.share_classes",
    request=ShareClassesRequest,
    result=ShareClassesResult,
    summary="Share net assets among classes to the cent and divide by units.",
    queue=QUEUE,
    start_to_close=timedelta(minutes=2),
    idempotency=_PURE,
)
