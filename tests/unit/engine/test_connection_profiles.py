"""ALL-11: embedded, self-hosted, or Cloud by configuration only."""

from pathlib import Path

import pytest
from temporalio.service import TLSConfig

from tenuto.core.errors import UnreachableError, UsageError
from tenuto.engine.connection import Target, connect, find_target, profile_target
from tenuto.engine.settings import Settings


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import os

    for name in list(os.environ):
        if name.startswith("TEMPORAL_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home" / ".config"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(root=tmp_path)


def test_nothing_configured_names_no_server(settings: Settings) -> None:
    assert profile_target(settings) is None
    with pytest.raises(UnreachableError, match="tenuto up") as nobody:
        find_target(settings)
    assert nobody.value.exit_code == 5


def test_an_address_alone_is_plaintext(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "temporal.internal:7233")
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "orders")
    target = find_target(settings)
    assert (target.address, target.namespace) == ("temporal.internal:7233", "orders")
    assert target.tls is False
    assert not target.is_embedded


def test_an_api_key_switches_tls_on(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "eu.example:7233")
    monkeypatch.setenv("TEMPORAL_API_KEY", "key")
    target = find_target(settings)
    assert target.tls is True
    assert target.api_key == "key"


def test_certificate_and_key_become_mtls(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "temporal.toml").write_text(
        '[profile.default]\naddress = "a:7233"\n[profile.default.tls]\n'
        'client_cert_data = "CERT"\nclient_key_data = "KEY"\n'
    )
    tls = find_target(settings).tls
    assert isinstance(tls, TLSConfig)
    assert (tls.client_cert, tls.client_private_key) == (b"CERT", b"KEY")


@pytest.mark.parametrize(("given", "missing"), [("cert", "key"), ("key", "certificate")])
def test_half_a_certificate_is_an_error(
    settings: Settings, tmp_path: Path, given: str, missing: str
) -> None:
    (tmp_path / "temporal.toml").write_text(
        f'[profile.default]\naddress = "a:7233"\n[profile.default.tls]\nclient_{given}_data = "X"\n'
    )
    with pytest.raises(UsageError, match=f"no client {missing}"):
        find_target(settings)


def test_profiles_of_one_file_name_different_servers(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "temporal.toml").write_text(
        '[profile.default]\naddress = "a:7233"\n[profile.cloud]\naddress = "b:7233"\n'
    )
    assert find_target(settings).address == "a:7233"
    cloud = settings.model_copy(update={"profile": "cloud"})
    assert find_target(cloud).address == "b:7233"
    nobody = settings.model_copy(update={"profile": "clowd"})
    with pytest.raises(UsageError, match="clowd"):
        find_target(nobody)


def test_an_unknown_key_is_refused(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "temporal.toml").write_text('[profile.default]\nadress = "a:7233"\n')
    with pytest.raises(UsageError, match="adress"):
        find_target(settings)


async def test_a_server_that_does_not_answer_is_named() -> None:
    from datetime import timedelta

    with pytest.raises(UnreachableError, match=r"127\.0\.0\.1:9"):
        await connect(Target(address="127.0.0.1:9"), patience=timedelta(seconds=2))
