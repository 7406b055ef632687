"""Which machine tokens were issued and which were revoked: small files in the artifact store.

Two files for each token, written once: no two commands can overwrite each other's revocation. A
token that is not in the register is refused, so that a wrong or emptied store admits nobody.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import TypeVar

from pydantic import AwareDatetime, BaseModel, ValidationError

from tenuto.artifacts.store import ArtifactStore
from tenuto.core.canonical import canonical_json
from tenuto.core.errors import CorruptError, NotFoundError, PolicyDenied
from tenuto.core.records import Record
from tenuto.identity.principal import PrincipalId
from tenuto.identity.ticket import MachineToken

_FOLDER = "tokens"
_ISSUED = ".issued.json"
_REVOKED = ".revoked.json"
RecordT = TypeVar("RecordT", bound=BaseModel)
_JTI = re.compile(r"[0-9a-f]{32}")


class Revocation(Record):
    """When a token stopped being good, and by whom."""

    jti: str
    at: AwareDatetime
    by: PrincipalId


class RegisteredToken(Record):
    """A token as the register knows it: never the signed text."""

    token: MachineToken
    revocation: Revocation | None = None


class TokenRegister:
    """The machine tokens of one installation."""

    def __init__(self, store: ArtifactStore) -> None:
        self._place = store.place

    def add(self, token: MachineToken) -> None:
        """Writes down that the token is issued; before anybody has it."""
        self._place.create(_path(token.jti, _ISSUED), canonical_json(token))

    def revoke(self, jti: str, *, by: str, now: datetime) -> RegisteredToken:
        """The token, good for nothing from now on; revoked before, as it was revoked then.

        Raises NotFoundError `token.unknown` for one that was not issued here.
        """
        token = self._token(jti)
        revocation = Revocation(jti=jti, at=now, by=by)
        self._place.create(_path(jti, _REVOKED), canonical_json(revocation))
        return RegisteredToken(token=token, revocation=self._revocation(jti))

    def refuse_revoked(self, token: MachineToken) -> None:
        """Raises PolicyDenied: `token.revoked`, or `token.not-registered` for one not issued here;
        TransientError when the store does not answer."""
        try:
            registered = self._token(token.jti)
        except NotFoundError as missing:
            raise PolicyDenied(
                f"The machine token `{token.jti}` is genuine and not in the register of the"
                f" artifact store {self._place.url}. Use the store it was issued with"
                " (setting `artifacts`), or issue a new one.",
                code="token.not-registered",
            ) from missing
        revocation = self._revocation(registered.jti)
        if revocation:
            raise PolicyDenied(
                f"The machine token `{token.jti}` of `{token.sub}` was revoked by"
                f" `{revocation.by}` on {revocation.at:%Y-%m-%d %H:%M} UTC. Issue a new one"
                " (`tenuto token issue`).",
                code="token.revoked",
            )

    def __iter__(self) -> Iterator[RegisteredToken]:
        """Every token, in no order."""
        for path, _ in self._place.walk(_FOLDER):
            if path.endswith(_ISSUED):
                jti = path.rpartition("/")[2].removesuffix(_ISSUED)
                yield RegisteredToken(token=self._token(jti), revocation=self._revocation(jti))

    def _token(self, jti: str) -> MachineToken:
        if _JTI.fullmatch(jti):
            path = _path(jti, _ISSUED)
            try:
                return _read(MachineToken, self._place.read(path), path)
            except FileNotFoundError:
                pass
        raise NotFoundError(
            f"No machine token `{jti[:40]}` was issued with the artifact store"
            f" {self._place.url}. `tenuto token list` shows those that were.",
            code="token.unknown",
        )

    def _revocation(self, jti: str) -> Revocation | None:
        path = _path(jti, _REVOKED)
        try:
            return _read(Revocation, self._place.read(path), path)
        except FileNotFoundError:
            return None


def _path(jti: str, suffix: str) -> str:
    return f"{_FOLDER}/{jti}{suffix}"


def _read(kind: type[RecordT], data: bytes, path: str) -> RecordT:
    try:
        return kind.model_validate_json(data)
    except ValidationError as wrong:
        raise CorruptError(
            f"`{path}` in the artifact store is damaged: {wrong.errors()[0]['msg']}. Restore it"
            " from a copy; until then its token is refused.",
            code="token.damaged",
        ) from wrong
