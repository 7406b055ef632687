"""Asking a rule whether something may be done."""

from typing import Annotated

from pydantic import Field, JsonValue, StringConstraints

from tenuto.core.records import Record
from tenuto.core.references import Sha256

Word = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class PolicyCheckRequest(Record):
    """What is to be done, by whom, to what."""

    action: Word
    """What is to be done, for example `payment.release`."""
    principal: Word | None = None
    """Who wants to do it; None where the run does by itself."""
    resource: Word | None = None
    """What it is done to."""
    context: dict[str, JsonValue] = Field(default_factory=dict)
    """What else the rule may look at."""


class PolicyCheckResult(Record):
    """The rule's answer, where it allows: a refusal is an error, `authorization` 403."""

    rules: tuple[str, ...]
    """Names of the rules that allow it."""
    policy: Sha256 | None = None
    """Digest of the rules that were asked."""
    question: Sha256 | None = None
    """Hash of what was asked."""
    redact: tuple[str, ...] = ()
    """What must not be shown, as paths like `input.tax_id`."""
