"""The one builder of clients: embedded, self-hosted, or Cloud, by profile only."""

import asyncio
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from temporalio.client import Client
from temporalio.envconfig import ClientConfigProfile
from temporalio.service import RPCError, TLSConfig

from tenuto.core.errors import UnreachableError, UsageError
from tenuto.engine.converter import data_converter
from tenuto.engine.embedded import running_server
from tenuto.engine.encryption import EncryptionCodec
from tenuto.engine.headers import SignedHeaders
from tenuto.engine.settings import Settings
from tenuto.identity.data_keys import DataKeyFile
from tenuto.identity.local import is_loopback

DEFAULT_NAMESPACE = "default"


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """Which server, and as whom."""

    address: str
    namespace: str = DEFAULT_NAMESPACE
    api_key: str | None = None
    tls: bool | TLSConfig = False
    rpc_metadata: tuple[tuple[str, str], ...] = ()
    origin: str = "default"
    """Where the address comes from: `profile`, `embedded`, or `default`."""

    @property
    def is_local(self) -> bool:
        """Whether it can only be on this machine."""
        return is_loopback(self.address)

    @property
    def is_embedded(self) -> bool:
        """Whether it is the server this project starts by itself."""
        return self.origin == "embedded"


LOCAL = Target(address="127.0.0.1:0", origin="embedded")
"""This project's own server, wherever it answers: for a command that does not connect."""


def profile_target(settings: Settings) -> Target | None:
    """What `temporal.toml` and `TEMPORAL_*` say, or None where they name no address.

    Raises UsageError for an unknown profile, an unknown key, or half a client certificate.
    """
    try:
        profile = ClientConfigProfile.load(
            settings.profile or None,
            config_source=_config_file(settings),
            config_file_strict=True,
        )
        connect = profile.to_client_connect_config()
    except (RuntimeError, ValueError, OSError) as error:
        raise UsageError(
            f"The Temporal connection profile cannot be used: {error}. See docs/how-to/connect.md.",
            code="connection.profile",
        ) from error
    if not profile.address:
        return None
    _refuse_half_a_certificate(profile)
    return Target(
        address=profile.address,
        namespace=connect.get("namespace", DEFAULT_NAMESPACE),
        api_key=connect.get("api_key"),
        tls=connect.get("tls", False),
        rpc_metadata=tuple(connect.get("rpc_metadata", {}).items()),
        origin="profile",
    )


def find_target(settings: Settings) -> Target:
    """The profile's server, else this project's running embedded one.

    Raises UnreachableError when no profile names a server and none is running here.
    """
    target = profile_target(settings)
    if target:
        return target
    server = running_server(settings.state_path)
    if server:
        return Target(address=server.address, origin="embedded")
    raise UnreachableError(
        f"No Temporal server: none is running for {settings.root} and no profile names one."
        " Start one with `tenuto up`, or set TEMPORAL_ADDRESS.",
        code="connection.no-server",
    )


async def connect(
    target: Target,
    *,
    external_storage: Any = None,
    codec: EncryptionCodec | None = None,
    plugins: Any = (),
    patience: timedelta = timedelta(seconds=10),
) -> Client:
    """A connected client with Tenuto's data converter.

    Raises UnreachableError naming the address when the server does not answer in `patience`
    or does not accept the credentials.
    """
    try:
        async with asyncio.timeout(patience.total_seconds()):
            return await Client.connect(
                target.address,
                namespace=target.namespace,
                api_key=target.api_key,
                tls=target.tls,
                rpc_metadata=dict(target.rpc_metadata),
                data_converter=data_converter(external_storage, codec),
                plugins=list(plugins),
                interceptors=[SignedHeaders()],
            )
    except (RPCError, RuntimeError, TimeoutError) as error:
        raise UnreachableError(
            f"The Temporal server at {target.address} does not answer: {_reason(error)}. Start"
            " it (`tenuto up`), or correct the address (TEMPORAL_ADDRESS, temporal.toml).",
            code="connection.unreachable",
            details={"address": target.address, "namespace": target.namespace},
        ) from error


def payload_codec(settings: Settings, target: Target) -> EncryptionCodec:
    """What encrypts as `encryption.enabled` says, and decrypts in any case.

    Where encryption is on, the first key is made here if the server is on this machine. Elsewhere
    all machines have to have the same ones: raises UsageError `keys.none` where this has none.
    """
    keys, encrypts = DataKeyFile(settings.keys_path), settings.encryption.enabled
    if encrypts:
        ring = keys.open(datetime.now(UTC)) if target.is_local else keys.read()
        _ = ring.active
    return EncryptionCodec(target.namespace, keys, writes=encrypts)


def _config_file(settings: Settings) -> Path | None:
    if os.environ.get("TEMPORAL_CONFIG_FILE"):
        return None
    beside = settings.root / "temporal.toml"
    return beside if beside.is_file() else None


def _refuse_half_a_certificate(profile: ClientConfigProfile) -> None:
    tls = profile.tls
    if tls is None:
        return
    if bool(tls.client_cert) != bool(tls.client_private_key):
        given, missing = ("certificate", "key") if tls.client_cert else ("key", "certificate")
        raise UsageError(
            f"The connection profile has a client {given} but no client {missing}; mTLS needs"
            f" both (TEMPORAL_TLS_CLIENT_{'KEY' if missing == 'key' else 'CERT'}_PATH).",
            code="connection.half-a-certificate",
        )


def _reason(error: Exception) -> str:
    text = str(error).strip().splitlines()
    return text[0][:200] if text else type(error).__name__
