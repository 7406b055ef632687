"""Value at risk and expected shortfall of periodic returns, as positive losses.

Definitions as in J. Hull, Options, Futures, and Other Derivatives, chapter "Value at Risk and
Expected Shortfall".
"""

import math
from collections.abc import Sequence
from fractions import Fraction
from statistics import NormalDist
from typing import Literal

from tenuto.activities.calculate.math.statistics import mean
from tenuto.core.errors import DataError

Quantile = Literal["worst", "inverse", "interpolated"]


def historical(
    returns: Sequence[float], confidence: Fraction, quantile: Quantile
) -> tuple[float, float]:
    """`(value at risk, expected shortfall)` of one period.

    The shortfall is the mean of the losses that are at least the value at risk; with ties at the
    `worst` rank, only as many as the rank counts. Raises DataError `calculate.too-few-returns`
    when the tail would be less than one observation.
    """
    losses = sorted((-value for value in returns), reverse=True)
    tail = len(losses) * (1 - confidence)
    if tail < 1:
        needed = math.ceil(1 / (1 - confidence))
        raise DataError(
            f"{len(losses)} returns say nothing about a loss at {float(confidence)}: at least "
            f"{needed} are needed. Supply a longer history, or use the `normal` method.",
            code="calculate.too-few-returns",
        )
    rank = math.floor(tail)
    if quantile == "worst":
        return losses[rank - 1], mean(losses[:rank])
    if quantile == "inverse":
        value = losses[len(losses) - math.ceil(len(losses) * confidence)]
    else:
        value = _interpolated(losses, confidence)
    return value, mean([loss for loss in losses if loss >= value])


def normal(centre: float, spread: float, confidence: float, horizon: int) -> tuple[float, float]:
    """`(value at risk, expected shortfall)` of a normal return over `horizon` periods."""
    score = NormalDist().inv_cdf(confidence)
    scaled = spread * math.sqrt(horizon)
    tail = NormalDist().pdf(score) / (1 - confidence)
    return score * scaled - centre * horizon, tail * scaled - centre * horizon


def _interpolated(losses: Sequence[float], confidence: Fraction) -> float:
    """Linear between ranks: spreadsheets' PERCENTILE.INC of the losses."""
    place = (len(losses) - 1) * (1 - confidence)
    below = math.floor(place)
    share = float(place - below)
    if not share:
        return losses[below]
    return losses[below] + share * (losses[below + 1] - losses[below])
