"""Binding a body to its entry, so that the two cannot drift apart."""

import inspect
import typing
from collections.abc import Callable
from typing import Any, TypeVar

from temporalio import activity as temporal_activity

from tenuto.catalog.entries import ActivityEntry
from tenuto.core.errors import UsageError

BodyT = TypeVar("BodyT", bound=Callable[..., Any])


def implements(entry: ActivityEntry[Any, Any]) -> Callable[[BodyT], BodyT]:
    """Declares a function as the body of `entry` and as a Temporal activity of its name.

    Raises UsageError, at import, when the function does not take exactly one `entry.request`
    and return `entry.result`.
    """

    def bind(body: BodyT) -> BodyT:
        _refuse_other_signature(entry, body)
        return temporal_activity.defn(name=entry.name)(body)

    return bind


def _refuse_other_signature(entry: ActivityEntry[Any, Any], body: Callable[..., Any]) -> None:
    hints = typing.get_type_hints(body)
    returned = hints.pop("return", None)
    parameters = list(inspect.signature(body).parameters)
    taken = [hints.get(name) for name in parameters]
    if taken != [entry.request] or returned is not entry.result:
        raise UsageError(
            f"`{body.__qualname__}` takes {_names(taken)} and returns {_names([returned])}, but"
            f" catalog entry `{entry.name}` says {_names([entry.request])} ->"
            f" {_names([entry.result])}; change one of them.",
            code="catalog.signature-differs",
            details={"entry": entry.name, "body": f"{body.__module__}:{body.__qualname__}"},
        )


def _names(types: list[Any]) -> str:
    return "(" + ", ".join(getattr(each, "__name__", str(each)) for each in types) + ")"
