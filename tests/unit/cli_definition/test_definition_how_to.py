"""The definitions that the how-to pages show are right, and go through to their end."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tenuto.triggers.definition_timetable import OPTIONS, OVERLAPS

Run = Callable[..., Any]

PAGES = Path(__file__).parents[3] / "docs" / "how-to"
SHOWN = {
    name: text
    for page in ("write-a-definition.md", "deploy-a-definition.md")
    for name, text in re.findall(
        r"```yaml\n# ([\w-]+\.yaml)\n(.*?)```", (PAGES / page).read_text(), re.DOTALL
    )
}
WRITE = (PAGES / "write-a-definition.md").read_text()
DEPLOY = (PAGES / "deploy-a-definition.md").read_text()


def test_the_pages_show_definitions() -> None:
    assert len(SHOWN) == 7


@pytest.mark.parametrize("name", SHOWN)
def test_a_documented_definition_has_no_finding_and_completes(
    tenuto: Run, project: Path, name: str
) -> None:
    (project / name).write_text(SHOWN[name])
    checked = tenuto("definition", "check", name, "--warnings-as-errors")
    assert checked.code == 0, checked.out
    plan = json.loads(tenuto("definition", "plan", name, "--json").out)
    assert plan["outcome"] == "completed", plan["problem"]


def test_the_first_definition_gives_what_the_page_says(tenuto: Run, project: Path) -> None:
    (project / "price-move.yaml").write_text(SHOWN["price-move.yaml"])
    typed = ("-f", "fund=ALPHA", "-f", "move=0.05", "--json")
    plan = json.loads(tenuto("definition", "plan", "price-move.yaml", *typed).out)
    shown = json.loads(re.findall(r"```json\n(.*?)```", WRITE, re.DOTALL)[0])
    assert plan["output"].pop("checkedAt").endswith("Z")
    assert shown.pop("checkedAt").endswith("Z")
    assert plan["output"] == shown


def test_every_overlap_and_option_of_a_schedule_is_listed() -> None:
    rows = dict(re.findall(r"^\| `([\w.]+)` \| (.*?) \|", DEPLOY, re.MULTILINE))
    assert set(rows) == {"schedule.every", "schedule.cron", *OPTIONS}
    assert tuple(re.findall(r"`(\w+)`", rows["overlap"])) == OVERLAPS
