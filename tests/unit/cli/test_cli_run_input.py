"""`tenuto run NAME`: the options are the entry's fields, and a wrong one is named at once."""

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]

MODULE = '''
"""Plain Temporal code."""

from datetime import timedelta

from temporalio import activity, workflow


@activity.defn
def compose(name: str, times: int) -> str:
    """Repeat a name."""
    return name * times


@workflow.defn
class Repeating:
    """Repeat a name."""

    @workflow.run
    async def run(self, name: str, times: int = 2, loud: bool = False, wait: str = "") -> str:
        return await workflow.execute_activity(
            compose, args=[name, times], start_to_close_timeout=timedelta(seconds=5)
        )
'''


@pytest.fixture(autouse=True)
def _project_with_code(project: Path) -> None:
    (project / "repeating_code.py").write_text(MODULE)
    (project / "tenuto.toml").write_text('modules = ["repeating_code"]\n')


def dry(tenuto: Run, *args: str) -> dict[str, Any]:
    told = tenuto("run", "repeating", *args, "--dry-run", "--json")
    assert told.code == 0, told.err
    checked: dict[str, Any] = json.loads(told.out)
    return checked


def test_the_glass_is_not_broken_without_a_reason(tenuto: Run) -> None:
    told = tenuto("run", "repeating", "--name", "Ada", "--dry-run", "--break-glass", " ")
    assert (told.code, "give a reason" in told.err) == (2, True)


def test_fields_are_options_with_their_types(tenuto: Run) -> None:
    checked = dry(tenuto, "--name", "Ada", "--times", "3", "--loud")
    assert checked == {
        "workflow": "repeating",
        "queue": "default",
        "input": {"name": "Ada", "times": 3, "loud": True, "wait": ""},
    }


def test_the_temporal_type_name_is_understood_too(tenuto: Run) -> None:
    assert tenuto("run", "Repeating", "--name", "Ada", "--dry-run").code == 0


def test_the_help_page_lists_the_fields(tenuto: Run) -> None:
    page = tenuto("run", "repeating", "--help").out
    assert "--name TEXT" in page
    assert "[required]" in page
    assert "--times NUMBER" in page
    assert "[default: 2]" in page
    assert "--loud / --no-loud" in page
    assert "-f wait=TEXT" in page, "a field that an option of ours shadows is offered as -f"


def test_a_field_that_an_option_shadows_is_given_as_a_pair(tenuto: Run) -> None:
    assert dry(tenuto, "--name", "Ada", "-f", "wait=no")["input"]["wait"] == "no"


def test_options_win_over_the_input_file(tenuto: Run, project: Path) -> None:
    (project / "in.yaml").write_text("name: Ada\ntimes: 5\n")
    checked = dry(tenuto, "--input", "in.yaml", "--times", "3")
    assert (checked["input"]["name"], checked["input"]["times"]) == ("Ada", 3)


def test_input_from_a_pipe(tenuto: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO('{"name": "Ada", "times": 4}'))
    assert dry(tenuto, "--input", "-")["input"]["times"] == 4


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (["--name", "Ada", "--tims", "3"], "cli.usage", "'--times'"),
        (["--name", "Ada", "-f", "tims=3"], "input.unknown-field", "did you mean `times`?"),
        (["--name", "Ada", "-f", "times"], "cli.usage", "NAME=VALUE"),
        (["--name", "Ada", "--times", "many"], "input.invalid", "`times`"),
        ([], "input.invalid", "`name`: is required"),
        (["--input", "missing.yaml"], "input.file", "missing.yaml"),
        (["--input", "list.yaml"], "input.not-a-mapping", "expected a mapping"),
        (["--input", "broken.yaml"], "yaml.invalid", "broken.yaml:2:1:"),
        (["--input", "extra.yaml"], "input.unknown-field", "did you mean `times`?"),
    ],
)
def test_a_wrong_input_is_exit_2_and_names_the_field(
    tenuto: Run, project: Path, args: list[str], code: str, words: str
) -> None:
    (project / "list.yaml").write_text("- 1\n")
    (project / "broken.yaml").write_text("name: [\n")
    (project / "extra.yaml").write_text("name: Ada\ntims: 3\n")
    told = tenuto("run", "repeating", *args, "--json")
    assert told.code == 2
    assert told.out == ""
    error = json.loads(told.err)["error"]
    assert error["code"] == code
    assert words in error["message"]


def test_a_run_that_is_named_by_its_input_takes_no_other_id(tenuto: Run) -> None:
    told = tenuto("run", "daily-nav", "--id", "mine", "--dry-run")
    assert told.code == 2
    assert "leave out `--id`" in told.err


def test_an_unknown_workflow_is_exit_4_with_near_names(tenuto: Run) -> None:
    told = tenuto("run", "repeting", "--name", "Ada")
    assert told.code == 4
    assert "`repeating`" in told.err


def test_a_workflow_with_a_request_for_programs_says_how_it_is_started(tenuto: Run) -> None:
    told = tenuto("run", "definition", "--plan", "plan.json")
    assert told.code == 2
    assert "by `tenuto definition run`" in told.err
    assert "definition" not in tenuto("run", "--help").out.split()


def test_a_dry_run_writes_nothing(tenuto: Run, project: Path) -> None:
    before = sorted(project.rglob("*"))
    dry(tenuto, "--name", "Ada")
    added = set(project.rglob("*")) - set(before)
    assert not [path for path in added if "__pycache__" not in path.parts]


LISTING = '''
"""Plain Temporal code."""

from temporalio import workflow


@workflow.defn
class Listing:
    """Takes lists."""

    @workflow.run
    async def run(self, names: list[str], counts: list[int] | None = None) -> str:
        return ""
'''


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        (["--names", "007"], {"names": ["007"], "counts": None}),
        (["--names", "a", "--names", "b", "--counts", "1"], {"names": ["a", "b"], "counts": [1]}),
        (["-f", "names=a", "-f", "names=b"], {"names": ["a", "b"], "counts": None}),
        (["--names", "[a, b]", "--counts", "[1, 2]"], {"names": ["a", "b"], "counts": [1, 2]}),
    ],
)
def test_a_list_takes_an_item_each_time_its_option_is_given(
    tenuto: Run, project: Path, typed: list[str], taken: dict[str, Any]
) -> None:
    (project / "listing_code.py").write_text(LISTING)
    (project / "tenuto.toml").write_text('modules = ["listing_code"]\n')
    told = tenuto("run", "listing", *typed, "--dry-run", "--json")
    assert told.code == 0, told.err
    assert json.loads(told.out)["input"] == taken
