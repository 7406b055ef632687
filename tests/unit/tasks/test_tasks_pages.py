"""What a task looks like: everything to decide it by, and nothing that acts on the terminal."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from tenuto.catalog.library.definitions.approval import Link
from tenuto.catalog.library.tasks.outcome import Happening, Standing, TaskOutcome, TaskView, Vote
from tenuto.catalog.library.tasks.request import Amount, Escalation, TaskRequest
from tenuto.cli.output import to_json
from tenuto.cli.tasks.page import draw_page, page_record
from tenuto.cli.tasks.plain import plain, plain_text, plain_value
from tenuto.cli.tasks.tables import draw_inbox, row_record
from tenuto.cli.tasks.told import sentence
from tenuto.cli.tasks.watching import Watch
from tenuto.core.references import Document
from tenuto.identity.ticket import NO_POLICY
from tenuto.triggers.tasks.inbox import TaskRow

HASH = "c" * 64
NOW = datetime.now(UTC)


def row(
    request: dict[str, Any] | None = None, *, obstacle: str | None = None, **fields: Any
) -> TaskRow:
    """A row of an inbox."""
    asked = {"title": "Release the NAV", "requester": "u:rex", "candidates": ("u:ann", "g:risk")}
    given: dict[str, Any] = {
        "task_id": "task/nav/F1/sign-off",
        "root": "nav/F1",
        "request": TaskRequest(**{**asked, **(request or {})}),
        "state": "open",
        "candidates": ("u:ann", "g:risk"),
        "excluded": (),
        "assignee": None,
        "votes": (),
        "approvals_missing": 1,
        "opened_at": NOW,
        "due_at": None,
        "expires_at": None,
    }
    return TaskRow(task=TaskView(**{**given, **fields}), is_live=True, obstacle=obstacle)


def drawn(draw: Any, *args: Any, width: int = 200) -> str:
    out = StringIO()
    draw(Console(file=out, width=width, markup=False, highlight=False, emoji=False), *args)
    return "\n".join(line.rstrip() for line in out.getvalue().split("\n"))


WHOLE = row(
    {
        "description": "Two prices are stale.",
        "subject": "F1",
        "shown": {"nav": "1,234.50", "breaks": 2},
        "seen": HASH,
        "evidence": (
            Document(uri=f"artifact://{HASH}", sha256=HASH, bytes=812, name="nav.pdf"),
            Link(uri="https://example.com/nav", name="dashboard"),
        ),
        "amount": Amount(value="1250000.00", currency="EUR"),
        "risk": 7,
        "need": 2,
        "form": {"type": "object", "required": ["ok"], "properties": {"ok": {"type": "boolean"}}},
        "remind": (timedelta(hours=1),),
        "escalate": (Escalation(after=timedelta(hours=2), to=("g:heads",)),),
        "expire": timedelta(hours=8),
    },
    votes=(
        Vote(by="u:ben", decision="approve", at=NOW, comment="fine", ticket="t", policy=NO_POLICY),
    ),
    happenings=(Happening(at=NOW, what="commented", by="u:cat", text="look at ACME"),),
    due_at=NOW - timedelta(hours=3),
)


def test_ops_4_the_page_has_all_to_decide_by() -> None:
    page = drawn(draw_page, WHOLE)
    for part in (
        *("Release the NAV", "task/nav/F1/sign-off", "1,250,000.00 EUR", "7 of 10", "u:rex"),
        *("u:ann, g:risk", "2 to approve, 1 missing", HASH, "Two prices are stale.", "1,234.50"),
        *(f"tenuto artifacts get artifact://{HASH} nav.pdf", "https://example.com/nav", "ok*"),
        *("u:ben", "fine", "also ask g:heads", "expire: fail", "look at ACME", "3 h late"),
        "tenuto tasks approve | reject task/nav/F1/sign-off",
    ):
        assert part in page, part


def test_the_page_for_a_program_is_the_whole_task() -> None:
    record = json.loads(to_json(page_record(WHOLE)))
    assert record["request"]["seen"] == HASH
    assert record["votes"][0]["by"] == "u:ben"
    assert record["may_decide"] is True


def test_the_list_tells_what_one_needs_to_choose() -> None:
    late = row(due_at=NOW - timedelta(days=2), obstacle="you ask for it")
    text = drawn(draw_inbox, [WHOLE, late])
    assert "1,250,000.00 EUR" in text
    assert "2 d late" in text
    assert "you ask for it" in text
    record = json.loads(to_json(row_record(late)))
    assert (record["is_overdue"], record["may_decide"]) == (True, False)
    assert "shown" not in record


ESCAPES = ("\x1b[2K\x1b[1A", "\x1b]0;t\x07", "\u202e", "\u2066", "\r", "\x08", "\x9b1A", "\u200b")


@pytest.mark.attack
@pytest.mark.parametrize("escape", ESCAPES)
def test_what_people_wrote_cannot_act_on_a_terminal(escape: str) -> None:
    text = f"a{escape}b"
    hostile = row(
        {
            "title": text,
            "description": text,
            "subject": text,
            "shown": {text: [text, {text: text}]},
            "requester": "u:rex",
            "form": {"properties": {text: {"type": text, "enum": [text], "description": text}}},
            "evidence": (
                Document(uri=f"artifact://{HASH}", sha256=HASH, bytes=1, name=text),
                Link(uri=f"https://{text}", name=text),
            ),
        },
        votes=(
            Vote(by=text, decision="approve", at=NOW, comment=text, ticket="t", policy=NO_POLICY),
        ),
        happenings=(Happening(at=NOW, what=text, by=text, text=text),),
        assignee=text,
        state="claimed",
        task_id=text,
        root=text,
        candidates=(text,),
        excluded=(text,),
    )
    for shown in (drawn(draw_page, hostile), drawn(draw_inbox, [hostile])):
        assert not [char for char in shown if not char.isprintable() and char != "\n"]
    assert escape not in plain(text)
    assert escape not in str(plain_text(text))
    assert escape not in json.dumps(plain_value({text: [text]}), ensure_ascii=False)


@pytest.mark.attack
@pytest.mark.parametrize("name", ["x; rm -rf ~", "$(id)", "`id`", "-rf", "../../x", "a b", "x\ny"])
def test_a_files_name_does_not_become_a_shell_command(name: str) -> None:
    hostile = row(
        {"evidence": (Document(uri=f"artifact://{HASH}", sha256=HASH, bytes=1, name=name),)}
    )
    assert drawn(draw_page, hostile).count(f"get artifact://{HASH}\n") == 1


def test_a_standing_is_told_in_a_few_words() -> None:
    def told(**fields: Any) -> str:
        return sentence(
            Standing(**{"state": "open", "assignee": None, "approvals_missing": 0, **fields})
        )

    assert told(approvals_missing=1) == "open, 1 more has to approve"
    assert told(approvals_missing=2) == "open, 2 more have to approve"
    assert told(state="claimed", assignee="u:ann") == "claimed by u:ann"
    outcome = TaskOutcome(task_id="t", state="approved", at=NOW)
    assert told(state="approved", outcome=outcome) == "approved"


def test_watching_tells_what_came_changed_and_went() -> None:
    watch = Watch()
    other = row(task_id="task/other")
    claimed = row(state="claimed", assignee="u:ann")
    for rows, expected in (
        ([row(), other], ["waits", "waits"]),
        ([row(), other], []),
        ([claimed, other], ["changed"]),
        ([other], ["gone"]),
        ([], ["gone"]),
    ):
        assert [change.what for change in watch.changes(rows)] == expected
