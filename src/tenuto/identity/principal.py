"""Who does something: a person, a service, or an agent, by opaque id, with groups."""

from typing import Annotated, Literal

from pydantic import NonNegativeInt, StringConstraints

from tenuto.core.records import Record

PrincipalId = Annotated[
    str, StringConstraints(pattern=r"^[usa]:[^\s'\"\\]+(?: [^\s'\"\\]+)*$", max_length=200)
]
"""`u:` and a person, `s:` and a service, `a:` and an agent. Opaque: it stands in plain text in
histories and search attributes, so it is no e-mail address and no real name."""
GroupId = Annotated[
    str, StringConstraints(pattern=r"^g:[^\s'\"\\]+(?: [^\s'\"\\]+)*$", max_length=200)
]
"""`g:` and a group."""


class Authentication(Record):
    """How the principal proved who it is."""

    method: Literal["local", "oidc", "token"]
    """`local`: whoever may use this machine's keys; `oidc`: a verified bearer token of the
    configured issuer; `token`: a machine token of our own."""
    mfa_age_s: NonNegativeInt | None = None
    """Seconds since a second factor was given; None where none was."""
    scope: tuple[str, ...] = ()
    """The only actions that may be asked for; empty where it is not limited."""
    via: str = "cli"
    """The road it came by: `cli`, `api`, `console`, `link`, `schedule`, `webhook`, `event`, or
    `file`."""


class Principal(Record):
    """Who asks for something."""

    id: PrincipalId
    groups: tuple[GroupId, ...] = ()
    owner: PrincipalId | None = None
    """Of a service or an agent: the person who answers for it."""
    authentication: Authentication = Authentication(method="local")

    @property
    def kind(self) -> Literal["user", "service", "agent"]:
        """What kind of principal it is."""
        kinds: dict[str, Literal["user", "service", "agent"]]
        kinds = {"u": "user", "s": "service", "a": "agent"}
        return kinds[self.id[0]]

    @property
    def words(self) -> frozenset[str]:
        """Its id and its groups, as lists of candidates name them."""
        return frozenset((self.id, *self.groups))

    def is_in_scope(self, action: str) -> bool:
        """Whether its proof may be used to ask for that action at all."""
        scope = self.authentication.scope
        return not scope or action in scope
