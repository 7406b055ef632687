"""The rules this process asks, so that an activity body need not be handed them."""

import threading

from tenuto.policy.decision import PolicyEngine

_lock = threading.Lock()
_chosen: PolicyEngine | None = None


def use_policy(engine: PolicyEngine | None) -> None:
    """Makes `engine` the one that `current_policy` returns in every thread; None: policy is off."""
    global _chosen
    with _lock:
        _chosen = engine


def current_policy() -> PolicyEngine | None:
    """The rules given to `use_policy`; None where policy is off."""
    with _lock:
        return _chosen
