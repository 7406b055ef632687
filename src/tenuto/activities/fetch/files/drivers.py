"""The driver of a remote filesystem: secrets from the environment, strangers refused."""

from pathlib import Path
from typing import Any

from fsspec.core import url_to_fs  # type: ignore[import-untyped]

from tenuto.activities.secrets import resolve_secret
from tenuto.core.errors import TenutoError, UnreachableError, UsageError

_SECRET_OPTIONS = {
    "s3": ("key", "secret", "token"),
    "gs": ("token",),
    "az": ("account_name", "account_key", "sas_token", "connection_string"),
    "sftp": ("username", "password", "passphrase"),
    "memory": (),
}
_SAME_AS = {
    "s3a": "s3",
    "gcs": "gs",
    "abfs": "az",
    "abfss": "az",
    "adl": "az",
    "ssh": "sftp",
}


def connected(url: str, credentials: dict[str, str]) -> tuple[Any, str]:
    """The fsspec driver of `url`, signed in, and the path it knows the file or glob by.

    `credentials` are option -> secret reference. Raises UsageError `files.driver-missing`,
    `files.credential-unknown` for an option that is no credential (an endpoint or a proxy is
    the operator's to set), UnreachableError `files.unreachable`, and as `resolve_secret` does.
    """
    options = _options(url, credentials)
    try:
        filesystem, path = url_to_fs(url, skip_instance_cache=True, **options)
    except ImportError as exc:
        raise UsageError(
            f"the driver for {url.split('://', 1)[0]} is not installed on this worker: {exc}",
            code="files.driver-missing",
        ) from exc
    except TenutoError:
        raise
    except Exception as exc:  # drivers that connect at once raise classes of their own
        raise UnreachableError(
            f"{url} cannot be reached: {type(exc).__name__}: {exc}; check its address and the "
            "user, key, or password",
            code="files.unreachable",
        ) from exc
    return filesystem, str(path)


def _options(url: str, credentials: dict[str, str]) -> dict[str, Any]:
    protocol = url.split("://", 1)[0].lower()
    kind = _SAME_AS.get(protocol, protocol)
    unknown = sorted(set(credentials) - set(_SECRET_OPTIONS[kind]))
    if unknown:
        raise UsageError(
            f"{unknown[0]!r} is no credential of {protocol}; valid are "
            f"{', '.join(_SECRET_OPTIONS[kind]) or 'none'}",
            code="files.credential-unknown",
        )
    options: dict[str, Any] = {
        name: resolve_secret(reference).get_secret_value()
        for name, reference in credentials.items()
    }
    if kind == "sftp":
        options["host_key_policy"] = _known_hosts_only()
    return options


def _known_hosts_only() -> Any:
    """fsspec trusts any host key at first sight; we accept those in `~/.ssh/known_hosts` only."""
    try:
        import paramiko  # type: ignore[import-untyped]
    except ImportError as exc:
        raise UsageError(
            "the driver for sftp is not installed on this worker; run `pip install paramiko`",
            code="files.driver-missing",
        ) from exc

    class KnownHostsOnly(paramiko.MissingHostKeyPolicy):  # type: ignore[misc]
        def missing_host_key(self, client: Any, hostname: str, key: Any) -> None:
            known = Path("~/.ssh/known_hosts").expanduser()
            keys = paramiko.HostKeys(str(known) if known.is_file() else None)
            if not keys.check(hostname, key):
                raise UsageError(
                    f"the key of host {hostname} ({key.get_name()}) is not in ~/.ssh/known_hosts "
                    "of the worker; add it there once you have checked it",
                    code="files.host-unknown",
                )

    return KnownHostsOnly()
