"""A strike with its tables open: what every later step reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from tenuto.artifacts.current import current_store
from tenuto.artifacts.store import ArtifactStore
from tenuto.core.references import Dataset
from tenuto.packs.finance.inputs.columns import empty_table
from tenuto.packs.finance.nav.activities.history import read_result
from tenuto.packs.finance.nav.activities.inputs import INPUTS
from tenuto.packs.finance.nav.handoffs import Strike
from tenuto.packs.finance.nav.models import NavResult

VALUED_POSITIONS: Mapping[str, pl.DataType] = {
    "instrument_id": pl.String(),
    "name": pl.String(),
    "currency": pl.String(),
    "quantity": pl.Decimal(38, 8),
    "price": pl.Decimal(38, 10),
    "price_date": pl.Date(),
    "price_factor": pl.Decimal(38, 10),
    "local_value": pl.Decimal(38, 12),
    "accrued_interest": pl.Decimal(38, 12),
    "fx_rate": pl.Decimal(38, 12),
    "base_value": pl.Decimal(38, 12),
}
"""The columns of valued positions, as `NavResult.positions` documents them."""


@dataclass(frozen=True)
class OpenStrike:
    """The tables of a strike, each read when it is first asked for."""

    strike: Strike
    store: ArtifactStore

    _tables: dict[str, pl.DataFrame] = field(default_factory=dict)

    def table(self, name: str) -> pl.DataFrame:
        """Input `name` as collected: `file, row` and typed columns; no rows if it was not given."""
        if name not in self._tables:
            dataset: Dataset | None = getattr(self.strike.inputs, name)
            empty = empty_table(INPUTS[name])
            self._tables[name] = (
                # A table collected by an earlier release lacks the columns added since.
                pl.concat([empty, self.store.get_table(dataset)], how="diagonal")
                if dataset
                else empty
            )
        return self._tables[name]

    @cached_property
    def prior(self) -> NavResult | None:
        """The NAV this one rolls forward from."""
        document = self.strike.inputs.prior
        return read_result(self.store, document) if document else None

    @cached_property
    def prior_positions(self) -> pl.DataFrame:
        """The prior NAV's valued positions; no rows for a first strike."""
        if self.prior is None:
            return pl.DataFrame(schema=dict(VALUED_POSITIONS))
        return self.store.get_table(self.prior.positions)

    def is_readable(self, *inputs: str) -> bool:
        """Whether something can be said about the rows of all these inputs."""
        return not set(inputs) & set(self.strike.inputs.unreadable)


def open_strike(strike: Strike) -> OpenStrike:
    """The strike with the tables in this process's store."""
    return OpenStrike(strike=strike, store=current_store())
