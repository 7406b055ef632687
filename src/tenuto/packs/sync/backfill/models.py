"""What a backfill is asked, how far it is, and what it answers."""

from datetime import date, timedelta
from typing import Annotated, Self

from pydantic import Field, JsonValue, NonNegativeInt, PositiveInt, model_validator

from tenuto.core.records import Record
from tenuto.packs.sync.models import Window

MOST_BATCHES = 2_000


class BackfillRequest(Record):
    """Which days of which source are loaded, and how many at once."""

    source_name: str
    """As `sync.yaml` calls it."""
    start: date
    """First day, in the source's own time zone."""
    end: date
    """Last day, which is loaded too."""
    batch_days: Annotated[int, Field(ge=1, le=366)] = 7
    """Days of one batch."""
    resources: tuple[str, ...] = ()
    """Only these of the source's resources (prefixes, for files); empty takes all."""
    source_kwargs: dict[str, JsonValue] = Field(default_factory=dict)
    """Overrides keys of the source's `config`; never a secret."""

    @model_validator(mode="after")
    def _has_days(self) -> Self:
        if self.end < self.start:
            raise ValueError("`end` is before `start`")
        if (self.end - self.start).days // self.batch_days >= MOST_BATCHES:
            raise ValueError(f"that is more than {MOST_BATCHES} batches; raise `batch_days`")
        return self

    def batches(self) -> list[Window]:
        """The batches in order; the last one may be shorter."""
        starts = range(0, (self.end - self.start).days + 1, self.batch_days)
        firsts = [self.start + timedelta(days=each) for each in starts]
        length = timedelta(days=self.batch_days - 1)
        return [Window(start=each, end=min(each + length, self.end)) for each in firsts]


class BatchResult(Record):
    """One batch that was loaded."""

    window: Window
    row_counts: dict[str, NonNegativeInt]
    """Table -> rows."""
    warnings: tuple[str, ...] = ()


class BackfillProgress(Record):
    """How far a backfill is."""

    done: NonNegativeInt
    """Batches that are loaded."""
    total: PositiveInt
    current: Window | None
    """What is loaded now; None at the end."""
    rows: NonNegativeInt
    """Of the batches that are loaded, over all tables."""


class BackfillResult(Record):
    """What a finished backfill answers."""

    source_name: str
    batches: tuple[BatchResult, ...]
    row_counts: dict[str, NonNegativeInt]
    """Table -> rows over all batches."""
    destination: str
    """Where the rows are, in words, without credentials."""
