"""triggers.yaml: everything that is wrong with it is found in one pass, at its place."""

from pathlib import Path
from typing import Any

import pytest

from receiver_desk import targets_in
from tenuto.triggers.events.checking import CheckedTriggers, check_triggers
from tenuto.triggers.events.findings import InvalidTriggers


@pytest.fixture
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Checks a text, and lists code, line, and column of each finding."""
    monkeypatch.setenv("KEY", "whatever")

    def check(text: str) -> list[tuple[str, int, int]]:
        return [(each.code, each.line, each.column) for each in checked(text, tmp_path).findings]

    return check


def checked(text: str, folder: Path) -> CheckedTriggers:
    return check_triggers(text, "triggers.yaml", targets_in(folder))


def test_a_file_that_is_right(found: Any, tmp_path: Path) -> None:
    text = """
webhooks:
  a: {run: intake, secrets: ["secret://env/KEY"], input: {number: "${ .n }"}}
  b: {run: intake, scheme: none}
events:
  c: {scheme: none, routes: {r: {deliver: true}, s: {start: {run: intake}}}}
files:
  d: {url: in/*.csv, run: intake, input: {number: "${ .name }"}}
"""
    assert found(text) == []
    paths = [path for path, _, _ in checked(text, tmp_path).whole().paths()]
    assert paths == ["/webhooks/a", "/webhooks/b", "/events/c"]
    assert found("webhooks: {}") == []


def test_everything_is_found_at_once_and_in_order(found: Any, tmp_path: Path) -> None:
    text = """\
webhoks: {}
webhooks:
  Not A Name: {run: intake, scheme: none}
  one: {run: intak, scheme: none}
  two:
    run: intake
    secrets: [whsec_inTheFile]
  three:
    run: intake
    scheme: none
    filter: .a ||
    input: {nummer: "${ .n }", amount: many}
    id: $nothing
  four: {run: self-named, scheme: none, id: .x, path: /webhooks/three}
  five: {run: intake, scheme: none, path: /a//b}
events:
  six: {scheme: none, routes: {r: {deliver: true, start: {run: intake}}}}
"""
    assert found(text) == [
        ("triggers.unknown-key", 1, 1),
        ("triggers.bad-name", 3, 3),
        ("triggers.unknown-workflow", 4, 14),
        ("triggers.bad-value", 7, 15),
        ("triggers.bad-expression", 11, 17),
        ("triggers.bad-input", 12, 5),
        ("triggers.bad-input", 12, 13),
        ("triggers.bad-input", 12, 40),
        ("triggers.bad-expression", 13, 9),
        ("triggers.id-is-given", 14, 45),
        ("triggers.path-taken", 14, 55),
        ("triggers.bad-value", 15, 43),
        ("triggers.bad-value", 17, 35),
    ]
    told = checked(text, tmp_path)
    assert "Did you mean `webhooks`?" in str(told.findings[0])
    assert "whsec_inTheFile" not in "".join(map(str, told.findings))
    with pytest.raises(InvalidTriggers, match="13 errors"):
        told.whole()


@pytest.mark.parametrize(
    "fields",
    [
        "scheme: standard-webhooks",
        "scheme: hmac-sha256, secrets: ['secret://env/KEY']",
        "scheme: none, secrets: ['secret://env/KEY']",
        "secrets: ['secret://env/KEY'], tolerance: 6 minutes",
        "secrets: ['secret://vault/KEY']",
        "scheme: none, max_bytes: 999999999",
        "scheme: none, rate: {count: 0}",
        "scheme: none, path: /healthz",
        "scheme: none, path: /a/../b",
        "scheme: none, path: /a%2fb",
    ],
)
def test_what_would_be_unsafe_is_an_error(tmp_path: Path, fields: str) -> None:
    text = f"webhooks: {{a: {{run: intake, {fields}}}}}"
    assert checked(text, tmp_path).has_errors


def test_a_definition_may_be_deployed_later(found: Any) -> None:
    (finding,) = found("webhooks: {a: {run: shop/later, scheme: none}}")
    assert finding[0] == "triggers.not-deployed"


@pytest.mark.attack
@pytest.mark.parametrize(
    "text", ["a: &x [*x]", "[" * 2000, "\x00", "- 1\n- 2", "webhooks: [1]", "7"]
)
def test_odd_files_are_refused_and_never_break_the_check(tmp_path: Path, text: str) -> None:
    assert checked(text, tmp_path).has_errors
