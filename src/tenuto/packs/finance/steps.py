"""What the steps of all finance packs share: why repeating is harmless, how long to try."""

from datetime import timedelta

from temporalio.common import RetryPolicy

SAME_BYTES = "The same inputs give the same bytes, and the store keeps equal bytes once."
PURE = "Reads pinned inputs and calculates; it changes nothing."
BOUND_ONCE = (
    "A name is bound once: to the same content again is nothing new, to other content is refused."
)

PATIENT = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    maximum_interval=timedelta(seconds=30),
    maximum_attempts=10,
)
