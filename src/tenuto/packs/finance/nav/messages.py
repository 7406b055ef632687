"""What people and programs say to a running Daily NAV, and what it answers."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt, PositiveInt

from tenuto.core.records import Record
from tenuto.core.references import Document, Sha256
from tenuto.packs.finance.nav.handoffs import MissingPrice, OpenBreach
from tenuto.packs.finance.nav.models import Changes

Words = Annotated[str, Field(min_length=1)]


class CarryPrior(Record):
    """A person's decision to value instruments at their latest earlier price."""

    instrument_ids: Annotated[tuple[Words, ...], Field(min_length=1)]
    by: Words
    reason: Words


class SupplyPrices(Record):
    """A person's price file for what is missing."""

    prices: Document
    """Columns as `DailyNavRequest.prices`."""
    by: Words


class AcceptNav(Record):
    """A person's word that this result may be released."""

    result_sha256: Sha256
    """Of the result they looked at: `progress` names it."""
    by: Words
    comment: str = ""


class RejectNav(Record):
    """A person's word that it may not."""

    by: Words
    reason: Words


class ReviseInputs(Record):
    """Better inputs for a strike that waits for sign-off."""

    inputs: Annotated[dict[str, Document], Field(min_length=1)]
    """Input -> file, for example `{"prices": ...}`: it takes the place of the former one."""
    by: Words
    reason: Words


class StillMissing(Record):
    """What the run keeps waiting for."""

    prices: tuple[MissingPrice, ...] = ()


class StillOpen(Record):
    """The breaches that still need somebody's comment."""

    breaches: tuple[OpenBreach, ...] = ()


class Progress(Record):
    """Where a run stands, for the console."""

    done: NonNegativeInt
    total: PositiveInt
    current: str
    """What happens now, in words."""
    waiting_until: datetime | None = None
    """When the run gives up waiting for a person, UTC; None when it does not wait."""
    missing: tuple[MissingPrice, ...] = ()
    breaches: tuple[OpenBreach, ...] = ()
    stage: Literal["estimate", "candidate"] | None = None
    """What waits for sign-off."""
    result: Document | None = None
    """The result that can be accepted, by its `sha256`."""
    changes: Changes | None = None
    """What the last revision changed."""
    task: str | None = None
    """Workflow id of the task that waits for people's decision."""
