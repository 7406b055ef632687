"""How much a receiver takes on, whoever sends it."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What is more is sent again later."""

    at_once: int = 256
    """Deliveries that are worked on at the same time."""
    body_s: float = 20.0
    """So long a sender may take for a whole body, in seconds."""
