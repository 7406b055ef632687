"""Plain Temporal code, as an agent may be granted it."""

from decimal import Decimal

from temporalio import activity


@activity.defn
def tally(item: str, weight: Decimal, times: int = 2) -> str:
    """Weigh an item several times."""
    return f"{item}: {weight * times}"
