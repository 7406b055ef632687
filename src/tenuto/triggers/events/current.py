"""What triggers of this process's project can start, so that an activity need not be handed it."""

from collections.abc import Callable
from functools import cache

from tenuto.core.errors import UsageError
from tenuto.triggers.events.targets import Targets

_find: Callable[[], Targets] | None = None


def use_targets(find: Callable[[], Targets] | None) -> None:
    """Makes what `find` gives that of this process; it is asked once, when it is needed."""
    global _find
    _find = None if find is None else cache(find)


def current_targets() -> Targets:
    """What `use_targets` was given. Raises UsageError `triggers.no-targets` where nothing was."""
    if _find is None:
        raise UsageError(
            "This worker does not know what triggers can start. Start it with `tenuto up` or"
            " `tenuto worker`.",
            code="triggers.no-targets",
        )
    return _find()
