"""Help costs nothing: it imports no command, and says what every command is for."""

import importlib
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import click
import pytest

from tenuto.cli.program import SECTIONS, program

COMMANDS = {name: lazy for section in SECTIONS.values() for name, lazy in section.items()}
HEAVY = ("temporalio", "pydantic", "rich", "polars", "httpx", "fsspec", "yaml", "asyncio")


@pytest.mark.parametrize("args", [["--help"], ["--version"], ["demo", "--help"], ["nonsense"]])
def test_help_and_mistakes_import_nothing_heavy(args: list[str]) -> None:
    code = (
        "import sys; from tenuto.cli import run; run(sys.argv[1:]);"
        f"print(sorted(set({HEAVY!r}) & set(sys.modules)), file=sys.stderr)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, *args], capture_output=True, text=True, check=True
    )
    assert told.stderr.splitlines()[-1] == "[]"


def test_help_imports_no_command() -> None:
    code = (
        "import sys; from tenuto.cli import run; run(['--help']);"
        "print([m for m in sys.modules if m.startswith('tenuto.cli.commands')], file=sys.stderr)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stderr.strip() == "[]"
    for name in COMMANDS:
        assert f"\n  {name} " in told.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_its_line_in_the_help_says(name: str) -> None:
    command: click.Command = importlib.import_module(COMMANDS[name].reference).command
    assert command.name == name
    first = (command.help or "").strip().split("\n\n")[0]
    assert first, f"`tenuto {name} --help` says nothing"
    assert len(COMMANDS[name].help) <= 60


@pytest.mark.parametrize(
    "words",
    [[name] for name in COMMANDS]
    + [["runs", "list"], ["runs", "show"], ["catalog", "list"], ["catalog", "show"]]
    + [["artifacts", verb] for verb in ("list", "show", "get", "verify", "gc")]
    + [["run", "daily-nav"]],
    ids=" ".join,
)
def test_every_command_has_a_help_page(tenuto: Callable[..., Any], words: list[str]) -> None:
    page = tenuto(*words, "--help")
    assert page.code == 0
    assert page.out.startswith(f"Usage: tenuto {words[0]}")
    assert page.err == ""
    assert max(len(line) for line in page.out.splitlines()) <= 100


def test_completion_knows_commands_and_options(monkeypatch: pytest.MonkeyPatch) -> None:
    from click.shell_completion import BashComplete

    completer = BashComplete(program, {}, "tenuto", "_TENUTO_COMPLETE")
    names = [item.value for item in completer.get_completions([], "ca")]
    assert names == ["cancel", "catalog"]
    options = [item.value for item in completer.get_completions(["runs", "list"], "--st")]
    assert options == ["--status"]
