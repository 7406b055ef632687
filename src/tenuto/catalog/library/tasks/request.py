"""What people are asked, who may decide, and what happens while nobody does."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    Field,
    JsonValue,
    NonNegativeInt,
    PositiveInt,
    StringConstraints,
    field_validator,
    model_validator,
)

from tenuto.catalog.library.definitions.approval import Link
from tenuto.catalog.library.notify.audience import Recipient
from tenuto.catalog.library.tasks.attributes import MOST_CANDIDATE_BYTES, is_searchable
from tenuto.core.currency import Currency
from tenuto.core.people import Person, Who
from tenuto.core.records import Record
from tenuto.core.references import Dataset, Document, Sha256

Action = Literal["approve", "edit", "reject", "respond"]
"""`approve` and `reject` are votes. `edit` approves other data than were shown, `respond` answers
in words; each of these two ends the task at once."""


LONGEST = timedelta(days=36525)
"""A hundred years: longer ones are mistakes, and moments beyond the calendar cannot be written."""
MOST_VOTES = 50


def _positive(span: timedelta) -> timedelta:
    if not timedelta(0) < span <= LONGEST:
        raise ValueError("expected a span of time above zero and of at most a hundred years")
    return span


def _searchable(name: str) -> str:
    if not is_searchable(name):
        raise ValueError(
            f"`{name}` cannot be searched for, so whoever it names would never find the task."
            " Expected is an opaque id of at most 126 letters, digits, and `. _ : @ / + -` after"
            " `u:` or `g:`"
        )
    return name


Span = Annotated[timedelta, AfterValidator(_positive)]
"""Counted from the moment the task was opened."""
Candidate = Annotated[Who, AfterValidator(_searchable)]
"""A person or a group by an opaque id: it stands in plain text in a search attribute."""
Assignee = Annotated[Person, AfterValidator(_searchable)]
"""A person by an opaque id."""


class Amount(Record):
    """Exact money."""

    value: Annotated[Decimal, Field(allow_inf_nan=False)]
    """Decimal text; a float is refused."""
    currency: Currency

    @field_validator("value", mode="before")
    @classmethod
    def _no_float(cls, value: Any) -> Any:
        if isinstance(value, float):
            raise ValueError("expected decimal text, a float is not exact")  # noqa: TRY004
        return value


class Escalation(Record):
    """One rung of the ladder: more people may decide, and are told."""

    after: Span
    to: Annotated[tuple[Candidate, ...], Field(min_length=1)]
    """Candidates from then on, beside those who were. A claim ends here: whoever has the task is
    late, and may claim it again."""
    notify: tuple[Recipient, ...] = ()
    """Who is told, beside the task's own recipients."""


class TaskRequest(Record):
    """A task for people."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    """What is to be decided, in one line."""
    description: Annotated[str, StringConstraints(max_length=20_000)] = ""
    """What one needs to know to decide it."""
    kind: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.-]{0,63}$")] = "approval"
    """What sort of task it is, for example `nav.sign-off` or `tool_call`; policy sees it."""
    subject: Annotated[str, StringConstraints(max_length=128)] = ""
    """What it is about: an order number, a fund and a day. The task is found by it where it is
    one word of letters, digits, and `. _ : @ / + -`."""
    shown: dict[str, JsonValue] = Field(default_factory=dict)
    """What the decision rests on, as the people see it."""
    seen: Sha256 | None = None
    """Hash of exactly what is decided on; a decision has to name it, so that nobody decides on
    something else than what was looked at."""
    evidence: tuple[Document | Dataset | Link, ...] = ()
    """Files that the decision rests on."""
    amount: Amount | None = None
    """What is at stake."""
    risk: Annotated[int, Field(ge=0, le=10)] = 0
    """From 0 to 10; policy sees it. The rules of `tenuto policy init` want a fresh second factor
    from 7 on."""
    priority: Annotated[int, Field(ge=0, le=9)] = 5
    """The most urgent is 0."""
    requester: Person | None = None
    """Who asks. With `four_eyes` that person may not decide."""
    preparers: tuple[Person, ...] = ()
    """Who else had a hand in it; with `four_eyes` none of them may decide."""
    watchers: tuple[Who, ...] = ()
    """Who may look and comment."""
    candidates: Annotated[tuple[Candidate, ...], Field(min_length=1)]
    """Who may decide: people and groups."""
    excluded: tuple[Who, ...] = ()
    """Who may not, though they are among the candidates."""
    assignee: Assignee | None = None
    """Who has it from the start, as if claimed."""
    four_eyes: bool = True
    """Whether whoever asks, prepared, or delegated it is kept from deciding."""
    need: Annotated[PositiveInt, Field(le=MOST_VOTES)] = 1
    """How many different people must approve."""
    veto: Annotated[PositiveInt, Field(le=MOST_VOTES)] = 1
    """How many rejections end it."""
    actions: Annotated[tuple[Action, ...], Field(min_length=1)] = ("approve", "reject")
    """What people may do. `edit` approves with other data than were shown, `respond` answers in
    words (`tenuto tasks answer`); these two are for one person, `need` is 1 then."""
    form: dict[str, JsonValue] | None = None
    """JSON Schema (2020-12) of the data that an approval, an edit, or an answer brings."""
    due: Span | None = None
    """When it should be done; shown and sorted by, nothing happens then."""
    remind: Annotated[tuple[Span, ...], Field(max_length=20)] = ()
    """When to remind whoever is to decide."""
    escalate: Annotated[tuple[Escalation, ...], Field(max_length=10)] = ()
    """The ladder: whom to ask too, and when."""
    expire: Span | None = None
    """When it ends by itself. None waits for ever."""
    on_expiry: Literal["approve", "reject", "fail", "escalate"] = "fail"
    """What the end by itself means: a decision by nobody, the error `task.expired`, or one more
    round of the ladder's last rung, after which it waits on."""
    notify: tuple[Recipient, ...] = ()
    """Who is told when it opens, and of every reminder and escalation."""
    most_comments: NonNegativeInt = 2_000
    """Comments it takes; further ones are refused."""

    @model_validator(mode="after")
    def _can_be_decided(self) -> "TaskRequest":
        if len(set(self.actions)) != len(self.actions):
            raise ValueError("`actions` names one twice")
        if set(self.actions) == {"reject"}:
            raise ValueError("`actions` has neither `approve` nor `edit` nor `respond`")
        if self.need > 1 and {"edit", "respond"} & set(self.actions):
            raise ValueError("`edit` and `respond` are for one person: `need` must be 1")
        if self.on_expiry == "escalate" and not (self.expire and self.escalate):
            raise ValueError("`on_expiry: escalate` needs `expire` and a rung in `escalate`")
        if self.assignee and self.assignee in self.kept_away:
            raise ValueError(f"`{self.assignee}` has it from the start and may not decide it")
        self._require_enough_people()
        self._require_candidates_fit()
        self._require_named_once()
        return self

    @property
    def everybody(self) -> tuple[str, ...]:
        """Whoever may become a candidate by the ladder, candidates first, each once."""
        rungs = (who for rung in self.escalate for who in rung.to)
        return tuple(dict.fromkeys((*self.candidates, *rungs)))

    @property
    def kept_away(self) -> frozenset[str]:
        """Who may not decide, whoever names them as candidates."""
        involved = {self.requester, *self.preparers} - {None} if self.four_eyes else set()
        return frozenset(self.excluded) | {who for who in involved if who}

    def _require_enough_people(self) -> None:
        named = {*self.everybody, self.assignee} - {None}
        if any(str(who).startswith("g:") for who in named):
            return
        left = named - self.kept_away
        if len(left) < self.need:
            raise ValueError(
                f"`need` is {self.need} and {len(left)} of the candidates may decide: those who"
                " ask or prepare may not (`four_eyes`), nor those in `excluded`"
            )

    def _require_candidates_fit(self) -> None:
        if not fits_search(self.everybody):
            raise ValueError(
                f"candidates and those of `escalate` take more than {MOST_CANDIDATE_BYTES} bytes"
                " together, which is what can be searched: name a group in place of its members"
            )

    def _require_named_once(self) -> None:
        for rung in (None, *self.escalate):
            told = {*self.notify, *(rung.notify if rung else ())}
            if len({each.name for each in told}) != len(told):
                raise ValueError("`notify` has two recipients of one name: name them apart")


def fits_search(candidates: Iterable[str]) -> bool:
    """Whether so many candidates fit one search attribute."""
    return sum(len(who) + 3 for who in candidates) <= MOST_CANDIDATE_BYTES
