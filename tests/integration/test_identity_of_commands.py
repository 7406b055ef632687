"""Who a command acts as: on a laptop, with an issuer's token, with a machine token."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from issuer_desk import AUDIENCE, IssuerDesk, SigningKey
from tenuto.cli import asking
from tenuto.cli.asking import principal_of
from tenuto.core.errors import PolicyDenied, TenutoError, UnreachableError, UsageError
from tenuto.engine.issuer import Issuer
from tenuto.engine.settings import IdentitySettings, Settings

HERE = "127.0.0.1:7233"
ELSEWHERE = "temporal.example.org:7233"


@pytest.fixture(autouse=True)
def no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (asking.TOKEN, asking.TOKEN_FILE):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def desk() -> Iterator[IssuerDesk]:
    with IssuerDesk() as desk:
        yield desk


def _oidc(root: Path, issuer: str) -> Settings:
    identity = IdentitySettings(mode="oidc", issuer=issuer, audience=AUDIENCE)
    return Settings(root=root, identity=identity)


def _refusal(settings: Settings, address: str = HERE) -> TenutoError:
    with pytest.raises(TenutoError) as refused:
        principal_of(settings, address)
    return refused.value


def test_on_a_laptop_you_are_who_is_logged_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "Ann")
    assert principal_of(Settings(root=tmp_path), HERE).id == "u:ann"
    named = IdentitySettings(user="bob", groups=("risk",))
    who = principal_of(Settings(root=tmp_path, identity=named), "[::1]:7233")
    assert (who.id, who.groups) == ("u:bob", ("g:risk",))


@pytest.mark.attack
@pytest.mark.parametrize(
    "address",
    [ELSEWHERE, "10.0.0.7:7233", "0.0.0.0:7233", "127.0.0.1.example.org:7233", "localhost.evil:1"],
)
def test_nobody_is_taken_at_his_word_by_a_server_elsewhere(tmp_path: Path, address: str) -> None:
    wrong = _refusal(Settings(root=tmp_path), address)
    assert wrong.code == "identity.not-loopback"
    assert isinstance(wrong, PolicyDenied)


def test_an_issuers_token_says_who_you_are_on_any_server(
    tmp_path: Path, desk: IssuerDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = _oidc(tmp_path, desk.url)
    for algorithm in desk.keys:
        monkeypatch.setenv(asking.TOKEN, desk.token(algorithm))
        who = principal_of(settings, ELSEWHERE)
        assert (who.id, who.groups) == ("u:f7c1a0", ("g:fund-ops",))
    assert desk.fetches == 1, "keys are kept"


def test_a_token_may_be_in_a_file(
    tmp_path: Path, desk: IssuerDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "token"
    file.write_text(desk.token() + "\n")
    monkeypatch.setenv(asking.TOKEN_FILE, str(file))
    assert principal_of(_oidc(tmp_path, desk.url), HERE).id == "u:f7c1a0"
    file.write_bytes(b"a" * (8 * 1024 + 1))
    assert _refusal(_oidc(tmp_path, desk.url)).code == "identity.token-long"
    monkeypatch.setenv(asking.TOKEN, desk.token())
    assert _refusal(_oidc(tmp_path, desk.url)).code == "identity.two-tokens"
    monkeypatch.delenv(asking.TOKEN)
    file.unlink()
    assert _refusal(_oidc(tmp_path, desk.url)).code == "identity.token-file"


@pytest.mark.attack
def test_without_a_token_nobody_is_anybody(
    tmp_path: Path, desk: IssuerDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _refusal(_oidc(tmp_path, desk.url)).code == "identity.no-token"
    monkeypatch.setenv(asking.TOKEN, "")
    assert _refusal(_oidc(tmp_path, desk.url)).code == "identity.token-malformed"
    monkeypatch.setenv(asking.TOKEN, desk.token())
    assert _refusal(Settings(root=tmp_path)).code == "identity.no-issuer"


def test_a_new_key_is_asked_for_once_and_a_made_up_one_too(
    desk: IssuerDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = _oidc(tmp_path, desk.url)
    monkeypatch.setenv(asking.TOKEN, desk.token())
    principal_of(settings, HERE)
    desk.keys = {"ES256": SigningKey("ES256", "ES256-2")}
    monkeypatch.setenv(asking.TOKEN, desk.token())
    assert principal_of(settings, HERE).id == "u:f7c1a0"
    assert desk.fetches == 2
    for number in range(5):
        desk.keys = {"ES256": SigningKey("ES256", f"made-up-{number}")}
        monkeypatch.setenv(asking.TOKEN, desk.token())
        assert _refusal(settings).code == "identity.token-unknown-key"
    assert desk.fetches == 2, "made-up keys become requests"


@pytest.mark.attack
@pytest.mark.parametrize(
    ("lie", "said"),
    [
        ({"issuer": "https://other.example"}, "calls itself"),
        ({"jwks_uri": "https://other.example/keys"}, "not https"),
        ({"jwks_uri": None}, "is no address"),
        ({"jwks_uri": "file:///etc/passwd"}, "is no address"),
        ({"jwks_uri": "http://10.0.0.7/keys"}, "is no address"),
    ],
)
def test_an_issuer_that_is_not_what_it_says_is_not_asked(
    desk: IssuerDesk, lie: dict[str, str | None], said: str
) -> None:
    desk.discovery = lie
    with pytest.raises(TenutoError, match=said):
        Issuer(desk.url).find_key("ES256-1")
    assert desk.fetches == 0


@pytest.mark.attack
@pytest.mark.parametrize("url", ["", "http://login.example.org", "ftp://127.0.0.1", "login"])
def test_an_issuer_is_asked_over_https(tmp_path: Path, url: str) -> None:
    with pytest.raises(UsageError) as refused:
        Issuer(url)
    assert refused.value.code == "identity.issuer"


def test_an_issuer_that_does_not_answer_is_named() -> None:
    with IssuerDesk() as gone:
        url = gone.url
    with pytest.raises(UnreachableError) as refused:
        Issuer(url).find_key("ES256-1")
    assert refused.value.code == "identity.issuer-unreachable"
    assert url in refused.value.message
