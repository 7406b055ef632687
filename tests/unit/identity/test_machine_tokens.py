"""Machine tokens: who may have one, for how long, and what is taken for one."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tenuto.core.errors import PolicyDenied, UsageError
from tenuto.identity.keys import KeyFolder, KeyRing
from tenuto.identity.machine_token import machine_token, principal_with, verified_machine_token
from tenuto.identity.principal import Authentication, Principal
from tenuto.identity.signing import sign
from tenuto.identity.ticket import NO_POLICY, MachineToken, Ticket

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
ANN = Principal(id="u:ann")


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return KeyFolder(tmp_path).open("decisions", NOW)


def issued(days: float = 30, holder: str = "s:loader", owner: Principal = ANN) -> MachineToken:
    return machine_token(
        holder,
        ("g:ops",),
        owner=owner,
        life=timedelta(days=days),
        scope=("workflow:start",),
        jti="1" * 32,
        now=NOW,
    )


def test_a_machine_is_who_its_token_says(ring: KeyRing) -> None:
    token = issued()
    assert verified_machine_token(sign(token, ring), ring, NOW + timedelta(days=29)) == token
    who = principal_with(token)
    assert (who.id, who.groups, who.owner, who.kind) == ("s:loader", ("g:ops",), "u:ann", "service")
    assert who.authentication.method == "token"
    assert who.is_in_scope("workflow:start")
    assert not who.is_in_scope("keys:rotate")
    assert ANN.is_in_scope("keys:rotate")


@pytest.mark.attack
@pytest.mark.parametrize("days", [91, 0, -1, 90.01])
def test_no_token_lives_longer_than_ninety_days(days: float) -> None:
    with pytest.raises(UsageError) as refused:
        issued(days=days)
    assert refused.value.code == "token.too-long"


@pytest.mark.attack
def test_people_have_no_machine_tokens_and_machines_issue_none() -> None:
    with pytest.raises(UsageError) as person:
        issued(holder="u:bob")
    assert person.value.code == "token.for-whom"
    with pytest.raises(PolicyDenied) as machine:
        issued(owner=Principal(id="s:loader", authentication=Authentication(method="token")))
    assert machine.value.code == "token.not-a-person"


@pytest.mark.attack
def test_a_token_counts_only_in_its_time(ring: KeyRing) -> None:
    text = sign(issued(), ring)
    for moment in (NOW + timedelta(days=30, seconds=1), NOW - timedelta(minutes=2)):
        with pytest.raises(PolicyDenied) as refused:
            verified_machine_token(text, ring, moment)
        assert refused.value.code == "token.expired"


@pytest.mark.attack
def test_a_signed_token_for_years_is_refused_all_the_same(ring: KeyRing) -> None:
    for_years = issued().model_copy(update={"exp": NOW + timedelta(days=400)})
    with pytest.raises(PolicyDenied) as refused:
        verified_machine_token(sign(for_years, ring), ring, NOW)
    assert refused.value.code == "token.expired"


@pytest.mark.attack
def test_a_ticket_is_no_machine_token(ring: KeyRing) -> None:
    proof = Authentication(method="local")
    until = NOW + timedelta(minutes=5)
    ticket = Ticket(
        jti="1",
        sub="u:ann",
        act="x",
        task="y",
        ph=NO_POLICY,
        iat=NOW,
        exp=until,
        pol=NO_POLICY,
        auth=proof,
    )
    with pytest.raises(PolicyDenied) as refused:
        verified_machine_token(sign(ticket, ring), ring, NOW)
    assert refused.value.code == "token.forged"


@pytest.mark.attack
def test_a_token_of_another_installation_is_refused(ring: KeyRing, tmp_path: Path) -> None:
    other = KeyFolder(tmp_path / "other").open("decisions", NOW)
    with pytest.raises(PolicyDenied) as refused:
        verified_machine_token(sign(issued(), other), ring, NOW)
    assert refused.value.code == "token.forged"
