"""Levels of the fair value hierarchy (IFRS 13.72-90, ASC 820-10-35-37 to 54)."""

from typing import Literal

from tenuto.packs.finance.pricing.models import Level

Evidence = Literal[
    "own-market-today",
    "own-market-earlier",
    "evaluated",
    "administrator",
    "several-brokers",
    "one-broker",
    "model",
    "person",
]
"""What a price rests on."""

LEVELS: dict[Evidence, Level] = {
    "own-market-today": 1,
    "own-market-earlier": 2,
    "evaluated": 2,
    "administrator": 2,
    "several-brokers": 2,
    "one-broker": 3,
    "model": 2,
    "person": 3,
}
"""The best level each kind of evidence can have.

A quoted price of the identical instrument in its market is level 1, adjusted or old it is not
(IFRS 13.79); a quote that may not bind is as good as what confirms it; a model is at best level
2, matrix pricing included."""


def level_of(evidence: Evidence, *others: int | None) -> Level:
    """The lowest of the evidence's level and those of its inputs and of the master's hint.

    The level of a price is that of its lowest significant input (IFRS 13.73); None does not count.
    """
    known = {LEVELS[evidence], *(each for each in others if each is not None)}
    return 3 if 3 in known else 2 if 2 in known else 1
