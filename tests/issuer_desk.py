"""An OpenID Connect issuer on loopback that signs real tokens, and lies when a test says so."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from tenuto.testing.loopback import Answer, LoopbackServer, Received

AUDIENCE = "tenuto"
ALGORITHMS = ("RS256", "ES256", "EdDSA")


class SigningKey:
    """A key pair of the issuer."""

    def __init__(self, algorithm: str, kid: str, *, bits: int = 2048) -> None:
        self.algorithm, self.kid = algorithm, kid
        self.private: Any
        if algorithm == "RS256":
            self.private = generate_rsa(public_exponent=65537, key_size=bits)
            self._jwk = RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        elif algorithm == "ES256":
            self.private = generate_private_key(SECP256R1())
            self._jwk = ECAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        else:
            self.private = Ed25519PrivateKey.generate()
            self._jwk = OKPAlgorithm.to_jwk(self.private.public_key(), as_dict=True)

    @property
    def jwk(self) -> dict[str, Any]:
        """The public half, as it is published."""
        return {**self._jwk, "kid": self.kid, "use": "sig"}

    @property
    def pem(self) -> bytes:
        """The public half, as somebody would paste it."""
        public: bytes = self.private.public_key().public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        )
        return public


def claims(issuer: str, **changes: Any) -> dict[str, Any]:
    """Claims of a good access token that was issued now; a change to None leaves one out."""
    now = int(time.time())
    good = {
        "iss": issuer,
        "aud": AUDIENCE,
        "sub": "f7c1a0",
        "iat": now,
        "exp": now + 600,
        "client_id": "tenuto-cli",
        "groups": ["fund-ops"],
    }
    return {name: value for name, value in (good | changes).items() if value is not None}


def token(
    key: SigningKey, content: Mapping[str, Any], *, headers: Mapping[str, Any] | None = None
) -> str:
    """The claims, signed; `typ` is `at+jwt` unless the headers say otherwise."""
    return jwt.encode(
        dict(content),
        key.private,
        algorithm=key.algorithm,
        headers={"typ": "at+jwt", "kid": key.kid, **(headers or {})},
    )


def by_hand(header: Mapping[str, Any], content: Mapping[str, Any], secret: bytes | None) -> str:
    """A token that no library would make: HMAC with `secret`, or no signature at all."""
    parts = [_coded(json.dumps(each).encode()) for each in (header, content)]
    signed = ".".join(parts)
    digest = b"" if secret is None else hmac.digest(secret, signed.encode(), hashlib.sha256)
    return f"{signed}.{_coded(digest)}"


class IssuerDesk:
    """The issuer while the block lasts."""

    def __init__(self) -> None:
        self.keys = {each: SigningKey(each, f"{each}-1") for each in ALGORITHMS}
        self.discovery: dict[str, Any] = {}
        """What the discovery document says other than the truth."""
        self.server = LoopbackServer(self._answer)

    @property
    def url(self) -> str:
        """What it calls itself."""
        return self.server.url

    @property
    def fetches(self) -> int:
        """How often its keys were asked for."""
        return sum(each.path == "/keys" for each in self.server.received)

    def token(self, algorithm: str = "ES256", **changes: Any) -> str:
        """A good access token, but for the changes."""
        return token(self.keys[algorithm], claims(self.url, **changes))

    def __enter__(self) -> Self:
        self.server.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.server.__exit__(kind, error, trace)

    def _answer(self, request: Received) -> Answer:
        if request.path == "/.well-known/openid-configuration":
            truth = {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}
            return Answer(body=json.dumps(truth | self.discovery).encode())
        if request.path == "/keys":
            published = [key.jwk for key in self.keys.values()]
            return Answer(body=json.dumps({"keys": published}).encode())
        return Answer(status=404)


def _coded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
