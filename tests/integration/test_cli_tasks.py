"""`tenuto tasks` in a project of a user's own, against its real server and workers."""

import asyncio
import json
import os
import pty
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from integration.cli_project.project import TENUTO, Project
from tenuto.cli import run
from tenuto.testing import eventually

pytestmark = pytest.mark.chaos  # slow: `make chaos` runs it

SEEN = "5" * 64


class Ran(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


class Office:
    """A project that is up, and people who type `tenuto tasks` in it, in this process."""

    def __init__(self, project: Project, capsys: pytest.CaptureFixture[str]) -> None:
        self.project = project
        self._capsys = capsys

    def __call__(self, who: str, *args: str, code: int = 0) -> Ran:
        """What `who` gets; `ann@g:risk,g:heads` is ann in these groups."""
        name, _, groups = who.partition("@")
        words = list(args) if args and not args[0].startswith("-") else ["inbox", *args]
        words[1:1] = ["--as", f"u:{name}", "--groups", groups]
        self._capsys.readouterr()
        done = Ran(run(["tasks", *words]), *self._capsys.readouterr())
        assert done.code == code, done
        return done

    def json(self, who: str, *args: str, code: int = 0) -> Any:
        """What it prints with `--json`."""
        return json.loads(self(who, *args, "--json", code=code).out)

    def asks(self, **fields: Any) -> str:
        """A new task to `g:risk` by rex; it is listed, and found by an end of its id, soon."""
        given = {
            "title": "Release the NAV",
            "requester": "u:rex",
            "candidates": ["g:risk"],
            **fields,
        }
        file = self.project.folder / "request.json"
        file.write_text(json.dumps(given))
        self._capsys.readouterr()
        assert run(["run", "human-task", "--input", str(file)]) == 0
        return self._capsys.readouterr().out.strip()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project whose server and workers run."""
    project = Project(tmp_path_factory.mktemp("office"), tmp_path_factory.mktemp("bytecode"))
    (project.folder / "tenuto.toml").write_text("")
    project.up()
    yield project
    project.close()


@pytest.fixture
def office(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Office:
    """People who work in that project."""
    for name in list(os.environ):
        if name.startswith(("TEMPORAL_", "TENUTO_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", project.environment["XDG_CONFIG_HOME"])
    monkeypatch.chdir(project.folder)
    return Office(project, capsys)


def test_inv_9_a_task_is_listed_shown_claimed_and_approved(office: Office, tmp_path: Path) -> None:
    task = office.asks(
        subject="F1", shown={"nav": "1,234.50"}, amount={"value": "5", "currency": "EUR"}
    )
    end = task[-8:]
    _patiently(lambda: office("ann@g:risk").out, contains=task)
    page = office("ann@g:risk", "show", end).out
    assert "Release the NAV" in page
    assert "1,234.50" in page
    assert "5 EUR" in page
    assert "claimed by u:ann" in office("ann@g:risk", "claim", end).err
    note = tmp_path / "note.txt"
    note.write_text("checked twice")
    office("ann@g:risk", "attach", end, str(note))
    office("ben@g:risk", "comment", end, "please hurry")
    assert "[task.claimed]" in office("ben@g:risk", "approve", task, code=2).err
    assert "approved" in office("ann@g:risk", "approve", end, "-m", "fine").err
    shown = office.json("ann@g:risk", "show", task)
    assert (shown["state"], shown["outcome"]["by"]) == ("approved", "u:ann")
    stored = shown["attachments"][0]["uri"]
    assert office.project("artifacts", "get", stored, "-").stdout == "checked twice"
    deeds = [
        (each["what"], each["by"], each["text"]) for each in office.json("ben", "history", end)
    ]
    assert deeds == [
        ("opened", "u:rex", ""),
        ("claim", "u:ann", ""),
        ("attach", "u:ann", "note.txt"),
        ("comment", "u:ben", "please hurry"),
        ("decide", "u:ann", "approve: fine"),
    ]


def test_the_inbox_is_what_one_gets_and_an_empty_one_says_so(office: Office) -> None:
    told = office("nobody").err
    assert "Nothing waits for you (u:nobody" in told
    assert "tenuto tasks --all" in told
    task = office.asks(candidates=["u:zoe"], due="PT2H", subject="F9")
    told_zoe = _patiently(lambda: office("zoe").out, contains=task)
    assert "Release the NAV" in told_zoe
    (row,) = office.json("zoe", "--subject", "F9", "--priority", "5")
    assert (row["task_id"], row["may_decide"], row["is_overdue"]) == (task, True, False)
    assert office.json("zoe", "--overdue") == []
    assert "[runs.filter-value]" in office("zoe", "--subject", "x' OR 1=1 --", code=2).err


def test_inv_11_who_comes_late_gets_the_recorded_outcome(office: Office) -> None:
    task = office.asks()
    office("ann@g:risk", "reject", task, "-m", "the cash is wrong")
    told = office("ben@g:risk", "approve", task, code=2).err
    assert "already decided by `u:ann`" in told
    assert "rejected" in told
    (record,) = office.json("ben@g:risk", "approve", task, code=1)
    assert record["error"]["code"] == "task.closed"
    assert record["error"]["details"]["outcome"]["comment"] == "the cash is wrong"


def test_one_vote_of_two_is_told_to_count_and_what_is_added_to_be_there(office: Office) -> None:
    task = office.asks(need=2)
    assert "comment written" in office("ann@g:risk", "comment", task, "looks right").err
    assert "reminded in 4 h" in office("ann@g:risk", "remind-me", task, "--in", "4h").err
    said = office("ann@g:risk", "approve", task).err
    assert "your approval is recorded; open, 1 more has to approve" in said
    office("ben@g:risk", "administer", task, "cancel", "-m", "wrong fund")
    assert "(wrong fund)" in office("cat@g:risk", "approve", task, code=2).err


def test_nobody_decides_on_what_they_did_not_look_at(office: Office) -> None:
    task = office.asks(seen=SEEN)
    told = office("ann@g:risk", "approve", task, code=2).err
    assert "[task.seen-needed]" in told
    assert f"--seen {SEEN}" in told
    assert (
        "[task.seen-other]" in office("ann@g:risk", "approve", task, "--seen", "6" * 64, code=2).err
    )
    assert office.json("ann@g:risk", "show", task)["request"]["seen"] == SEEN
    (record,) = office.json("ann@g:risk", "approve", task, "--seen", SEEN)
    assert record["outcome"]["seen"] == SEEN
    again = office.asks(seen=SEEN)
    assert SEEN in office("ann@g:risk", "approve", again, "--yes").err


def test_a_form_is_held_to_its_schema_before_it_is_sent(office: Office) -> None:
    schema = {
        "type": "object",
        "required": ["price"],
        "properties": {"price": {"type": "number"}, "source": {"type": "string"}},
    }
    task = office.asks(form=schema, actions=["approve", "edit", "respond", "reject"])
    assert "price*" in office("ann@g:risk", "show", task).out
    assert "[task.form]" in _typed(office, "y\n", "approve", task)
    assert "Approve this?" not in _typed(office, "y\n", "approve", task)
    for typed in ([], ["-f", "price=high"]):
        told = office("ann@g:risk", "approve", task, *typed, code=2).err
        assert "[task.form]" in told
        assert "price" in told
    optional = office.asks(form={"type": "object", "properties": {"note": {"type": "string"}}})
    assert "takes no `answer`" in office("ann@g:risk", "answer", optional, "-m", "x", code=2).err
    (empty,) = office.json("ann@g:risk", "approve", optional)
    assert empty["outcome"]["form"] == {}
    (record,) = office.json("ann@g:risk", "edit", task, "-f", "price=12.5", "-f", "source=007")
    assert record["outcome"]["form"] == {"price": 12.5, "source": "007"}
    assert record["outcome"]["decision"] == "edit"


def test_many_are_decided_at_once_with_one_result_each(office: Office) -> None:
    good = [office.asks() for _ in range(3)]
    closed = office.asks()
    office("ann@g:risk", "reject", closed, "-m", "no")
    names = [good[0], closed, good[1], good[0][-12:], "nothing-like-it", good[2]]
    records = office.json("ann@g:risk", "approve", *names, code=1)
    told = {each["task_id"]: each["error"] and each["error"]["code"] for each in records}
    assert told == {
        **dict.fromkeys(good),
        closed: "task.closed",
        "nothing-like-it": "task.not-found",
    }
    assert len(records) == 5
    text = office("ann@g:risk", "approve", *good, code=1).out
    assert text.count("[task.closed]") == 3
    assert "[task.seen-of-many]" in office("a", "approve", *good, "--seen", SEEN, code=2).err


def test_it_is_passed_on(office: Office) -> None:
    task = office.asks(candidates=["u:ann", "u:ben", "u:cat"])
    office("ann", "delegate", task, "--to", "ben", "-m", "your fund")
    assert office.json("cat", "show", task)["assignee"] == "u:ben"
    office("ben", "release", task)
    office("cat", "forward", task, "--to", "u:dan", "--to", "g:heads", "-m", "off sick")
    assert office.json("dan", "show", task)["candidates"] == ["u:dan", "g:heads"]
    office("dan", "remind-me", task, "--in", "4h")
    assert "[task.span]" in office("dan", "remind-me", task, "--in", "soon", code=2).err
    assert "cancelled" in office("adm", "administer", task, "cancel", "-m", "not needed").err


@pytest.mark.attack
def test_nothing_that_shows_a_task_changes_it(office: Office) -> None:
    task = office.asks()
    before = office.project.json("show", task)
    for command in (
        *(["inbox"], ["--all"], ["--group", "g:risk"], ["--state", "any", "--overdue"]),
        *(["show", task], ["history", task], ["show", task, "--json"], ["--json"]),
    ):
        office("ann@g:risk", *command)
    after = office.project.json("show", task)
    assert after["history_events"] == before["history_events"]


@pytest.mark.attack
@pytest.mark.parametrize("name", ["../{}", "{}%2f..", "{};x", "--", "-rf", "a'b", "\u202e{}"])
def test_a_strange_id_finds_nothing(office: Office, name: str) -> None:
    told = office("ann@g:risk", "approve", "--yes", "--", name.format("human-task"), code=4)
    assert "[task.not-found]" in told.err


def test_at_a_terminal_one_is_shown_what_one_decides_on_and_asked(office: Office) -> None:
    task = office.asks(seen=SEEN, shown={"nav": "1,234.50"})
    assert "Approve this?" in _typed(office, "n\n", "approve", task)
    assert office.json("ann@g:risk", "show", task)["state"] == "open"
    screen = _typed(office, "y\n", "approve", task)
    for part in ("1,234.50", SEEN, "Approve this?"):
        assert part in screen
    shown = office.json("ann@g:risk", "show", task)
    assert (shown["state"], shown["votes"][0]["seen"]) == ("approved", SEEN)


def _patiently(look: Callable[[], str], *, contains: str) -> str:
    """What `look` gives, once it holds the words: a task is listed a moment after it opened."""

    async def holds() -> str:
        # In a thread: a command runs a loop of its own.
        found = await asyncio.to_thread(look)
        assert contains in found
        return found

    return asyncio.run(eventually(holds))


def _typed(office: Office, text: str, *args: str) -> str:
    """What a terminal shows while `text` is typed."""
    ours, theirs = pty.openpty()
    command = [TENUTO, "tasks", *args, "--as", "u:ann", "--groups", "g:risk"]
    process = subprocess.Popen(
        command,
        cwd=office.project.folder,
        env={**office.project.environment, "TERM": "xterm", "COLUMNS": "200"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    os.write(ours, text.encode())
    shown = b""
    try:
        while piece := os.read(ours, 4096):
            shown += piece
    except OSError:
        pass  # The terminal is closed when the process has ended.
    process.wait(30)
    os.close(ours)
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode())
