"""The spool keeps what several processes write, refuses when full, and loses nothing."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tenuto.core.errors import TransientError
from tenuto.evidence.spool import Spool, SpoolEntry

WRITER = """
import sys
from pathlib import Path
from tenuto.evidence.spool import Spool
spool = Spool(Path(sys.argv[1]))
for number in range(int(sys.argv[3])):
    spool.append("decision", {"writer": sys.argv[2], "number": number})
"""


def test_what_was_appended_is_taken_in_order_until_done(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    ids = [spool.append("decision", {"number": number}) for number in range(3)]
    taken = spool.take()
    assert [entry.id for entry in taken] == ids
    assert spool.take() == taken
    later = spool.append("access", {})
    assert [entry.id for entry in spool.take()] == [*ids, later]
    spool.done(taken)
    assert [entry.id for entry in spool.take()] == [later]
    spool.done(spool.take())
    assert spool.take() == ()
    assert spool.used_bytes() == 0


def test_processes_and_a_reader_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), str(each), "60"])
        for each in range(3)
    ]
    spool = Spool(tmp_path)
    got: list[SpoolEntry] = []
    while any(writer.poll() is None for writer in writers):
        taken = spool.take()
        got += taken
        spool.done(taken)
    got += spool.take()
    assert all(writer.returncode == 0 for writer in writers)
    told = [(entry.data["writer"], entry.data["number"]) for entry in got]
    assert sorted(told) == [(str(w), n) for w in range(3) for n in range(60)]
    for writer in "012":
        assert [n for w, n in told if w == writer] == list(range(60))


def test_threads_append_whole_lines(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    threads = [
        threading.Thread(target=lambda: [spool.append("access", {"n": n}) for n in range(20)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [entry.kind for entry in spool.take()] == ["access"] * 80


@pytest.mark.attack
def test_a_full_spool_refuses_writes_and_counts_reads(tmp_path: Path) -> None:
    spool = Spool(tmp_path, most_bytes=400)
    spool.append("decision", {"what": "x" * 200})
    with pytest.raises(TransientError) as refused:
        spool.append("decision", {"what": "x" * 200})
    assert refused.value.code == "evidence.spool-full"
    for _ in range(3):
        spool.append("access", {"what": "x" * 200}, is_read=True)
    taken = spool.take()
    assert taken[-1].data == {"unrecorded_reads": 3}
    spool.done(taken)
    spool.append("decision", {"what": "again"})


@pytest.mark.attack
def test_a_torn_line_and_a_strangers_line_become_records(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    first = spool.append("decision", {})
    with (tmp_path / "open.jsonl").open("ab") as file:
        file.write(b'{"id": "half')
    last = spool.append("decision", {})
    taken = spool.take()
    assert [entry.kind for entry in taken] == ["decision", "damage", "decision"]
    assert (taken[0].id, taken[2].id) == (first, last)
    assert bytes.fromhex(str(taken[1].data["bytes"])) == b'{"id": "half'
    assert spool.take() == taken


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(TransientError) as refused:
        Spool(tmp_path / "file").append("decision", {})
    assert refused.value.code == "evidence.spool-failed"


def test_what_is_appended_once_is_there_once_even_after_it_was_taken(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    for _ in range(2):
        spool.append_once("policy", "abc", {"texts": {}})
    spool.append_once("policy", "other", {"texts": {}})
    taken = spool.take()
    assert [entry.kind for entry in taken] == ["policy", "policy"]
    spool.done(taken)
    spool.append_once("policy", "abc", {"texts": {}})
    assert spool.take() == ()


@pytest.mark.attack
def test_what_found_no_room_is_appended_once_there_is_some(tmp_path: Path) -> None:
    spool = Spool(tmp_path, most_bytes=400)
    spool.append("decision", {"what": "x" * 250})
    spool.append_once("policy", "abc", {"texts": "y" * 200})
    taken = spool.take()
    assert [entry.kind for entry in taken] == ["decision"]
    spool.done(taken)
    spool.append_once("policy", "abc", {"texts": "y" * 200})
    assert [entry.kind for entry in spool.take()] == ["policy"]


def test_it_says_since_when_something_waits(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    assert spool.waiting_since() is None
    spool.append("decision", {})
    first = spool.take()[0].t
    spool.append("decision", {})
    assert spool.waiting_since() == first
    spool.done(spool.take())
    assert spool.waiting_since() is None
