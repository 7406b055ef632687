"""The entries of the asking workflows."""

from asking.models import AskRequest, AskResult
from tenuto.catalog.entries import workflow_entry

QUEUE = "asking"


def _entry(name: str, type_name: str, summary: str):  # type: ignore[no-untyped-def]
    return workflow_entry(
        name,
        type_name=type_name,
        request=AskRequest,
        result=AskResult,
        summary=summary,
        queue=QUEUE,
    )


asks = _entry("asks", "Asks", "Ask for everything, one after the other, and need approval.")
asks_at_once = _entry("asks-at-once", "AsksAtOnce", "Ask for everything at once.")
asks_or_goes_on = _entry("asks-or-goes-on", "AsksOrGoesOn", "Ask, and go on at a signal.")
asks_below = _entry("asks-below", "AsksBelow", "Ask in two runs of its own at once.")
asks_again = _entry("asks-again", "AsksAgain", "Ask, and again with a fresh history.")
