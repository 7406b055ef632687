"""Asking people for a decision in a definition: what is asked, and what comes of it."""

from typing import Annotated, Literal

from pydantic import (
    AwareDatetime,
    Field,
    JsonValue,
    NonNegativeInt,
    PositiveInt,
    StringConstraints,
    model_validator,
)

from tenuto.core.people import Person, Who
from tenuto.core.records import Record
from tenuto.core.references import Dataset, Document

Action = Literal["approve", "edit", "reject", "respond"]
"""`approve` and `reject` are votes. `edit` approves with other data than were shown, `respond`
answers in words; each of these two ends the approval at once."""

Length = str | dict[str, NonNegativeInt]
"""ISO 8601 text (`PT4H`), or an object of units (`hours: 4`)."""
Comment = Annotated[str, StringConstraints(max_length=10_000)]


class Link(Record):
    """Something to look at that is not in the artifact store."""

    uri: Annotated[str, StringConstraints(min_length=1, max_length=2_000)]
    name: str = ""


class ApprovalRequest(Record):
    """What people are asked to decide, and who may: a task for people, as a definition writes it.

    A task takes less than this model, which has to read what runs of long ago asked. What it does
    not take is in the schema, and refused when a definition is checked and when it asks.
    """

    title: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    """What is to be decided, in one line."""
    description: Annotated[str, Field(json_schema_extra={"maxLength": 20_000})] = ""
    """What one needs to know to decide it."""
    subject: Annotated[str, Field(json_schema_extra={"maxLength": 128})] = ""
    """What it is about: an order number, a fund and a day. The task is found by it."""
    evidence: tuple[Document | Dataset | Link, ...] = ()
    """What the decision rests on."""
    approvers: Annotated[tuple[Who, ...], Field(min_length=1)]
    """Who may decide, by opaque ids: letters, digits, and `. _ : @ / + -`. Whoever is in one of the
    groups may."""
    excluded: tuple[Who, ...] = ()
    """Who may not, though they are among the approvers."""
    need: Annotated[PositiveInt, Field(json_schema_extra={"maximum": 50})] = 1
    """How many different people must approve."""
    veto: bool = True
    """Whether one rejection is enough. Otherwise it takes `need` of them, or so many that the
    approvals cannot be reached any more."""
    requester: Person | None = None
    """Who asks."""
    separation_of_duties: bool = True
    """Whether the requester, where one is named, may not decide, nor whoever delegated it."""
    actions: Annotated[tuple[Action, ...], Field(min_length=1)] = ("approve", "reject")
    """What may be decided. `edit` and `respond` are for one person: `need` 1."""
    form: dict[str, JsonValue] | None = None
    """JSON Schema (2020-12) of the data that an approval, an edit, or an answer brings."""
    timeout: Length | None = None
    """How long to wait, as ISO 8601 text (`PT4H`) or an object of units (`hours: 4`); after that
    the task fails with `timeout` 408. None waits for ever."""
    reminders: Annotated[tuple[Length, ...], Field(max_length=20)] = ()
    """How long after it was asked for to remind people, in as many lengths as there are to be
    reminders: the task notes it, and the run sends an event `tenuto.approval.reminder`."""

    @model_validator(mode="after")
    def _can_be_decided(self) -> "ApprovalRequest":
        named = self.model_fields_set
        if "requester" in named and self.requester is None:
            raise ValueError("`requester` is null: name who asks, or leave the field out")
        if "separation_of_duties" in named and self.separation_of_duties and not self.requester:
            raise ValueError("`separation_of_duties` needs a `requester` to keep away")
        if len(set(self.actions)) != len(self.actions):
            raise ValueError("`actions` names one twice")
        if set(self.actions) == {"reject"}:
            raise ValueError("`actions` has neither `approve` nor `edit` nor `respond`")
        if self.need > 1 and {"edit", "respond"} & set(self.actions):
            raise ValueError("`edit` and `respond` are for one person: `need` must be 1")
        possible = self.possible_voters()
        if possible is not None and len(possible) < self.need:
            raise ValueError(
                f"`need` is {self.need} and {len(possible)} of the approvers may decide"
                + self._why_kept_away()
            )
        return self

    def _why_kept_away(self) -> str:
        asks = self.requester
        if asks is None or not self.separation_of_duties or asks not in self.approvers:
            return ""
        return (
            f": `{asks}` asks for the approval and may not decide on it too; name somebody else"
            " among the `approvers`, or give `separation_of_duties: false`"
        )

    @property
    def kept_away(self) -> frozenset[str]:
        """Who may not decide."""
        away = set(self.excluded)
        if self.requester and self.separation_of_duties:
            away.add(self.requester)
        return frozenset(away)

    def possible_voters(self) -> frozenset[str] | None:
        """The people who may decide; None where a group is among them, whose members are not
        known here."""
        if any(who.startswith("g:") for who in self.approvers):
            return None
        return frozenset(self.approvers) - self.kept_away


class Decision(Record):
    """What a person says: the argument of a run's update `decide`.

    Only runs that began before approvals were tasks count it, so it stays for their histories. All
    others refuse it and name the task (`tenuto.catalog.library.tasks.messages.Decide`).
    """

    task: Annotated[str, StringConstraints(min_length=1)]
    """The waiting task: its name, or its pointer (`/do/0/signOff`)."""
    decision: Action
    by: Person
    """Who decides, as whoever sends the update vouches."""
    groups: tuple[str, ...] = ()
    """Groups that person is in, as whoever sends the update vouches."""
    comment: Comment = ""
    """Needed to reject and to respond."""
    form: dict[str, JsonValue] | None = None
    """The data the approval's form asks for."""
    approval: str | None = None
    """Id of the approval that was looked at, as the query `pending` shows it: refused when another
    one waits at the same task by now."""


class Vote(Record):
    """One person's decision as counted."""

    by: str
    decision: Action
    at: AwareDatetime
    """UTC."""
    comment: str = ""
    form: dict[str, JsonValue] | None = None


class ApprovalResult(Record):
    """What was decided."""

    decision: Action
    votes: tuple[Vote, ...]
    """In the order they came."""
    comment: str = ""
    """Of the vote that decided."""
    form: dict[str, JsonValue] | None = None
    """Of the vote that decided."""
