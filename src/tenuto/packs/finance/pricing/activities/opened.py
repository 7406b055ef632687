"""A set in the making with its tables open: what every later step reads."""

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import polars as pl

from tenuto.artifacts.current import current_store
from tenuto.artifacts.store import ArtifactStore
from tenuto.core.references import Dataset
from tenuto.packs.finance.inputs.columns import empty_table
from tenuto.packs.finance.pricing.activities.inputs import INPUTS
from tenuto.packs.finance.pricing.activities.schemas import HISTORY, PRICE, PRICE_SET, shaped
from tenuto.packs.finance.pricing.handoffs import Pricing
from tenuto.packs.finance.pricing.policy import PricingPolicy

PRIORS = {
    "instrument_id": pl.String(),
    "prior_price": PRICE,
    "prior_date": pl.Date(),
    "prior_level": pl.Int64(),
    "prior_currency": pl.String(),
    "prior_unit": pl.String(),
    "prior_source": pl.String(),
    "prior_ref": pl.String(),
}


@dataclass(frozen=True)
class OpenPricing:
    """The tables of one set, each read when it is first asked for."""

    pricing: Pricing
    store: ArtifactStore
    _tables: dict[str, pl.DataFrame] = field(default_factory=dict)

    @property
    def policy(self) -> PricingPolicy:
        """The rules of this set."""
        return self.pricing.policy

    @property
    def day(self) -> date:
        """The valuation date."""
        return self.pricing.date

    def table(self, name: str) -> pl.DataFrame:
        """Input `name` as collected; no rows if it was not given."""
        if name not in self._tables:
            dataset: Dataset | None = getattr(self.pricing.inputs, name)
            self._tables[name] = (
                self.store.get_table(dataset) if dataset else empty_table(INPUTS[name])
            )
        return self._tables[name]

    @cached_property
    def instruments(self) -> pl.DataFrame:
        """The security master, sorted, each with its `rule`, `unit` and `calendar`."""
        return self.table("instruments")

    @cached_property
    def history(self) -> pl.DataFrame:
        """`instrument_id, date, price` of earlier days, sorted."""
        return shaped(self.table("history"), HISTORY).sort("instrument_id", "date")

    @cached_property
    def priors(self) -> pl.DataFrame:
        """One row per instrument with an earlier price: that of the prior set, else of history.

        `prior_date` is the valuation date it was published for, or the date in the history;
        level, currency, and unit are null for a price that only the history has.
        """
        last = self.history.group_by("instrument_id").agg(
            pl.col("price").last().alias("prior_price"), pl.col("date").last().alias("prior_date")
        )
        published = self._published()
        others = last.join(published, on="instrument_id", how="anti")
        parts = [shaped(published, PRIORS), shaped(others, PRIORS)]
        return pl.concat(parts).sort("instrument_id")

    @cached_property
    def weights(self) -> pl.DataFrame:
        """`instrument_id, weight`; no rows when holdings were not given."""
        return self.table("holdings").select("instrument_id", "weight")

    @property
    def has_holdings(self) -> bool:
        """Whether it is known what is held."""
        return self.pricing.inputs.holdings is not None

    def _published(self) -> pl.DataFrame:
        dataset = self.pricing.inputs.prior_prices
        if dataset is None:
            return pl.DataFrame(schema=PRIORS)
        prices = shaped(self.store.get_table(dataset), PRICE_SET)
        return prices.filter(pl.col("price").is_not_null()).select(
            "instrument_id",
            pl.col("price").alias("prior_price"),
            pl.col("date").alias("prior_date"),
            pl.col("level").alias("prior_level"),
            pl.col("currency").alias("prior_currency"),
            pl.col("unit").alias("prior_unit"),
            pl.col("source").alias("prior_source"),
            pl.col("quote_ref").alias("prior_ref"),
        )


def open_pricing(pricing: Pricing) -> OpenPricing:
    """The set with the tables in this process's store."""
    return OpenPricing(pricing=pricing, store=current_store())
