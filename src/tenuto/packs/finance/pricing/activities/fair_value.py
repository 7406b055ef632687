"""Step 4: the fair-value waterfall for what no source priced.

Prior price where the market is closed, then a broker's quote, then a model; what is left has no
price and is a person's to find.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from tenuto.activities.heartbeat import beat
from tenuto.catalog import implements
from tenuto.packs.finance.pricing import catalog
from tenuto.packs.finance.pricing.activities.ages import closed_markets
from tenuto.packs.finance.pricing.activities.models.inputs import ModelPrice, NoPrice
from tenuto.packs.finance.pricing.activities.models.library import ModelLibrary
from tenuto.packs.finance.pricing.activities.opened import OpenPricing, open_pricing
from tenuto.packs.finance.pricing.activities.rules.finding import shown
from tenuto.packs.finance.pricing.activities.schemas import CHECKS, PROPOSED
from tenuto.packs.finance.pricing.handoffs import FairValued, FairValueRequest
from tenuto.packs.finance.pricing.math.levels import level_of
from tenuto.packs.finance.pricing.math.severities import Outcome, severity_of

Row = dict[str, Any]
_PER_BEAT = 500


@implements(catalog.fair_value)
def fair_value(request: FairValueRequest) -> FairValued:
    """The proposed prices with those of fair value, and a finding for every one of them."""
    opened = open_pricing(request.pricing)
    store = opened.store
    proposed = store.get_table(request.selected.prices)
    valued = _Valuation(opened, store.get_table(request.checked.quotes), proposed)
    rows = list(valued.rows())
    prices = _with(proposed, [row for row, _ in rows])
    found = [finding for _, finding in rows]
    return FairValued(
        prices=store.put_table(prices, name="proposed prices"),
        findings=store.put_table(
            pl.DataFrame(found, schema=dict(CHECKS)).sort("instrument_id"), name="fair values"
        ),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Rung:
    """A rung that holds: what it changes in the price record, and why."""

    record: Row
    reason: str
    needs_person: bool


class _Valuation:
    """Everything one instrument's fair value may be made of."""

    def __init__(self, opened: OpenPricing, quotes: pl.DataFrame, proposed: pl.DataFrame) -> None:
        self._opened = opened
        self._without = proposed.filter(pl.col("price").is_null()).sort("instrument_id")
        names = self._without["instrument_id"]
        self._master = _by_name(opened.instruments, names)
        self._priors = _by_name(opened.priors, names)
        self._weights = dict(opened.weights.iter_rows())
        closed = closed_markets(opened.instruments["calendar"].unique(), opened.day)
        self._closed = frozenset(closed)
        self._broker_quotes = self._usable_broker_quotes(quotes, names)
        self._models = ModelLibrary(opened, proposed)

    def rows(self) -> Iterator[tuple[Row, Row]]:
        """Price record and finding of each instrument that has no price."""
        for number, row in enumerate(self._without.iter_rows(named=True)):
            if number % _PER_BEAT == 0:
                beat(f"fair value of {number} of {self._without.height}")
            yield self._value(row)

    def _value(self, row: Row) -> tuple[Row, Row]:
        name, tried = row["instrument_id"], []
        rungs: tuple[Callable[[str], _Rung | str], ...] = (self._prior, self._broker, self._model)
        for rung in rungs:
            held = rung(name)
            if isinstance(held, str):
                tried.append(held)
                continue
            outcome = self._outcome(name, held)
            reason = "; ".join([*tried, held.reason])
            record = held.record | {"reason": reason}
            return row | held.record | _inputs(record), _finding(
                name, "fair-value", outcome, reason
            )
        reason = "no source of the waterfall has a usable price; " + "; ".join(tried)
        return row, _finding(name, "missing", self._missing(name), reason + self._share(name))

    def _prior(self, name: str) -> _Rung | str:
        calendar = self._master[name]["calendar"]
        if calendar not in self._closed:
            return f"{calendar} is open, so the prior price does not stand"
        prior = self._priors.get(name)
        if prior is None:
            return f"{calendar} is closed, and there is no prior price"
        reason = f"{calendar} is closed on {self._opened.day}, so the prior price stands"
        record = {
            "method": "prior",
            "rule": "prior",
            "source": prior["prior_source"] or "history",
            "price": prior["prior_price"],
            "date": prior["prior_date"],
            "age_days": 0,
            "input_level": prior["prior_level"],
            "quote_ref": prior["prior_ref"],
        }
        return _Rung(record=record, reason=reason, needs_person=False)

    def _broker(self, name: str) -> _Rung | str:
        quotes = self._broker_quotes.get(name, [])
        if not quotes:
            return "no broker quotes it"
        first = quotes[0]
        evidence = "several-brokers" if self._agree(quotes) else "one-broker"
        record = {
            "method": "broker",
            "rule": "broker",
            "source": first["source"],
            "field": first["field"],
            "price": first["price"],
            "date": first["date"],
            "age_days": first["age_days"],
            "input_level": level_of("several-brokers" if self._agree(quotes) else "one-broker"),
            "quote_ref": first["quote_ref"],
            "received_at": first["received_at"],
        }
        others = ", ".join(f"{each['source']} {shown(each['price'])}" for each in quotes)
        reason = f"quoted by {others} ({evidence.replace('-', ' ')})"
        return _Rung(record=record, reason=reason, needs_person=True)

    def _model(self, name: str) -> _Rung | str:
        found = self._models.price(self._master[name])
        if isinstance(found, NoPrice):
            return found.reason
        return _Rung(record=_model_record(found, self._master[name], self._opened),
                     reason=f"priced by model `{self._master[name]['model']}`",
                     needs_person=True)  # fmt: skip

    def _usable_broker_quotes(self, quotes: pl.DataFrame, names: pl.Series) -> dict[str, list[Row]]:
        """Of each broker the newest usable quote, mid before close before bid; best first."""
        policy = self._opened.policy
        excluded = {(each.instrument_id, each.source) for each in self._opened.pricing.exclusions}
        rank = {source: number for number, source in enumerate(policy.brokers)}
        fields = {"mid": 0, "close": 1, "bid": 2, "ask": 3}
        usable = quotes.filter(
            pl.col("source").is_in(policy.brokers)
            & pl.col("instrument_id").is_in(names.implode())
            & pl.col("fault").is_null()
            & (pl.col("age_days") <= policy.broker_look_back_days)
        )
        found: dict[str, dict[str, Row]] = {}
        order = sorted(
            usable.iter_rows(named=True),
            key=lambda row: (rank[row["source"]], -row["date"].toordinal(), fields[row["field"]]),
        )
        for row in order:
            if (row["instrument_id"], row["source"]) not in excluded:
                found.setdefault(row["instrument_id"], {}).setdefault(row["source"], row)
        return {name: list(by_source.values()) for name, by_source in found.items()}

    def _agree(self, quotes: list[Row]) -> bool:
        """Whether another broker is within the limit in which a primary source is taken."""
        first: Decimal = quotes[0]["price"]
        limit = self._opened.policy.limits.spread_primary * first
        return any(abs(each["price"] - first) <= limit for each in quotes[1:])

    def _is_material(self, name: str) -> bool:
        weight = self._weights.get(name)
        limit = self._opened.policy.committee.material_weight
        return weight is not None and abs(weight) > limit

    def _outcome(self, name: str, rung: _Rung) -> Outcome:
        if not rung.needs_person:
            return "warn"
        committee = self._is_material(name)
        return "committee" if committee else severity_of("fair-value", self._opened.policy)

    def _missing(self, name: str) -> Outcome:
        """A missing price of what is not held is only told."""
        if self._opened.has_holdings and not self._weights.get(name):
            return "warn"
        if self._is_material(name):
            return "committee"
        return severity_of("missing", self._opened.policy)

    def _share(self, name: str) -> str:
        weight = self._weights.get(name)
        if weight is None:
            return "; it is not held" if self._opened.has_holdings else ""
        return f"; {float(weight):.2%} of the portfolio"


def _by_name(frame: pl.DataFrame, names: pl.Series) -> Mapping[str, Row]:
    wanted = frame.filter(pl.col("instrument_id").is_in(names.implode()))
    return {row["instrument_id"]: row for row in wanted.iter_rows(named=True)}


def _model_record(found: ModelPrice, instrument: Row, opened: OpenPricing) -> Row:
    per_unit = instrument["model"] == "bond" and instrument["unit"] == "unit"
    return {
        "method": "model",
        "rule": "model",
        "source": f"model:{instrument['model']}",
        "price": found.price / 100 if per_unit else found.price,
        "date": opened.day,
        "age_days": 0,
        "input_level": found.level,
        "model_inputs": found.inputs,
    }


def _inputs(record: Row) -> Row:
    told = {**record.pop("model_inputs", {}), "reason": record.pop("reason")}
    return {"inputs": json.dumps(told, sort_keys=True, ensure_ascii=False)}


def _finding(name: str, rule: str, outcome: Outcome, evidence: str) -> Row:
    return {
        "instrument_id": name,
        "rule": rule,
        "outcome": outcome,
        "value": None,
        "limit": None,
        "evidence": evidence,
        "quote_ref": None,
    }


def _with(proposed: pl.DataFrame, rows: list[Row]) -> pl.DataFrame:
    columns = [{name: row.get(name) for name in PROPOSED} for row in rows]
    valued = pl.DataFrame(columns, schema=dict(PROPOSED))
    others = proposed.join(valued, on="instrument_id", how="anti")
    return pl.concat([others, valued]).sort("instrument_id")
