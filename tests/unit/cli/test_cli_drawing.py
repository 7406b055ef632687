"""Times, sizes, values, and JSON as readers get them."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from textwrap import dedent
from typing import Any

import pytest
from rich.console import Console

from tenuto.cli.outline import outlined
from tenuto.cli.output import Output, to_json
from tenuto.cli.references import size
from tenuto.cli.times import about, ago, coarse, span, stamp
from tenuto.cli.values import drawn, is_folded

NOW = datetime(2026, 3, 31, 18, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (0.2434, "243 ms"),
        (0.9996, "1.00 s"),
        (2.404, "2.40 s"),
        (9.996, "10.0 s"),
        (12.04, "12.0 s"),
        (59.97, "1 min"),
        (60, "1 min"),
        (200, "3 min 20 s"),
        (3600, "1 h"),
        (7500, "2 h 5 min"),
        (3599.9, "1 h"),
        (86_400 * 3 + 4 * 3600, "3 d 4 h"),
    ],
)
def test_spans(seconds: float, words: str) -> None:
    assert span(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (17.4, "17 s"),
        (59.7, "1 min"),
        (41.5 * 60, "42 min"),
        (3598, "1 h"),
        (4 * 3600 - 8, "4 h"),
        (3 * 3600 + 50 * 60 + 20, "3 h 50 min"),
        (23 * 3600 + 45 * 60, "23 h 45 min"),
        (86_399, "1 d"),
        (3 * 86_400 - 6, "3 d"),
        (2 * 86_400 + 23 * 3600 + 5, "2 d 23 h"),
    ],
)
def test_what_is_left_of_a_time(seconds: float, words: str) -> None:
    assert about(timedelta(seconds=seconds)) == words


def test_moments() -> None:
    assert ago(NOW - timedelta(seconds=5), NOW) == "5 s ago"
    assert ago(NOW - timedelta(minutes=185), NOW) == "3 h ago"
    assert ago(NOW - timedelta(days=3), NOW) == "2026-03-28 18:30:00 UTC"
    assert ago(NOW + timedelta(seconds=2), NOW) == "0 s ago", "clocks differ a little"
    assert stamp(NOW) == "2026-03-31 18:30:00 UTC"
    assert coarse(timedelta(days=3650)) == "3650 d"


@pytest.mark.parametrize(
    ("count", "words"),
    [(812, "812 B"), (12_340, "12.3 kB"), (999_960, "1.0 MB"), (4_000_000, "4.0 MB")],
)
def test_sizes(count: int, words: str) -> None:
    assert size(count) == words


def test_json_keeps_money_exact_and_times_iso() -> None:
    record = {
        "nav": Decimal("100.10"),
        "day": date(2026, 3, 31),
        "at": NOW,
        "took_s": timedelta(seconds=1.5),
    }
    assert json.loads(to_json(record)) == {
        "nav": "100.10",
        "day": "2026-03-31",
        "at": "2026-03-31T18:30:00Z",
        "took_s": 1.5,
    }


def test_lists_as_json_and_as_lines(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"id": 1}, {"id": 2}]
    Output(format="json").records(rows, lambda _: pytest.fail("drawn"))
    assert json.loads(capsys.readouterr().out) == rows
    Output(format="jsonl").records(rows, lambda _: pytest.fail("drawn"))
    assert capsys.readouterr().out == '{"id":1}\n{"id":2}\n'
    Output(format="json").records([], lambda _: pytest.fail("drawn"))
    assert capsys.readouterr().out == "[]\n"


def test_a_pipe_gets_plain_whole_lines(capsys: pytest.CaptureFixture[str]) -> None:
    Output().draw(lambda console: console.print("x" * 300 + "   ", style="red"))
    assert capsys.readouterr().out == "x" * 300 + "\n"


def test_notes_are_silent_when_asked_and_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    Output().note("hello")
    Output(quiet=True).note("hello")
    Output(format="json").note("hello")
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "hello\n")


def text_of(value: Any) -> str:
    console = Console(width=100, no_color=True, markup=False)
    with console.capture() as captured:
        console.print(drawn(value))
    return captured.get()


def test_values_for_a_person() -> None:
    text = text_of(
        {
            "nav": "1000.00",
            "is_final": True,
            "pack": {
                "uri": "artifact://" + "ab" * 32,
                "sha256": "ab" * 32,
                "bytes": 1200,
                "name": "p.pdf",
            },
            "classes": [{"id": "A", "nav": "1"}, {"id": "B", "nav": "2", "more": {"a": 1}}],
            "nothing": None,
            "tags": ["x", "y"],
        }
    )
    assert "1000.00" in text
    assert "true" in text
    assert "p.pdf (1.2 kB, abababababab)" in text
    assert [line.split() for line in text.splitlines()[-4:]] == [
        ["id", "nav"],
        ["A", "1"],
        ["B", "2"],
        ["...", "and", "of", "each", "more"],
    ]
    assert "x, y" in text
    assert text_of("[bold]not markup[/bold]") == "[bold]not markup[/bold]\n"


def test_wide_records_stand_side_by_side_and_lose_nothing() -> None:
    records = [{f"field_{n}": f"{name}{n}" for n in range(9)} for name in "ab"]
    lines = [line.split() for line in text_of(records).splitlines()]
    assert lines[0] == ["field_0", "a0", "b0"]
    assert lines[8] == ["field_8", "a8", "b8"]
    many = text_of(records * 3)
    assert "a5" in many
    assert "... and of each field_6, field_7, field_8" in many


def test_narrow_tables_fold_and_lose_nothing() -> None:
    console = Console(width=40, no_color=True, markup=False)
    record = {"target": "/some/folder/that/is/long", "outcome": "delivered", "attempts": 1}
    with console.capture() as captured:
        console.print(drawn([record, record]))
    text = captured.get()
    assert "".join(line[:15].strip() for line in text.splitlines()[1:3]).startswith("/some")
    assert "deliver" in text
    assert max(len(line) for line in text.splitlines()) <= 40


def test_a_long_list_says_how_much_is_left_out() -> None:
    assert "... and 10 more" in text_of([{"n": n} for n in range(60)])


PENDING = {
    "tasks": [{"name": "ask", "at": "/do/0/ask"}],
    "approvals": [
        {"id": "7", "request": {"title": "Release?", "approvers": ["u:ben", "g:desk"]}, "votes": []}
    ],
    "events": {"refused": 1, "latest_refused": [{"code": "no-event", "reason": "No `id`.\nAdd."}]},
}


def test_nested_values_are_outlined_whole() -> None:
    assert is_folded(PENDING)
    assert outlined(PENDING) == dedent(
        """\
        tasks:
          - name: ask
            at: /do/0/ask
        approvals:
          - id: 7
            request:
              title: Release?
              approvers: u:ben, g:desk
            votes: none
        events:
          refused: 1
          latest_refused:
            - code: no-event
              reason: No `id`.
                Add."""
    )


@pytest.mark.parametrize(
    ("value", "folded"),
    [
        (5, False),
        ("text", False),
        ({"a": 1, "b": [1, 2]}, False),
        ([{"name": "x", "at": "/do/0/x"}], False),
        ({"a": [{"b": 1}]}, False),
        ({"a": [{"b": {"c": 1}}]}, True),
        ({"a": {"w": 1, "x": 2, "y": 3, "z": 4}}, True),
        ([[1], [2]], True),
    ],
)
def test_what_tables_show_whole_stays_a_table(value: Any, folded: bool) -> None:
    assert is_folded(value) == folded
