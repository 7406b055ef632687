"""What the steps that show, release, and hand out a struck NAV hand to each other."""

from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import PositiveInt

from tenuto.core.records import Record
from tenuto.core.references import Document
from tenuto.packs.finance.models import Identifier, Recipient
from tenuto.packs.finance.nav.models import Acceptance, NavPack
from tenuto.packs.finance.nav.parts import Check, Comment


class WeighOverridesRequest(Record):
    """Find how much of a NAV rests on prices that people gave."""

    candidate: Document
    instrument_ids: tuple[str, ...]


class WeighedOverrides(Record):
    """That much."""

    part: Decimal | None
    """Of the NAV, absolute values, eight decimals; None where the NAV is zero."""


class StageRequest(Record):
    """Show a result that waits for sign-off."""

    candidate: Document
    status: Literal["estimate", "candidate"]
    number: PositiveInt
    """1 for the first result of a run, 2 for the first revision."""


class StagedNav(Record):
    """A result that people can look at, and accept by its hash."""

    result: Document
    name: str
    """The name it is bound under."""


class WithdrawRequest(Record):
    """Say of a NAV that was shown that it will not be released."""

    nav_id: str
    shown: tuple[StagedNav, ...]


class Withdrawn(Record):
    """Where that is said."""

    name: str


class CompareRequest(Record):
    """Two strikes of one NAV."""

    before: Document
    after: Document


class FinaliseRequest(Record):
    """Put people's comments beside the breaches and make the candidate final."""

    candidate: Document
    comments: tuple[Comment, ...]
    acceptance: Acceptance | None = None


class FinalNav(Record):
    """A NAV that may be released."""

    result: Document
    """The `NavResult` with status `final`."""
    checks: tuple[Check, ...]


class RenderPackRequest(Record):
    """Write the NAV pack of one result."""

    result: Document
    """The `NavResult` as JSON."""


class PublishRequest(Record):
    """Bind the names of one NAV: the moment of release."""

    nav_id: str
    result: Document
    pack: NavPack


class PublishedNav(Record):
    """The names under which the NAV can be found from now on."""

    names: tuple[str, ...]


class DeliverRequest(Record):
    """Hand one recipient a released pack."""

    recipient: Recipient
    pack: NavPack
    nav_id: str
    fund_id: Identifier
    date: date
    idempotency_key: str
    """The same for every attempt and every repetition of this delivery."""
