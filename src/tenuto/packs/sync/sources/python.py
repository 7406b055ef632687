"""A source of the project's own: a function that returns a dlt source or resource."""

import inspect
from typing import TYPE_CHECKING, Any

from tenuto.core.errors import UsageError
from tenuto.core.pack import resolve

if TYPE_CHECKING:
    from dlt.sources import DltSource

    from tenuto.packs.sync.port import Opening


def open_python(wanted: "Opening") -> "DltSource":
    """What the function returns when it is called with `config` and, by their names, the secrets
    as text and `window` (a `Window`, or None), where it has such parameters.

    Raises UsageError `pack.import-failed`, `sync.function-unfit`.
    """
    import dlt
    from dlt.extract.resource import DltResource
    from dlt.extract.source import DltSource

    reference = str(wanted.source.function)
    made = _call(resolve(reference), reference, wanted)
    if isinstance(made, DltSource):
        return made if made.name == wanted.name else made.clone(with_name=wanted.name)
    resources = made if isinstance(made, list | tuple) else [made]
    if not resources or not all(isinstance(each, DltResource) for each in resources):
        raise UsageError(
            f"`{reference}` returned a {type(made).__name__}, expected a dlt source, a dlt"
            " resource, or a list of these.",
            code="sync.function-unfit",
        )
    source: DltSource = dlt.source(lambda: list(resources), name=wanted.name)()
    return source


def _call(function: Any, reference: str, wanted: "Opening") -> Any:
    if not callable(function):
        raise UsageError(f"`{reference}` is no function.", code="sync.function-unfit")
    offered: dict[str, Any] = {
        name: secret.get_secret_value() for name, secret in wanted.secrets.items()
    }
    offered["window"] = wanted.window
    parameters = inspect.signature(function).parameters
    if wanted.window is not None and "window" not in parameters:
        raise UsageError(
            f"`{reference}` has no parameter `window`, so it cannot be backfilled; give it one, and"
            " let it return the rows from `window.start` to `window.end` when it is not None.",
            code="sync.no-window",
        )
    given = {name: value for name, value in offered.items() if name in parameters}
    unused = sorted(set(wanted.secrets) - set(given))
    if unused:
        raise UsageError(
            f"`{reference}` has no parameter `{unused[0]}` for that secret.",
            code="sync.function-unfit",
        )
    try:
        inspect.signature(function).bind(**given, **wanted.source.config)
    except TypeError as error:
        raise UsageError(
            f"`{reference}` does not take its `config`: {error}.", code="sync.function-unfit"
        ) from error
    return function(**given, **wanted.source.config)
