"""The definitions that the how-to pages show are right, and go through to their end."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tenuto.app import project_catalog
from tenuto.core.problem import problem
from tenuto.core.yaml12 import read_yaml
from tenuto.definitions.compiling import compile_plan
from tenuto.engine.settings import load_settings
from tenuto.triggers.definition_timetable import OPTIONS, OVERLAPS
from tenuto.workflows.interpreter.rehearsal import Answers, rehearse

Run = Callable[..., Any]

PAGES = Path(__file__).parents[3] / "docs" / "how-to"
PAGES_SHOW = {
    name: text
    for page in ("write-a-definition.md", "deploy-a-definition.md")
    for name, text in re.findall(
        r"```yaml\n# ([\w-]+\.yaml)\n(.*?)```", (PAGES / page).read_text(), re.DOTALL
    )
}
OLDER = "older.yaml"
SHOWN = {name: text for name, text in PAGES_SHOW.items() if name != OLDER}
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


def test_the_older_file_is_complete_and_its_arguments_come_out_as_the_page_says(
    tenuto: Run, project: Path
) -> None:
    (project / OLDER).write_text(PAGES_SHOW[OLDER])
    assert tenuto("definition", "convert", OLDER, "-o", "newer.yaml").code == 0
    newer = read_yaml((project / "newer.yaml").read_text(), "newer.yaml")
    assert newer["do"][0]["fetchPrices"]["with"] == {"args": ["2026-03-31"]}
    findings = json.loads(tenuto("definition", "check", "newer.yaml", "--json").out)["findings"]
    assert {each["code"] for each in findings} == {"E201"}, "functions that no catalog has"


def test_the_shown_retry_is_made(tenuto: Run) -> None:
    plan = compile_plan(
        read_yaml(SHOWN["get-rates.yaml"], "get-rates.yaml"), project_catalog(load_settings())
    )
    for status, calls in ((503, 5), (429, 5), (404, 1)):
        down = Answers(problems={"getRate": problem("communication", "down", status=status)})
        rehearsed = rehearse(plan, {"currencies": ["USD"]}, down)
        assert len([each for each in rehearsed.happened if each.what == "call"]) == calls


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
