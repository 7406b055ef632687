"""Step 1: the files of a strike as typed tables, and the NAV it rolls forward from."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl
from pydantic import ValidationError

from tenuto.activities.heartbeat import beat
from tenuto.artifacts.current import current_store
from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog import implements
from tenuto.core.references import Document
from tenuto.packs.finance.inputs.reading import read_input
from tenuto.packs.finance.models import Fund, Problem
from tenuto.packs.finance.nav import catalog
from tenuto.packs.finance.nav.activities.history import latest_before, read_result
from tenuto.packs.finance.nav.activities.inputs import INPUTS
from tenuto.packs.finance.nav.handoffs import CollectedInputs, CollectInputsRequest
from tenuto.packs.finance.nav.models import DailyNavRequest


@implements(catalog.collect_inputs)
def collect_inputs(request: CollectInputsRequest) -> CollectedInputs:
    """Every input typed and stored; what cannot be read is a problem, not an exception."""
    store = current_store()
    strike = request.request
    problems: list[Problem] = []
    unreadable: list[str] = []
    tables: dict[str, pl.DataFrame] = {}
    for name in INPUTS:
        parts = []
        for document in _documents(name, request):
            beat(f"reading {name}")
            read = read_input(document.name or name, document, INPUTS[name], store)
            parts.append(read.table)
            problems += read.problems
            if not read.is_readable:
                unreadable.append(name)
        if parts:
            tables[name] = pl.concat(parts)
    prior, wrong = _find_prior(strike, store)
    cut_off, wrong_time = _cut_off(strike.fund, strike.date)
    problems += [*wrong, *wrong_time, *_unknown_classes(strike)]
    return CollectedInputs(
        **{name: store.put_table(table, name=name) for name, table in tables.items()},
        swing_override=strike.swing_override,
        prior=prior,
        hashes=_hashes(request, prior, store),
        names={name: _file(name, getattr(strike, name)) for name in INPUTS},
        unreadable=tuple(sorted(set(unreadable))),
        problems=store.put_json(problems, name="problems.json") if problems else None,
        cut_off=cut_off,
    )


def _documents(name: str, request: CollectInputsRequest) -> list[Document]:
    given: Document | None = getattr(request.request, name)
    supplied = request.supplied if name == "prices" else ()
    return [*([given] if given else []), *supplied]


def _file(name: str, document: Document | None) -> str:
    return document.name if document and document.name else name


def _hashes(
    request: CollectInputsRequest, prior: Document | None, store: ArtifactStore
) -> dict[str, str]:
    hashes = {"fund": store.put_json(request.request.fund, name="fund.json").sha256}
    for name in INPUTS:
        document = getattr(request.request, name)
        if document is not None:
            hashes[name] = document.sha256
    for number, document in enumerate(request.supplied, start=1):
        hashes[f"prices supplied {number}"] = document.sha256
    if prior is not None:
        hashes["prior"] = prior.sha256
    return hashes


def _find_prior(
    request: DailyNavRequest, store: ArtifactStore
) -> tuple[Document | None, list[Problem]]:
    document = request.prior
    if document is None:
        found = latest_before(store, request.fund, request.nav_type, request.date)
        if found is None:
            return None, []
        document = found.document
    file = document.name or "prior"
    try:
        prior = read_result(store, document)
    except ValidationError as exc:
        what = f"not a NAV result: {exc.errors()[0]['msg']}"
        remedy = "give the `result.json` of an earlier NAV, or leave `prior` out"
        return None, [Problem(code="nav.prior-unreadable", file=file, found=what, remedy=remedy)]
    fund = request.fund
    expected = (fund.fund_id, fund.base_currency, request.nav_type)
    if (prior.fund_id, prior.base_currency, prior.nav_type) != expected:
        what = f"{prior.nav_type} NAV of {prior.fund_id} in {prior.base_currency}"
        remedy = f"give one of {fund.fund_id} in {fund.base_currency}, {request.nav_type}"
        return None, [Problem(code="nav.prior-differs", file=file, found=what, remedy=remedy)]
    if prior.date >= request.date:
        what = f"NAV of {prior.date}, which is not before {request.date}"
        return None, [
            Problem(
                code="nav.prior-differs",
                file=file,
                field="date",
                found=what,
                remedy="give an earlier NAV, or leave `prior` out",
            )
        ]
    return document, []


def _cut_off(fund: Fund, day: date) -> tuple[datetime | None, list[Problem]]:
    """The fund's cut-off on `day` in UTC."""
    if fund.cut_off is None:
        return None, []
    clock, _, zone = fund.cut_off.partition(" ")
    try:
        local = datetime.combine(day, time.fromisoformat(clock), tzinfo=ZoneInfo(zone))
    except (ValueError, ZoneInfoNotFoundError):
        return None, [
            Problem(
                code="nav.cut-off-invalid",
                file="fund",
                field="cut_off",
                found=f"`{fund.cut_off}` is not a time of day in a time zone",
                remedy="write it like `18:00 Europe/Luxembourg`",
            )
        ]
    return local.astimezone(UTC), []


def _unknown_classes(request: DailyNavRequest) -> list[Problem]:
    known = [each.class_id for each in request.fund.classes]
    return [
        Problem(
            code="nav.unknown-class",
            file="administrator_nav",
            field=class_id,
            found=f"the fund has no class `{class_id}`",
            remedy=f"valid are {', '.join(f'`{name}`' for name in known)}",
        )
        for class_id in request.administrator_nav
        if class_id not in known
    ]
