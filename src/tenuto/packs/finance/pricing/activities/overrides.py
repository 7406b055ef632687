"""Which overrides price today: those of the request, and those that the prior set hands on."""

from collections.abc import Iterable, Iterator

import polars as pl

from tenuto.core.people import person
from tenuto.packs.finance.models import Problem
from tenuto.packs.finance.pricing.models import Override, PricingAudit, PricingRequest

Overrides = tuple[Override, ...]


def sort_overrides(
    request: PricingRequest, audit: PricingAudit | None, instruments: pl.DataFrame
) -> tuple[Overrides, Overrides]:
    """Those in force on the date, one per instrument, the latest; and those that have ended.

    One has ended when its last day is past, or when the instrument it was handed on for has left
    the security master or is kept in another currency or unit now.
    """
    known = {each.override_id: each for each in (audit.overrides if audit else ())}
    known |= {each.override_id: each for each in request.overrides}
    kept_in = _kept_in(instruments)
    in_force: dict[str, Override] = {}
    ended = []
    for each in sorted(known.values(), key=lambda each: (each.effective, each.made_at)):
        fits = kept_in.get(each.instrument_id) == (each.currency, each.unit)
        if each.expires_on < request.date or not fits:
            ended.append(each)
        elif each.effective <= request.date:
            in_force[each.instrument_id] = each
    return tuple(in_force[name] for name in sorted(in_force)), tuple(ended)


def override_problems(
    overrides: Iterable[Override], instruments: pl.DataFrame
) -> Iterator[Problem]:
    """What is wrong with the overrides of a request."""
    kept_in = _kept_in(instruments)
    for override in overrides:
        if override.instrument_id not in kept_in:
            found, remedy = "it is not in the security master", "add it, or drop the override"
        elif kept_in[override.instrument_id] != (override.currency, override.unit):
            currency, unit = kept_in[override.instrument_id]
            found = f"it is in {override.currency} per `{override.unit}`, the security master in "
            found += f"{currency} per `{unit}`"
            remedy = "drop the override and make a new one"
        elif person(override.by) == person(override.approver):
            found, remedy = f"{override.by} made and approved it", "have somebody else approve it"
        else:
            continue
        yield Problem(
            code="pricing.override-invalid",
            file=f"override {override.override_id}",
            found=found,
            remedy=remedy,
            instrument_id=override.instrument_id,
        )


def _kept_in(instruments: pl.DataFrame) -> dict[str, tuple[str, str]]:
    rows = instruments.select("instrument_id", "currency", "unit").iter_rows()
    return {name: (currency, unit) for name, currency, unit in rows}
