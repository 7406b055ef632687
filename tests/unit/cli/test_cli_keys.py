"""`tenuto keys`, `tenuto token`, and `tenuto whoami`, in a project without a server."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tenuto.identity.keys import KeyRing

Tenuto = Callable[..., Any]


@pytest.fixture(autouse=True)
def logged_in(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "ann")


def _json(tenuto: Tenuto, *args: str) -> Any:
    ran = tenuto(*args, "--json")
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def test_you_are_who_is_logged_in_or_who_you_say(tenuto: Tenuto) -> None:
    assert _json(tenuto, "whoami")["id"] == "u:ann"
    said = _json(tenuto, "whoami", "--as", "u:Bob", "--groups", "g:risk,ops")
    assert (said["id"], said["groups"]) == ("u:bob", ["g:ops", "g:risk"])
    assert _json(tenuto, "whoami")["id"] == "u:ann", "it was for one command"
    assert tenuto("whoami", "--as", "").code == 2


@pytest.mark.attack
def test_on_a_server_elsewhere_nobody_is_who_he_says(
    tenuto: Tenuto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "temporal.example.org:7233")
    ran = tenuto("whoami", "--as", "u:boss")
    assert ran.code == 1
    assert "identity.not-loopback" in ran.err


def test_keys_are_rotated_listed_and_revoked(tenuto: Tenuto) -> None:
    assert _json(tenuto, "keys") == []
    first = _json(tenuto, "keys", "rotate", "decisions")["kid"]
    second = _json(tenuto, "keys", "rotate", "decisions")["kid"]
    assert [(k["kid"], k["state"]) for k in _json(tenuto, "keys")] == [
        (first, "retired"),
        (second, "active"),
    ]
    assert _json(tenuto, "keys", "revoke", "decisions", second)["was_active"]
    assert tenuto("keys", "revoke", "decisions", "0" * 16).code == 2


@pytest.mark.attack
def test_payload_keys_are_destroyed_on_one_road_only(tenuto: Tenuto, project: Path) -> None:
    """The road that asks for `audit:erase`, and heeds a legal hold and open runs."""
    first = _json(tenuto, "keys", "rotate", "payloads")["kid"]
    _json(tenuto, "keys", "rotate", "payloads")
    refused = tenuto("keys", "revoke", "payloads", first)
    assert refused.code == 2
    assert f"tenuto audit erase {first} --reason" in refused.err
    assert "keys.erase" in refused.err
    assert [each["state"] for each in _json(tenuto, "keys")] == ["retired", "active"]


@pytest.mark.attack
def test_no_secret_is_shown_logged_or_recorded(tenuto: Tenuto, project: Path) -> None:
    said = ""
    for purpose in ("decisions", "ledger", "payloads"):
        said += _said(
            tenuto("keys", "rotate", purpose), tenuto("keys", "rotate", purpose, "--json")
        )
    for args in (
        ("keys",),
        ("keys", "list", "--json"),
        ("keys", "export", "decisions"),
        ("doctor", "--json"),
        ("token", "issue", "--for", "s:loader"),
        ("token", "list", "--json"),
        ("whoami", "--debug"),
        ("keys", "revoke", "decisions", "nothing", "--debug"),
    ):
        said += _said(tenuto(*args))
    state = project / ".tenuto"
    written = [each for each in state.rglob("*") if each.is_file() and each.parent.name != "keys"]
    assert any(each.name == "open.jsonl" for each in written), "the audit trail was looked at"
    everything = said.encode() + b"".join(each.read_bytes() for each in written)
    secrets = _secrets(state / "keys")
    assert len(secrets) == 6
    for secret in secrets:
        raw = base64.b64decode(secret)
        for form in (secret.encode(), raw, raw.hex().encode(), base64.urlsafe_b64encode(raw)):
            assert form not in everything


def _said(*ran: Any) -> str:
    return "".join(each.out + each.err for each in ran)


def _secrets(folder: Path) -> list[str]:
    rings = [json.loads(each.read_bytes()) for each in folder.glob("*.json")]
    return [key.get("private") or key.get("secret") for ring in rings for key in ring["keys"]]


def test_an_export_has_public_halves_only_and_is_a_key_file(tenuto: Tenuto) -> None:
    kid = _json(tenuto, "keys", "rotate", "ledger")["kid"]
    ring = KeyRing.model_validate_json(tenuto("keys", "export", "ledger").out)
    assert [(key.kid, key.private) for key in ring.keys] == [(kid, None)]


@pytest.mark.attack
def test_keys_that_others_can_read_stop_every_command_that_needs_them(
    tenuto: Tenuto, project: Path
) -> None:
    _json(tenuto, "keys", "rotate", "decisions")
    (project / ".tenuto/keys/decisions.json").chmod(0o644)
    for args in (("keys",), ("token", "issue", "--for", "s:loader")):
        ran = tenuto(*args)
        assert ran.code == 2
        assert "chmod 600" in ran.err
    [check] = [
        each for each in json.loads(tenuto("doctor", "--json").out) if each["name"] == "keys"
    ]
    assert check["verdict"] == "fail"


def test_a_machine_acts_with_its_token_until_it_is_revoked(
    tenuto: Tenuto, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued = _json(tenuto, "token", "issue", "--for", "s:loader", "--groups", "g:ops,g:etl")
    monkeypatch.setenv("TENUTO_TOKEN", issued["token"])
    who = _json(tenuto, "whoami")
    assert (who["id"], who["groups"], who["owner"]) == ("s:loader", ["g:etl", "g:ops"], "u:ann")
    monkeypatch.setenv("TEMPORAL_ADDRESS", "temporal.example.org:7233")
    assert _json(tenuto, "whoami")["id"] == "s:loader", "a token is good for any server"
    assert "identity.claimed" in tenuto("whoami", "--as", "u:boss").err
    assert "token.not-a-person" in tenuto("token", "issue", "--for", "s:more").err
    monkeypatch.delenv("TENUTO_TOKEN")
    monkeypatch.delenv("TEMPORAL_ADDRESS")
    _json(tenuto, "token", "revoke", issued["jti"])
    assert _json(tenuto, "token", "revoke", issued["jti"])["revoked_by"] == "u:ann"
    monkeypatch.setenv("TENUTO_TOKEN", issued["token"])
    assert "token.revoked" in tenuto("whoami").err
    monkeypatch.delenv("TENUTO_TOKEN")
    assert _json(tenuto, "token") == []
    [listed] = _json(tenuto, "token", "list", "--all")
    assert (listed["state"], listed["revoked_by"]) == ("revoked", "u:ann")
    assert issued["token"] not in json.dumps(listed)


@pytest.mark.attack
def test_a_token_asks_for_nothing_beyond_its_scope(
    tenuto: Tenuto, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued = _json(tenuto, "token", "issue", "--for", "s:loader", "--scope", "workflow:start")
    monkeypatch.setenv("TENUTO_TOKEN", issued["token"])
    ran = tenuto("keys", "rotate", "decisions")
    assert ran.code == 1
    assert "token-scope" in ran.err
    monkeypatch.delenv("TENUTO_TOKEN")
    assert "token.unknown-scope" in tenuto("token", "issue", "--for", "s:x", "--scope", "a:b").err


@pytest.mark.attack
def test_a_token_that_the_store_does_not_know_is_refused(
    tenuto: Tenuto, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued = _json(tenuto, "token", "issue", "--for", "s:loader")
    monkeypatch.setenv("TENUTO_TOKEN", issued["token"])
    monkeypatch.setenv("TENUTO_ARTIFACTS", str(project / "empty"))
    assert "token.not-registered" in tenuto("whoami").err


@pytest.mark.parametrize("holder", ["u:bob", "loader", "s:", "s:a'b"])
def test_a_token_is_for_a_machine(tenuto: Tenuto, holder: str) -> None:
    ran = tenuto("token", "issue", "--for", holder)
    assert ran.code == 2
    assert "token.for-whom" in ran.err or "identity.name" in ran.err


def test_doctor_tells_who_you_are_and_whether_payloads_are_encrypted(tenuto: Tenuto) -> None:
    _json(tenuto, "keys", "rotate", "payloads")
    found = {each["name"]: each for each in json.loads(tenuto("doctor", "--json").out)}
    assert found["identity"]["found"] == "u:ann (local)"
    assert found["keys"]["verdict"] == "ok"
    assert found["encryption"]["verdict"] == "warn"
