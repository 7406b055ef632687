"""Step 7: a run's breaks handed to the break desk, which is opened if it is not there."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl
from temporalio import activity
from temporalio.client import Client, WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError, RPCStatusCode

from tenuto.activities.dealing_days import add_dealing_days
from tenuto.artifacts.current import current_store
from tenuto.catalog import implements
from tenuto.core.errors import TransientError, UsageError
from tenuto.core.references import Dataset
from tenuto.packs.finance.reconciliation import catalog
from tenuto.packs.finance.reconciliation.activities.ask_desk import desk_id
from tenuto.packs.finance.reconciliation.cases import (
    DESK_LIMIT,
    BreakCase,
    ClosedBreak,
    DeskRequest,
    TakeBreaks,
    TakenBreaks,
)
from tenuto.packs.finance.reconciliation.handoffs import TellDeskRequest, ToldDesk
from tenuto.packs.finance.reconciliation.models import Priority
from tenuto.packs.finance.reconciliation.rules import RecRules


@implements(catalog.tell_desk)
async def tell_desk(request: TellDeskRequest) -> ToldDesk:
    """What the desk now holds.

    Raises TransientError `reconciliation.desk-silent` when the desk does not answer, UsageError
    `reconciliation.time-invalid` when the rules' time of notices is none.
    """
    client = activity.client()
    named = desk_id(request.rules.rec_id)
    try:
        held = await _held(client, named)
        take = await asyncio.to_thread(_take, request, held)
        taken = await _hand_over(client, named, take)
    except RPCError as exc:
        raise TransientError(
            f"The break desk {named} does not take the breaks ({exc.message}); a worker of queue "
            f"`{catalog.QUEUE}` must run. It is told again under the retry policy.",
            code="reconciliation.desk-silent",
        ) from exc
    return ToldDesk(workflow_id=named, open=taken.open, closed=taken.closed, beyond=taken.beyond)


async def _held(client: Client, named: str) -> set[str]:
    """Open breaks of the desk; none where it is not there or was closed."""
    desk = client.get_workflow_handle(named)
    try:
        return set(await desk.query("held", result_type=tuple[str, ...]))
    except RPCError as exc:
        if exc.status is RPCStatusCode.NOT_FOUND:
            return set()
        raise


async def _hand_over(client: Client, named: str, take: TakeBreaks) -> TakenBreaks:
    entry = catalog.break_desk
    request = DeskRequest(rules=take.rules)
    opening: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
        entry.type_name,
        request,
        id=named,
        task_queue=entry.queue,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        search_attributes=entry.filled_search_attributes(request),
        static_summary=entry.summary,
    )
    taken: TakenBreaks = await client.execute_update_with_start_workflow(
        "take",
        take,
        id=take.run_id,
        start_workflow_operation=opening,
        result_type=TakenBreaks,
    )
    return taken


def _take(request: TellDeskRequest, held: set[str]) -> TakeBreaks:
    store = current_store()
    breaks = store.get_table(request.breaks).filter(pl.col("status") != "RESOLVED")
    ranks = {name: rank for rank, name in enumerate(get_args(Priority))}
    chosen = breaks.sort(
        pl.col("priority").replace_strict(ranks, return_dtype=pl.Int8),
        pl.col("variance_base").abs(),
        "break_id",
        descending=[False, True, False],
        nulls_last=False,
    ).head(DESK_LIMIT)
    return TakeBreaks(
        run_id=request.run_id,
        date=request.date,
        rules=request.rules,
        cases=tuple(_cases(chosen, request.rules)),
        closed=tuple(_closed(request.closed, held)),
        beyond=breaks.height - chosen.height,
    )


def _cases(breaks: pl.DataFrame, rules: RecRules) -> Iterator[BreakCase]:
    moments = _Moments(rules)
    shared = set(BreakCase.model_fields) & set(breaks.columns) - {"status", "resolution"}
    for row in breaks.iter_rows(named=True):
        items = [row[f"{side}_item"] for side in ("ours", "theirs", "third")]
        is_pending = row["resolution"].startswith("auto:")
        yield BreakCase.model_validate(
            {name: row[name] for name in shared}
            | {
                "items": tuple(item for item in items if item is not None),
                "settle_date": row["settle_date"] if is_pending else None,
                "notify_at": moments.after(row["first_seen"], rules.sla.notify_after),
                "escalate_at": moments.after(row["first_seen"], rules.sla.escalate_after),
            }
        )


def _closed(closed: Dataset, held: set[str]) -> Iterator[ClosedBreak]:
    table = current_store().get_table(closed).filter(pl.col("break_id").is_in(list(held)))
    for break_id, reason in table.select("break_id", "reason").iter_rows():
        yield ClosedBreak(break_id=break_id, reason=reason)


class _Moments:
    """The moment, UTC, at which a break reaches an age, each worked out once."""

    def __init__(self, rules: RecRules) -> None:
        self._calendar = rules.calendar
        clock, _, zone = rules.sla.at.partition(" ")
        try:
            self._time = time.fromisoformat(clock).replace(tzinfo=ZoneInfo(zone))
        except (ValueError, ZoneInfoNotFoundError) as exc:
            raise UsageError(
                f"`{rules.sla.at}` (rules' `sla.at`) is not a time of day in a time zone; write it "
                "like `09:00 Europe/Luxembourg`.",
                code="reconciliation.time-invalid",
            ) from exc
        self._known: dict[tuple[date, int], datetime] = {}

    def after(self, first_seen: date, days: int) -> datetime:
        """So many dealing days after `first_seen`, at the rules' time of day."""
        key = (first_seen, days)
        if key not in self._known:
            day = add_dealing_days(self._calendar, first_seen, days)
            self._known[key] = datetime.combine(day, self._time).astimezone(UTC)
        return self._known[key]
