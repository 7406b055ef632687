"""The rules, tests and actions that the how-to page shows are right."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tenuto.cli.policies.rulebook import open_rulebook

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "write-a-policy.md"


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)


def test_its_rules_load_and_its_test_passes(project: Path) -> None:
    cases, actions = _blocks("yaml")
    folder = project / "policy"
    folder.mkdir()
    (folder / "page.cedar").write_text("\n".join(_blocks("cedar")), "utf-8")
    (folder / "page.test.yaml").write_text(cases, "utf-8")
    (folder / "actions.yaml").write_text(actions, "utf-8")
    book = open_rulebook()
    assert book.findings == ()
    assert book.failures() == []


def test_its_commands_work(tenuto: Callable[..., Any], project: Path) -> None:
    commands = [line for block in _blocks("console") for line in block.splitlines()]
    codes = [tenuto(*line.removeprefix("$ tenuto ").split()).code for line in commands]
    assert codes == [0, 0, 0, 0, 1]
