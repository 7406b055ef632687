"""Whatever dlt, a driver, or a source raised, as one failure with its first cause."""

from collections.abc import Iterator
from typing import Literal

from dlt.common.configuration.exceptions import ConfigurationException
from dlt.common.exceptions import TerminalException
from dlt.pipeline.exceptions import PipelineStepFailed

from tenuto.core.errors import DataError, NotFoundError, TenutoError, TransientError, UsageError
from tenuto.packs.sync.activities.loading.wire import Failed

_LONGEST = 1500
_SHORTEST_SECRET = 4
_STEPS = {
    "sync": "the destination could not be asked where the last sync ended",
    "extract": "the source could not be read",
    "normalize": "the rows could not be normalized",
    "load": "the rows could not be written to the destination",
}


def failed(error: BaseException, source: str, secrets: frozenset[str]) -> Failed:
    """The failure that `error` is, without any of `secrets`.

    What dlt calls terminal, and wrong configuration, is not tried again; everything unknown is.
    """
    chain = list(_chain(error))
    ours = next((each for each in chain if isinstance(each, TenutoError)), None)
    if ours is not None:
        wait = ours.details.get("retry_after_s")
        return Failed(
            kind=_kind(ours),
            code=ours.code,
            message=_clean(ours.message, secrets),
            retry_after_s=float(wait) if wait else None,
        )
    step = next((each.step for each in chain if isinstance(each, PipelineStepFailed)), "")
    cause = chain[-1]
    what = _STEPS.get(step, "it could not be loaded")
    message = f"`{source}`: {what}: {type(cause).__name__}: {cause}"
    is_final = any(isinstance(each, (TerminalException, ConfigurationException)) for each in chain)
    if is_final:
        message += " (final: the same will happen again until it is corrected)"
    return Failed(
        kind="DataError" if is_final else "TransientError",
        code="sync.load-refused" if is_final else "sync.load-failed",
        message=_clean(message, secrets),
    )


def raised(failure: Failed) -> TenutoError:
    """The error that stands for `failure` in the worker."""
    kinds: dict[str, type[TenutoError]] = {
        "UsageError": UsageError,
        "NotFoundError": NotFoundError,
        "DataError": DataError,
        "TransientError": TransientError,
    }
    wait = failure.retry_after_s
    details = {} if wait is None else {"retry_after_s": wait}
    return kinds[failure.kind](failure.message, code=failure.code, details=details)


def _kind(
    error: TenutoError,
) -> Literal["UsageError", "NotFoundError", "DataError", "TransientError"]:
    if isinstance(error, NotFoundError):
        return "NotFoundError"
    if isinstance(error, UsageError):
        return "UsageError"
    return "TransientError" if error.is_retryable else "DataError"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error, then what caused it, to the first cause."""
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        yield following
        if isinstance(following, PipelineStepFailed):
            following = following.exception
        else:
            hidden = following.__suppress_context__
            following = following.__cause__ or (None if hidden else following.__context__)


def _clean(text: str, secrets: frozenset[str]) -> str:
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, "***")
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
