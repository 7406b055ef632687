"""What people are told about syncs, and why one failed, in words."""

from temporalio.exceptions import ApplicationError, FailureError, TimeoutType
from temporalio.exceptions import TimeoutError as TimedOut

from tenuto.catalog.library.notify.audience import Message
from tenuto.packs.sync.models import LoadResult, SourceOutcome

_LONGEST = 1500


def of_failure(source: str, why: str) -> Message:
    """A source could not be loaded, after its last attempt."""
    return Message(
        subject=f"Pipeline failed: {source}",
        text=f"Pipeline failed: {source}\nError: {why}"[:_LONGEST],
        level="failure",
        type="tenuto.sync.failed",
        data={"source_name": source, "error": why[:_LONGEST]},
    )


def of_success(source: str, loaded: LoadResult) -> Message:
    """A source was loaded, and what is odd about it."""
    rows = sum(loaded.row_counts.values())
    lines = [f"Pipeline completed: {source}", f"Loaded {rows} rows"]
    lines += [f"  {table}: {_told(loaded, table)}" for table in sorted(loaded.row_counts)]
    lines += [f"Warning: {each}" for each in loaded.warnings]
    return Message(
        subject=f"Pipeline completed: {source}" + (", with warnings" if loaded.warnings else ""),
        text="\n".join(lines),
        level="warning" if loaded.warnings else "success",
        type="tenuto.sync.completed",
        data={"source_name": source, "rows": rows, "warnings": list(loaded.warnings)},
    )


def of_summary(outcomes: tuple[SourceOutcome, ...]) -> Message:
    """How every source of a scheduled sync ended, the failed ones first."""
    failed = [each for each in outcomes if each.outcome != "loaded"]
    odd = any(each.result and each.result.warnings for each in outcomes)
    title = f"Scheduled sync: {len(failed)} of {len(outcomes)} sources failed"
    lines = [f"Pipeline failed: {each.source_name}\nError: {each.error_message}" for each in failed]
    for each in outcomes:
        if each.result is not None:
            rows = sum(each.result.row_counts.values())
            lines.append(f"Pipeline completed: {each.source_name}\nLoaded {rows} rows")
            lines += [f"Warning: {warning}" for warning in each.result.warnings]
    return Message(
        subject=title if failed else f"Scheduled sync: all {len(outcomes)} sources loaded",
        text="\n".join(lines),
        level="failure" if failed else "warning" if odd else "success",
        type="tenuto.sync.failed" if failed else "tenuto.sync.completed",
        data={"failed": [each.source_name for each in failed]},
    )


def why(error: BaseException) -> str:
    """The first cause of a failed step, in words."""
    cause = innermost(error)
    if isinstance(cause, TimedOut):
        kinds = {
            TimeoutType.START_TO_CLOSE: "it took longer than its timeout allows",
            TimeoutType.HEARTBEAT: "its worker stopped answering",
        }
        said = kinds.get(cause.type) if cause.type is not None else None
        return said or f"it timed out ({cause})"
    return str(getattr(cause, "message", None) or cause)


def innermost(error: BaseException) -> BaseException:
    """The failure below what the engine wrapped around it; of our own errors, the outermost."""
    while isinstance(error, FailureError) and not isinstance(error, ApplicationError):
        cause = error.cause
        if cause is None:
            return error
        error = cause
    return error


def is_timeout(cause: BaseException) -> bool:
    """Whether a step took too long, or its worker was lost."""
    return isinstance(cause, TimedOut)


def code_of(error: BaseException) -> str | None:
    """The stable code of one of our own errors as the engine carries it; None for others."""
    details = error.details[0] if isinstance(error, ApplicationError) and error.details else None
    return str(details.get("code")) if isinstance(details, dict) else None


def _told(loaded: LoadResult, table: str) -> str:
    merged = loaded.merged.get(table)
    if merged is None:
        return str(loaded.row_counts[table])
    return f"{loaded.row_counts[table]} ({merged.inserted} new, {merged.updated} updated)"
