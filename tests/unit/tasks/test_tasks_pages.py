"""What a task looks like: everything to decide it by, and nothing that acts on the terminal."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from tenuto.catalog.library.definitions.approval import Link
from tenuto.catalog.library.tasks.outcome import (
    Happening,
    Standing,
    TaskOutcome,
    TaskView,
    Vote,
    closed,
)
from tenuto.catalog.library.tasks.request import Amount, Escalation, TaskRequest
from tenuto.cli.output import Output, to_json
from tenuto.cli.tasks.page import draw_page, page_record
from tenuto.cli.tasks.plain import plain, plain_text, plain_value
from tenuto.cli.tasks.tables import draw_inbox, row_record
from tenuto.cli.tasks.told import sentence, tell_results, vote_word
from tenuto.cli.tasks.watching import Watch
from tenuto.core.references import Document
from tenuto.identity.ticket import NO_POLICY
from tenuto.triggers.tasks.bulk import Result, TaskError
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
        "tenuto tasks approve task/nav/F1/sign-off -f ok=...\n",
        "tenuto tasks reject task/nav/F1/sign-off -m WHY\n",
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


def test_the_list_tells_ages_progress_and_what_is_left() -> None:
    now = datetime.now(UTC)  # NOW is from when the tests were collected, minutes ago perhaps
    fresh = row(
        {"need": 2},
        opened_at=now - timedelta(minutes=5),
        due_at=now + timedelta(hours=4, seconds=-5),
    )
    text = drawn(draw_inbox, [fresh, row(task_id="task/other")])
    first, second = text.splitlines()[1:3]
    assert first.split("  ")[-1] == "○ open, 1 of 2 approved"
    assert " 5 min  in 4 h  " in first
    assert "Amount" not in text
    assert second.endswith("○ open")


def test_a_narrow_terminal_gets_whole_ids_and_no_torn_columns() -> None:
    text = drawn(draw_inbox, [WHOLE, row(task_id=f"task/{'x' * 60}/sign-off")], width=60)
    lines = text.splitlines()
    assert lines[0] == "task/nav/F1/sign-off"
    assert lines[1] == "  Release the NAV"
    assert lines[2].startswith("  1,250,000.00 EUR · due 3 h late · ○ open")
    assert f"task/{'x' * 60}/sign-off" in lines


def test_what_is_over_has_no_future_and_says_who_ended_it() -> None:
    vote = Vote(by="u:ben", decision="approve", at=NOW, ticket="t", policy=NO_POLICY)
    ended = row(
        {"expire": timedelta(hours=8), "remind": (timedelta(hours=1),), "need": 2},
        state="approved",
        outcome=TaskOutcome(task_id="t", state="approved", at=NOW, by="u:ben"),
        votes=(vote.model_copy(update={"form": {"centre": "0012", "n": 3}}),),
        expires_at=NOW + timedelta(hours=8),
        due_at=NOW + timedelta(hours=3),
    )
    page = drawn(draw_page, ended)
    assert "✓ approved by u:ben" in page
    assert "While nobody decides" not in page
    assert "expires" not in page
    assert "missing" not in page
    assert "centre: 0012" in page
    assert "n: 3" in page
    late = TaskOutcome(task_id="t", state="rejected", at=NOW)
    nobody = row(
        state="rejected", outcome=late, happenings=(Happening(at=NOW, what="rejected", text=""),)
    )
    assert "nobody decided in time" in drawn(draw_page, nobody)
    assert "rejected  nobody" in drawn(draw_page, nobody)


def test_a_form_says_what_fits() -> None:
    schema = {
        "type": "object",
        "required": ["cost centre"],
        "properties": {
            "cost centre": {"type": "string", "pattern": "^[0-9]{4}$", "description": "Who pays"},
            "n": {"type": ["integer", "null"], "minimum": 1, "maximum": 9},
        },
    }
    page = drawn(draw_page, row({"form": schema}))
    assert "cost centre*  string          Who pays; matches ^[0-9]{4}$" in page
    assert "n             integer | null  at least 1; at most 9" in page
    assert "approve task/nav/F1/sign-off -f 'cost centre=...'" in page


def test_a_vote_that_does_not_end_it_is_told_to_be_recorded() -> None:
    waits = Standing(state="open", assignee=None, approvals_missing=1)
    ends = Standing(
        state="approved",
        assignee=None,
        approvals_missing=0,
        outcome=TaskOutcome(task_id="t", state="approved", at=NOW),
    )
    assert vote_word("approve", waits) == "your approval is recorded"
    assert vote_word("reject", waits) == "your rejection is recorded"
    assert vote_word("approve", ends) == ""


def test_one_result_per_task_and_how_many_were_taken(capsys: pytest.CaptureFixture[str]) -> None:
    waits = Standing(state="open", assignee=None, approvals_missing=1)
    refused = TaskError(code="task.closed", message="`b` is closed.", details={})
    results = [Result(task_id="a", standing=waits), Result(task_id="b", error=refused)]
    tell_results(Output(), "approve", results)
    said = capsys.readouterr()
    assert [line.split("  ", 1)[0] for line in said.out.splitlines()] == ["Task", "a", "b"]
    assert "✓ your approval is recorded; open, 1 more has to approve" in said.out
    assert "✗ `b` is closed. [task.closed]" in said.out
    assert "1 of 2 taken" in said.err


@pytest.mark.attack
def test_who_comes_late_reads_a_comment_that_does_nothing() -> None:
    comment = "\x1b[2Kno\n" + "x" * 500
    said = closed(TaskOutcome(task_id="t", state="rejected", at=NOW, by="u:ann", comment=comment))
    assert "[2Kno xxx" in said.message
    assert said.message.isprintable()
    assert len(said.message) < 400


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
