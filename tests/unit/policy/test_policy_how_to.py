"""The rules, tests and actions that the how-to page shows are right."""

import re
import shlex
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
    (project / "tenuto.toml").write_text('[policy]\nfolder = "policy"\n')
    commands = [line for block in _blocks("console") for line in block.splitlines()]
    *asked, publish = [shlex.split(line.removeprefix("$ tenuto ")) for line in commands]
    assert [tenuto(*each).code for each in asked] == [0, 0, 0, 0, 1]
    assert tenuto(*publish).code == 1
    assert tenuto(*publish, "--as", "u:root", "--groups", "g:administrators").code == 0
