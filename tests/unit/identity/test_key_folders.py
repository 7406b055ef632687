"""Signing keys on disk: made once, rotated, revoked, and kept from everybody else."""

import base64
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import PIPE

import pytest

from tenuto.core.errors import CorruptError, PolicyDenied, UsageError
from tenuto.identity.keys import KeyFolder, KeyRing
from tenuto.identity.principal import Authentication
from tenuto.identity.signing import sign, verified
from tenuto.identity.ticket import NO_POLICY, Ticket

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
TICKET = Ticket(
    jti="1",
    sub="u:ann",
    act="decide",
    task="task/1",
    ph=NO_POLICY,
    iat=NOW,
    exp=NOW + timedelta(minutes=5),
    pol=NO_POLICY,
    auth=Authentication(method="local"),
)


def test_the_first_use_makes_a_key_and_the_next_finds_it(tmp_path: Path) -> None:
    keys = KeyFolder(tmp_path / "keys")
    made = keys.open("decisions", NOW)
    assert keys.open("decisions", NOW + timedelta(days=1)) == made
    assert keys.path("decisions").stat().st_mode & 0o777 == 0o600
    assert keys.folder.stat().st_mode & 0o777 == 0o700


_CHANGE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from tenuto.identity.keys import KeyFolder
keys = KeyFolder(Path(sys.argv[1]))
sys.stdin.read()
print(keys.open("decisions", datetime.now(UTC)).keys[0].kid)
print(keys.rotate("decisions", datetime.now(UTC)).active.kid)
"""


def test_of_many_processes_that_come_first_one_makes_the_key(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _CHANGE, str(tmp_path)]
    started = [subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True) for _ in range(4)]
    for each in started:
        assert each.stdin
        each.stdin.close()
    told = []
    for each in started:
        with each:
            assert each.stdout
            told.append(each.stdout.read().split())
    first, rotated = {words[0] for words in told}, {words[1] for words in told}
    assert (len(first), len(rotated)) == (1, 4)
    kept = [key.kid for key in KeyFolder(tmp_path).read("decisions").keys]
    assert set(kept) == first | rotated, "a rotation was overwritten by another"
    assert not list(tmp_path.glob(".decisions-*"))


def test_a_retired_key_verifies_and_a_revoked_one_does_not(tmp_path: Path) -> None:
    keys = KeyFolder(tmp_path)
    old = keys.open("decisions", NOW)
    text = sign(TICKET, old)
    rotated = keys.rotate("decisions", NOW)
    assert rotated.active.kid != old.active.kid
    assert verified(text, Ticket, rotated) == TICKET
    revoked = keys.revoke("decisions", old.active.kid, NOW)
    with pytest.raises(PolicyDenied) as refused:
        verified(text, Ticket, revoked)
    assert refused.value.code == "ticket.unknown-key"


def test_without_an_active_key_nothing_is_signed(tmp_path: Path) -> None:
    keys = KeyFolder(tmp_path)
    kid = keys.open("decisions", NOW).active.kid
    ring = keys.revoke("decisions", kid, NOW)
    with pytest.raises(UsageError) as refused:
        sign(TICKET, ring)
    assert refused.value.code == "keys.none"
    with pytest.raises(UsageError) as unknown:
        keys.revoke("decisions", "0" * 16, NOW)
    assert unknown.value.code == "keys.unknown"


def test_a_public_copy_verifies_and_does_not_sign(tmp_path: Path) -> None:
    ring = KeyFolder(tmp_path).open("decisions", NOW)
    copy = ring.public_part()
    assert verified(sign(TICKET, ring), Ticket, copy) == TICKET
    with pytest.raises(UsageError) as refused:
        sign(TICKET, copy)
    assert refused.value.code == "keys.no-private-half"


@pytest.mark.attack
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o606])
def test_a_key_file_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    keys = KeyFolder(tmp_path)
    keys.open("decisions", NOW)
    keys.path("decisions").chmod(mode)
    with pytest.raises(UsageError, match="chmod 600") as refused:
        keys.read("decisions")
    assert refused.value.code == "keys.open-to-others"


@pytest.mark.attack
def test_a_public_copy_may_be_read_by_all_and_written_by_none(tmp_path: Path) -> None:
    keys = KeyFolder(tmp_path)
    public = keys.open("decisions", NOW).public_part()
    path = keys.path("decisions")
    path.write_text(public.model_dump_json())
    path.chmod(0o644)
    assert keys.read("decisions") == public
    path.chmod(0o664)
    with pytest.raises(UsageError) as refused:
        keys.read("decisions")
    assert refused.value.code == "keys.open-to-others"


@pytest.mark.attack
@pytest.mark.parametrize("change", ["", "{", '{"keys": 1}', '{"keys": [{"kid": "SECRET"}]}'])
def test_a_damaged_key_file_is_told_without_what_is_in_it(tmp_path: Path, change: str) -> None:
    keys = KeyFolder(tmp_path)
    keys.open("decisions", NOW)
    keys.path("decisions").write_text(change)
    with pytest.raises(CorruptError) as refused:
        keys.read("decisions")
    assert refused.value.code == "keys.unreadable"
    assert "SECRET" not in refused.value.message


@pytest.mark.attack
def test_no_private_half_is_in_a_ring_that_is_printed(tmp_path: Path) -> None:
    ring = KeyFolder(tmp_path).open("decisions", NOW)
    private = ring.active.private
    assert private
    told = f"{ring} {ring!r} {ring.active!r} {ring.public_part().model_dump_json()}"
    assert private not in told
    assert base64.b64decode(private) not in told.encode()


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="identity.keys") as refused:
        KeyFolder(tmp_path / "file" / "keys").rotate("decisions", NOW)
    assert refused.value.code == "keys.no-access"


def test_an_empty_ring_is_what_a_missing_file_holds(tmp_path: Path) -> None:
    assert KeyFolder(tmp_path).read("ledger") == KeyRing()
