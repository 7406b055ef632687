"""Step 1: the files of a set as typed tables, everything wrong with them, and the prior set."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl
from pydantic import ValidationError

from tenuto.activities.heartbeat import beat
from tenuto.artifacts.current import current_store
from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog import implements
from tenuto.core.references import Dataset, Document
from tenuto.packs.finance.inputs.columns import empty_table
from tenuto.packs.finance.inputs.reading import read_input
from tenuto.packs.finance.models import Problem
from tenuto.packs.finance.pricing import catalog
from tenuto.packs.finance.pricing.activities.history import earlier_prices, read_audit, sets_before
from tenuto.packs.finance.pricing.activities.identify import identified
from tenuto.packs.finance.pricing.activities.inputs import INPUTS
from tenuto.packs.finance.pricing.activities.overrides import override_problems, sort_overrides
from tenuto.packs.finance.pricing.activities.rules.market import other_problems, quote_problems
from tenuto.packs.finance.pricing.activities.rules.master import master_problems
from tenuto.packs.finance.pricing.activities.schemas import HISTORY, QUOTES, shaped
from tenuto.packs.finance.pricing.activities.waterfalls import with_defaults, with_rule
from tenuto.packs.finance.pricing.handoffs import CollectedQuotes, CollectQuotesRequest
from tenuto.packs.finance.pricing.models import PricingAudit, PricingRequest, SourceFile

LISTED = 100
"""Problems that travel in the result; the document has all."""


@dataclass(kw_only=True)
class _Read:
    """What was read so far."""

    tables: dict[str, pl.DataFrame] = field(default_factory=dict)
    files: list[SourceFile] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unreadable: set[str] = field(default_factory=set)


@implements(catalog.collect_quotes)
def collect_quotes(request: CollectQuotesRequest) -> CollectedQuotes:
    """Every input typed and stored; what cannot be read is a problem, not an exception."""
    asked, store = request.request, current_store()
    read = _read_all(asked, store)
    prior, audit = _prior(asked, store, read.problems)
    cut_off = _cut_off(asked, read.problems)
    instruments = with_rule(with_defaults(read.tables["instruments"], asked.policy), asked.policy)
    overrides, ended = sort_overrides(asked, audit, instruments)
    quotes = identified(read.tables["quotes"], instruments)
    read.problems += _found(read, asked, instruments, quotes)
    if "history" not in read.unreadable:
        read.tables["history"] = _history(read, asked, store)
    problems = sorted(read.problems, key=lambda each: (each.file, each.row or 0, each.code))
    return CollectedQuotes(
        instruments=store.put_table(instruments.sort("instrument_id", "row"), name="instruments"),
        quotes=store.put_table(
            shaped(quotes.with_columns(pl.col("moment").alias("received_at")), QUOTES),
            name="quotes",
        ),
        **_stored(read, store),
        prior=prior,
        prior_prices=audit.price_set if audit else None,
        overrides=overrides,
        expired_overrides=ended,
        files=tuple(read.files),
        policy_sha256=store.put_json(asked.policy, name="policy.json").sha256,
        cut_off=cut_off,
        count=len(problems),
        problems=tuple(problems[:LISTED]),
        all_problems=store.put_json(problems, name="problems.json") if problems else None,
    )


def _read_all(request: PricingRequest, store: ArtifactStore) -> _Read:
    read = _Read()
    for name, columns in INPUTS.items():
        parts = [empty_table(columns)]
        for document in _documents(request, name):
            file = document.name or name
            beat(f"reading {file}")
            found = read_input(file, document, columns, store)
            parts.append(found.table.with_columns(pl.lit(document.sha256).alias("sha256")))
            read.problems += found.problems
            read.files.append(_source_file(name, document, found.table.height))
            if not found.is_readable:
                read.unreadable.add(name)
        read.tables[name] = pl.concat(parts, how="diagonal")
    return read


def _documents(request: PricingRequest, name: str) -> tuple[Document, ...]:
    """In an order that does not depend on how the files were listed."""
    if name == "quotes":
        return tuple(sorted(request.quotes, key=lambda each: (each.name, each.sha256)))
    given: Document | None = getattr(request, name)
    return (given,) if given else ()


def _source_file(name: str, document: Document, rows: int) -> SourceFile:
    return SourceFile(
        input=name,
        name=document.name or name,
        uri=document.uri,
        sha256=document.sha256,
        bytes=document.bytes,
        rows=rows,
    )


def _found(
    read: _Read,
    request: PricingRequest,
    instruments: pl.DataFrame,
    quotes: pl.DataFrame,
) -> Iterator[Problem]:
    """Rules across files are left out where one of the files cannot be read."""
    yield from _same_file_twice(request)
    if "instruments" in read.unreadable:
        return
    yield from master_problems(instruments, request.policy)
    yield from override_problems(request.overrides, instruments)
    if not read.unreadable:
        yield from quote_problems(quotes)
        yield from other_problems(read.tables, instruments)


def _same_file_twice(request: PricingRequest) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for document in request.quotes:
        if document.sha256 in seen:
            yield Problem(
                code="pricing.file-twice",
                file=document.name or "quotes",
                found=f"the same bytes as `{seen[document.sha256]}`",
                remedy="give every quote file once",
            )
        seen[document.sha256] = document.name


def _prior(
    request: PricingRequest, store: ArtifactStore, problems: list[Problem]
) -> tuple[Document | None, PricingAudit | None]:
    document = request.prior
    if document is None:
        latest = next(sets_before(store, request.policy.policy_id, request.date), None)
        if latest is None:
            return None, None
        document = latest.audit
    file = document.name or "prior"
    try:
        audit = read_audit(store, document)
    except ValidationError as exc:
        what = f"not the audit of a price set: {exc.errors()[0]['msg']}"
        remedy = "give the `audit.json` of an earlier set, or leave `prior` out"
        problems.append(
            Problem(code="pricing.prior-unreadable", file=file, found=what, remedy=remedy)
        )
        return None, None
    if audit.policy.policy_id != request.policy.policy_id or audit.date >= request.date:
        what = f"the set of policy {audit.policy.policy_id} for {audit.date}"
        remedy = f"give one of {request.policy.policy_id} before {request.date}"
        problems.append(Problem(code="pricing.prior-differs", file=file, found=what, remedy=remedy))
        return None, None
    return document, audit


def _history(read: _Read, request: PricingRequest, store: ArtifactStore) -> pl.DataFrame:
    """The file's earlier prices, or those of published sets when there is no file."""
    given = shaped(read.tables["history"], HISTORY)
    if request.history is None:
        limits = request.policy.limits
        needed = max(limits.volatility_observations + 1, limits.unchanged_days or 0)
        given = earlier_prices(store, request.policy.policy_id, request.date, needed)
    return given.filter(pl.col("date") < request.date).sort("instrument_id", "date")


def _stored(read: _Read, store: ArtifactStore) -> dict[str, Dataset | None]:
    names = [name for name in INPUTS if name not in ("instruments", "quotes")]
    return {
        name: store.put_table(read.tables[name], name=name) if read.tables[name].height else None
        for name in names
    }


def _cut_off(request: PricingRequest, problems: list[Problem]) -> datetime | None:
    """The policy's cut-off on the date in UTC."""
    if request.policy.cut_off is None:
        return None
    moment = cut_off_moment(request.policy.cut_off, request.date)
    if moment is None:
        problems.append(
            Problem(
                code="pricing.cut-off-invalid",
                file="policy",
                field="cut_off",
                found=f"`{request.policy.cut_off}` is not a time of day in a time zone",
                remedy="write it like `18:00 Europe/Luxembourg`",
            )
        )
    return moment


def cut_off_moment(cut_off: str, day: date) -> datetime | None:
    """`18:00 Europe/Luxembourg` on `day`, UTC; None when it is no time in a time zone."""
    clock, _, zone = cut_off.partition(" ")
    try:
        local = datetime.combine(day, time.fromisoformat(clock), tzinfo=ZoneInfo(zone))
    except (ValueError, ZoneInfoNotFoundError):
        return None
    return local.astimezone(UTC)
