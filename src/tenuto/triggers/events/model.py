"""triggers.yaml as it is written: webhooks, events, and files, and what each of them starts."""

from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, JsonValue, PositiveInt, model_validator

from tenuto.catalog.library.fetch.secret_reference import SecretReference
from tenuto.core.durations import read_spoken_duration
from tenuto.core.records import Record

MEBIBYTE = 1024 * 1024
LONGEST_TOLERANCE = timedelta(minutes=5)
"""Standard Webhooks fixes it; what is older may be a replay."""


def _length(value: Any) -> timedelta:
    length = value if isinstance(value, timedelta) else read_spoken_duration(value)
    if length is None or length <= timedelta(0):
        raise ValueError("expected how long, such as `30 seconds`, `5 minutes`, or `PT5M`")
    return length


Length = Annotated[timedelta, BeforeValidator(_length)]
"""A time longer than nothing, as people write it."""
Name = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$")]
"""Of a trigger: small letters, digits, hyphens. It is part of run ids and of a principal."""
Path = Annotated[str, Field(pattern=r"^(/[A-Za-z0-9_-]+)+$", max_length=200)]
"""Of a URL, compared letter by letter: nothing in it can be written in two ways."""
Jq = Annotated[str, Field(min_length=1)]
"""A jq expression, with or without `${ }`."""
Runnable = Annotated[str, Field(min_length=1, max_length=300)]
"""Catalog name of a workflow, or a deployed definition: `namespace/name[:version]`."""


class Rate(Record):
    """How much is taken in how long; what is more gets 429 and is sent again later."""

    count: PositiveInt
    per: Length = timedelta(minutes=1)


class Signature(Record):
    """Where a sender other than Standard Webhooks puts its HMAC-SHA256."""

    header: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+$", max_length=100)]
    prefix: str = ""
    """What stands before the signature, for example `sha256=`."""
    encoding: Literal["hex", "base64"] = "hex"
    form: Literal["body", "t-v1"] = "body"
    """`body`: the HMAC of the body; `t-v1`: `t=<unix time>,v1=<HMAC of "<time>.<body>">`."""


Scheme = Literal["standard-webhooks", "hmac-sha256", "none"]


class Proof(Record):
    """How it is proved that a delivery is the sender's, and what is taken at all."""

    path: Path | None = None
    """Of the URL; `/webhooks/<name>` or `/events/<name>` where none is given."""
    secrets: tuple[SecretReference, ...] = ()
    """Any one of them may have signed, so that a secret can be replaced without a gap."""
    scheme: Scheme = "standard-webhooks"
    """`none` is for senders on this machine alone."""
    signature: Signature | None = None
    """Of `hmac-sha256`."""
    tolerance: Length = LONGEST_TOLERANCE
    """How far the time that was signed may be from now."""
    max_bytes: Annotated[int, Field(ge=1, le=16 * MEBIBYTE)] = MEBIBYTE
    rate: Rate | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.scheme == "none" and self.secrets:
            raise ValueError("`scheme: none` checks no signature; take `secrets` out")
        if self.scheme != "none" and not self.secrets:
            raise ValueError(
                "`secrets` is missing; write for example `secrets: [secret://env/ORDERS_SECRET]`"
            )
        if (self.scheme == "hmac-sha256") != (self.signature is not None):
            raise ValueError("`signature` and `scheme: hmac-sha256` belong together")
        if self.scheme == "standard-webhooks" and self.tolerance > LONGEST_TOLERANCE:
            raise ValueError("`tolerance` is 5 minutes at most")
        return self


class Start(Record):
    """Which run, with which input, under which id."""

    run: Runnable
    input: JsonValue = "${ . }"
    """A template over what arrived: each text that is `${ ... }` is a jq expression."""
    id: Jq | None = None
    """Gives what the run is about; the same id is the same run. By default the event's own id."""


class Webhook(Proof, Start):
    """A path that one sender posts to; each delivery is one run."""

    filter: Jq | None = None
    """What makes it false or null is not taken."""


class SignalStart(Start):
    """One run for many events: the first starts it, each of them is signalled to it."""

    id: Jq
    signal: Annotated[str, Field(min_length=1, max_length=200)] = "event"
    payload: JsonValue = "${ $event }"
    """A template; the signal's one argument."""


class Route(Record):
    """Which events, and what becomes of them: exactly one of `start`, `signal`, `deliver`."""

    types: tuple[str, ...] = ()
    """Types of event, exact or ending in `*`; none means all."""
    sources: tuple[str, ...] = ()
    """The same of sources."""
    filter: Jq | None = None
    start: Start | None = None
    signal: SignalStart | None = None
    deliver: bool = False
    """Sends it to the runs of definitions that `listen` for its type."""

    @model_validator(mode="after")
    def _does_one_thing(self) -> Self:
        if sum((self.start is not None, self.signal is not None, self.deliver)) != 1:
            raise ValueError("give exactly one of `start`, `signal`, and `deliver: true`")
        return self

    def takes(self, type_: str, source: str) -> bool:
        """Whether events of that type and source come this way."""
        return _is_one(type_, self.types) and _is_one(source, self.sources)


class EventSource(Proof):
    """A path that takes CloudEvents, and where they go."""

    routes: Annotated[dict[Name, Route], Field(min_length=1)]


class FileWatch(Start):
    """Files that arrive somewhere; each version of each file is one run."""

    url: Annotated[str, Field(min_length=1, max_length=2000)]
    """A path, an fsspec URL, or a glob of either: `inbox/*.csv`, `s3://bucket/in/*.csv`."""
    credentials: dict[str, SecretReference] = Field(default_factory=dict)
    """fsspec option -> secret reference."""
    every: Length = timedelta(minutes=1)
    """How often somebody looks."""
    stable_for: Length = timedelta(seconds=10)
    """Size and time have to stay the same so long, from one look to another."""
    max_files: Annotated[int, Field(ge=1, le=10_000)] = 1_000
    """How many files may lie there; with more the look fails, and says so."""
    filter: Jq | None = None


class Triggers(Record):
    """The whole file."""

    version: Literal[1] = 1
    webhooks: dict[Name, Webhook] = Field(default_factory=dict)
    events: dict[Name, EventSource] = Field(default_factory=dict)
    files: dict[Name, FileWatch] = Field(default_factory=dict)

    @property
    def is_receiving(self) -> bool:
        """Whether there is anything to receive over HTTP."""
        return bool(self.webhooks or self.events)

    def paths(self) -> list[tuple[str, str, str]]:
        """Path, section, and name of everything that is received over HTTP."""
        return [
            *(
                (hook.path or f"/webhooks/{name}", "webhooks", name)
                for name, hook in self.webhooks.items()
            ),
            *(
                (source.path or f"/events/{name}", "events", name)
                for name, source in self.events.items()
            ),
        ]


def _is_one(word: str, wanted: tuple[str, ...]) -> bool:
    return not wanted or any(
        word.startswith(each[:-1]) if each.endswith("*") else word == each for each in wanted
    )
