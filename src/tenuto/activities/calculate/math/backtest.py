"""Whether the losses beyond a value at risk are as many as it promised.

Kupiec: P. Kupiec, Techniques for Verifying the Accuracy of Risk Measurement Models, Journal of
Derivatives, winter 1995. Zones: Basel Committee, Supervisory framework for the use of
"backtesting", January 1996, table 2.
"""

import math
from decimal import Decimal
from fractions import Fraction
from statistics import NormalDist

from tenuto.activities.calculate.math.floats import rounded
from tenuto.activities.calculate.math.statistics import PLACES
from tenuto.catalog.library.calculate.risk import KupiecTest, TrafficLight, Zone

BASEL_DAYS = 250
BASEL_CONFIDENCE = Fraction(99, 100)
_YELLOW_FROM, _RED_FROM = 0.95, 0.9999
_INCREASES = ("0", "0", "0", "0", "0", "0.40", "0.50", "0.65", "0.75", "0.85")
_RED_INCREASE = "1.00"


def kupiec(observations: int, exceptions: int, probability: float, confidence: float) -> KupiecTest:
    """The test of `exceptions` in `observations` days against a daily `probability`."""
    statistic = likelihood_ratio(observations, exceptions, probability)
    critical = NormalDist().inv_cdf((1 + confidence) / 2) ** 2
    fitting = [
        count
        for count in range(observations + 1)
        if likelihood_ratio(observations, count, probability) <= critical
    ]
    return KupiecTest(
        statistic=rounded(statistic, PLACES),
        p_value=rounded(math.erfc(math.sqrt(statistic / 2)), PLACES),
        critical_value=rounded(critical, PLACES),
        is_rejected=statistic > critical,
        fewest=min(fitting, default=0),
        most=max(fitting, default=0),
    )


def likelihood_ratio(observations: int, exceptions: int, probability: float) -> float:
    """-2 ln of the likelihood at `probability` over the likelihood at the observed share."""
    share = exceptions / observations
    successes = observations - exceptions
    ratio = 0.0
    if exceptions:
        ratio += exceptions * math.log(share / probability)
    if successes:
        ratio += successes * math.log((1 - share) / (1 - probability))
    return max(2 * ratio, 0.0)


def traffic_light(observations: int, exceptions: int, probability: Fraction) -> TrafficLight:
    """Yellow from a cumulative probability of 95 %, red from 99.99 %."""
    cumulative = _cumulative(observations, exceptions, probability)
    is_basel = observations == BASEL_DAYS and probability == 1 - BASEL_CONFIDENCE
    increase = _INCREASES[exceptions] if exceptions < len(_INCREASES) else _RED_INCREASE
    return TrafficLight(
        zone=_zone(cumulative),
        cumulative_probability=rounded(cumulative, PLACES),
        increase=Decimal(increase) if is_basel else None,
    )


def _zone(cumulative: float) -> Zone:
    if cumulative < _YELLOW_FROM:
        return "green"
    return "yellow" if cumulative < _RED_FROM else "red"


def _cumulative(observations: int, exceptions: int, probability: Fraction) -> float:
    """Of `exceptions` or fewer, binomial; by logarithms, so that no factor under- or overflows."""
    hit, miss = math.log(probability), math.log1p(-float(probability))
    terms = (
        math.exp(
            math.lgamma(observations + 1)
            - math.lgamma(count + 1)
            - math.lgamma(observations - count + 1)
            + count * hit
            + (observations - count) * miss
        )
        for count in range(exceptions + 1)
    )
    return min(math.fsum(terms), 1.0)
