"""Calling a pure function so that the caller's stack decides nothing."""

from collections.abc import Callable
from threading import Thread
from typing import TypeVar

Result = TypeVar("Result")


def on_enough_stack(function: Callable[[], Result]) -> Result:
    """What `function` returns or raises; it may be called twice.

    Python allows 1,000 nested calls in all. Where the caller has used up too many, `function` is
    called again in a thread of its own, whose stack is empty. Budgets stop it there long before
    the limit; should they not, RuntimeError says so: that is a defect, not an outcome.
    """
    try:
        return function()
    except RecursionError:
        return _in_own_thread(function)


def _in_own_thread(function: Callable[[], Result]) -> Result:
    results: list[Result] = []
    failures: list[BaseException] = []

    def call() -> None:
        try:
            results.append(function())
        except BaseException as exc:  # noqa: BLE001 (raised again below, in the caller's thread)
            failures.append(exc)

    thread = Thread(target=call, name="expression")
    thread.start()
    thread.join()
    if results:
        return results[0]
    (failure,) = failures
    if not isinstance(failure, RecursionError):
        raise failure
    raise RuntimeError(
        "An expression ran into Python's recursion limit before its own. Set"
        " `sys.setrecursionlimit` to 1,000 or more, or report the expression."
    ) from failure
