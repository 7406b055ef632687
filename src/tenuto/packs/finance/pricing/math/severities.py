"""What each check does when it fails, unless a policy says otherwise."""

from typing import Literal

from tenuto.packs.finance.pricing.policy import PricingPolicy, RuleId, Severity

Outcome = Literal["pass", "warn", "review", "committee"]
ORDER: tuple[Outcome, ...] = ("pass", "warn", "review", "committee")

DEFAULTS: dict[RuleId, Severity] = {
    "missing": "review",
    "not-positive": "warn",
    "stale": "review",
    "unchanged": "review",
    "own-change": "review",
    "volatility": "review",
    "benchmark": "review",
    "peer": "review",
    "sector": "review",
    "source-spread": "review",
    "bid-over-ask": "warn",
    "outside-spread": "warn",
    "currency": "warn",
    "unit": "warn",
    "unit-change": "warn",
    "corporate-action": "review",
    "yield-range": "review",
    "two-prices": "warn",
    "fx-change": "review",
    "fx-triangle": "review",
    "fair-value": "review",
    "override-expired": "warn",
}
"""A quote that cannot be used is skipped, so it only warns; a price that would be published and
looks wrong waits for a person."""


def severity_of(rule: RuleId, policy: PricingPolicy) -> Severity:
    """The policy's severity of a failed check, or the default."""
    return policy.severities.get(rule, DEFAULTS[rule])


def worst(outcomes: list[Outcome]) -> Outcome:
    """The most severe of `outcomes`; `pass` for none."""
    return max(outcomes, key=ORDER.index, default="pass")
