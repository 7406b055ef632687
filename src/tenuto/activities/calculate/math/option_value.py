"""Plain options through QuantLib: Black's formula for European exercise, three ways for American.

European: F. Black and M. Scholes 1973, R. Merton 1973, F. Black 1976, M. Garman and S. Kohlhagen
1983. American: G. Barone-Adesi and R. Whaley 1987; the binomial tree of Cox, Ross, and Rubinstein
1979; finite differences. Rates are continuous, numbers are floats.

No calendar enters. An option over T years at rate r and volatility s is worth the same as one
over a single year at rT and s times the root of T, so the numerical engines always price one
year, on dates that lie beyond any evaluation date the process could have.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import QuantLib as ql  # type: ignore[import-untyped]  # noqa: N813 (its own short name)

from tenuto.core.errors import DataError

Method = Literal["european", "barone-adesi-whaley", "binomial", "finite-difference"]

_START, _EXPIRY = ql.Date(1, 1, 2190), ql.Date(1, 1, 2191)  # 365 days
_DAY_COUNT = ql.Actual365Fixed()
_LOWEST, _HIGHEST = 1e-4, 10.0
_ACCURACY = 1e-12
_NUMERICAL_ACCURACY = 1e-9
_MOST_STEPS = 500
_VOLATILITY_STEP, _RATE_STEP, _SPOT_STEP, _TIME_STEP = 1e-3, 1e-3, 1e-3, 1e-3


@dataclass(frozen=True)
class Option:
    """A plain option; `carry` equals `rate` for an option on a forward."""

    is_call: bool
    method: Method
    steps: int
    spot: float
    strike: float
    years: float
    rate: float
    carry: float


@dataclass(frozen=True)
class Greeks:
    """Value and sensitivities, as `OptionValue` describes them."""

    price: float
    delta: float
    gamma: float
    vega: float
    theta: float
    rho: float
    carry_rho: float


def value(option: Option, volatility: float) -> float:
    """What the option is worth."""
    if option.method == "european":
        return float(_black(option, volatility).value())
    return float(_american(option, volatility).NPV())


def sensitivities(option: Option, volatility: float) -> Greeks:
    """Value and sensitivities: by formula for European exercise.

    For American exercise delta, gamma, and theta come from the tree or grid, all others by
    central differences.
    """
    if option.method == "european":
        return _european_greeks(option, volatility)
    return _american_greeks(option, volatility)


def implied_volatility(option: Option, price: float) -> float:
    """The volatility at which the option is worth `price`, to 1e-9 or better.

    Raises DataError `calculate.no-implied-volatility` when none up to 1000 % does.
    """

    def excess(volatility: float) -> float:
        return value(option, volatility) - price

    lowest = _lowest_volatility(option)
    low, high = value(option, lowest), value(option, _HIGHEST)
    if not low < price < high:
        raise DataError(
            f"No volatility gives a price of {price}: the option is worth between {low:.6f} and "
            f"{high:.6f}; check price, rate, and time.",
            code="calculate.no-implied-volatility",
        )
    accuracy = _ACCURACY if option.method == "european" else _NUMERICAL_ACCURACY
    solver = ql.Brent()
    solver.setMaxEvaluations(_MOST_STEPS)
    return float(solver.solve(excess, accuracy, max(0.2, 2 * lowest), lowest, _HIGHEST))


def _lowest_volatility(option: Option) -> float:
    """The least that can be priced: below it a tree's probabilities leave 0 to 1."""
    if option.method != "binomial":
        return _LOWEST
    drift = abs(option.rate - option.carry) * math.sqrt(option.years / option.steps)
    return max(_LOWEST, 1.01 * drift)


def _black(option: Option, volatility: float) -> ql.BlackCalculator:
    payoff = ql.PlainVanillaPayoff(
        ql.Option.Call if option.is_call else ql.Option.Put, option.strike
    )
    forward = option.spot * math.exp((option.rate - option.carry) * option.years)
    discount = math.exp(-option.rate * option.years)
    return ql.BlackCalculator(payoff, forward, volatility * math.sqrt(option.years), discount)


def _european_greeks(option: Option, volatility: float) -> Greeks:
    black = _black(option, volatility)
    return Greeks(
        price=black.value(),
        delta=black.delta(option.spot),
        gamma=black.gamma(option.spot),
        vega=black.vega(option.years),
        theta=black.theta(option.spot, option.years),
        rho=black.rho(option.years),
        carry_rho=black.dividendRho(option.years),
    )


def _american(option: Option, volatility: float) -> ql.VanillaOption:
    """The same option over one year."""
    root = math.sqrt(option.years)
    process = ql.GeneralizedBlackScholesProcess(
        ql.QuoteHandle(ql.SimpleQuote(option.spot)),
        _flat(option.carry * option.years),
        _flat(option.rate * option.years),
        ql.BlackVolTermStructureHandle(
            ql.BlackConstantVol(_START, ql.NullCalendar(), volatility * root, _DAY_COUNT)
        ),
    )
    payoff = ql.PlainVanillaPayoff(
        ql.Option.Call if option.is_call else ql.Option.Put, option.strike
    )
    american = ql.VanillaOption(payoff, ql.AmericanExercise(_START, _EXPIRY))
    american.setPricingEngine(_engine(option, process))
    return american


def _engine(option: Option, process: ql.GeneralizedBlackScholesProcess) -> ql.PricingEngine:
    match option.method:
        case "barone-adesi-whaley":
            return ql.BaroneAdesiWhaleyApproximationEngine(process)
        case "binomial":
            return ql.BinomialCRRVanillaEngine(process, option.steps)
        case _:
            return ql.FdBlackScholesVanillaEngine(process, option.steps, option.steps)


def _flat(rate: float) -> ql.YieldTermStructureHandle:
    return ql.YieldTermStructureHandle(
        ql.FlatForward(_START, rate, _DAY_COUNT, ql.Continuous, ql.Annual)
    )


def _american_greeks(option: Option, volatility: float) -> Greeks:
    priced = _american(option, volatility)
    price = float(priced.NPV())
    if option.method == "barone-adesi-whaley":
        delta, gamma, theta = _by_differences(option, volatility, price)
    else:
        delta, gamma = priced.delta(), priced.gamma()
        theta = priced.theta() / option.years
    return Greeks(
        price=price,
        delta=delta,
        gamma=gamma,
        vega=_slope(lambda step: value(option, volatility + step), _VOLATILITY_STEP * volatility),
        theta=theta,
        rho=_slope(
            lambda step: value(replace(option, rate=option.rate + step), volatility), _RATE_STEP
        ),
        carry_rho=_slope(
            lambda step: value(replace(option, carry=option.carry + step), volatility), _RATE_STEP
        ),
    )


def _by_differences(option: Option, volatility: float, price: float) -> tuple[float, float, float]:
    """`(delta, gamma, theta)`."""
    step = _SPOT_STEP * option.spot
    up = value(replace(option, spot=option.spot + step), volatility)
    down = value(replace(option, spot=option.spot - step), volatility)
    theta = -_slope(
        lambda change: value(replace(option, years=option.years + change), volatility),
        _TIME_STEP * option.years,
    )
    return (up - down) / (2 * step), (up - 2 * price + down) / step**2, theta


def _slope(function: Callable[[float], float], step: float) -> float:
    return (function(step) - function(-step)) / (2 * step)
