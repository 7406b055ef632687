"""Every error is one clear message, one exit code, and for a program one JSON object."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

from tenuto.cli import exit_codes
from tenuto.cli.failures import report
from tenuto.cli.output import Output
from tenuto.core.errors import (
    CorruptError,
    DataError,
    NotFoundError,
    PolicyDenied,
    TenutoError,
    TransientError,
    UnreachableError,
    UsageError,
)

Run = Callable[..., Any]


def test_exit_codes_are_what_the_documentation_says() -> None:
    named = {name: code for name, code in vars(exit_codes).items() if name.isupper()}
    assert named == {
        "OK": 0,
        "FAILED": 1,
        "USAGE": 2,
        "TIMED_OUT": 3,
        "NOT_FOUND": 4,
        "UNREACHABLE": 5,
        "WAITING": 6,
        "DIFFERENT": 7,
        "INTERRUPTED": 130,
    }


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (TenutoError, exit_codes.FAILED),
        (UsageError, exit_codes.USAGE),
        (NotFoundError, exit_codes.NOT_FOUND),
        (DataError, exit_codes.FAILED),
        (CorruptError, exit_codes.FAILED),
        (TransientError, exit_codes.FAILED),
        (UnreachableError, exit_codes.UNREACHABLE),
        (PolicyDenied, exit_codes.FAILED),
    ],
)
def test_an_error_of_ours_is_its_message_its_code_and_its_exit_code(
    kind: type[TenutoError], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    error = kind("Row 3 has no price.", code="input.price", details={"row": 3})
    assert report(error, Output(), []) == code
    told = capsys.readouterr()
    assert told.err == "error: Row 3 has no price. [input.price]\n"
    assert told.out == ""


def test_a_command_whose_extra_is_missing_names_the_extra(
    capsys: pytest.CaptureFixture[str],
) -> None:
    missing = ModuleNotFoundError("No module named 'jinja2.sandbox'", name="jinja2.sandbox")
    assert report(missing, Output(), ["report", "list"]) == exit_codes.USAGE
    assert "pip install 'tenuto[reports]'" in capsys.readouterr().err
    shared = ModuleNotFoundError("No module named 'polars'", name="polars")
    report(shared, Output(), ["prices", "check"])
    assert "tenuto[finance]" in capsys.readouterr().err


def test_for_a_program_an_error_is_one_object_on_stderr(
    capsys: pytest.CaptureFixture[str],
) -> None:
    error = DataError("Row 3 has no price.", code="input.price", details={"row": 3})
    report(error, Output(format="json"), [])
    told = capsys.readouterr()
    assert told.out == ""
    assert json.loads(told.err) == {
        "error": {"code": "input.price", "message": "Row 3 has no price.", "details": {"row": 3}}
    }


@pytest.mark.parametrize(
    ("args", "hint"),
    [
        (["rums"], "Did you mean 'runs'?"),
        (["--quite"], "Did you mean '--quiet'?"),
        (["runs", "--statu", "failed"], "--status"),
        (["runs", "--status", "faild"], "'failed'"),
        (["runs", "--limit", "0"], "--limit"),
        (["terminate", "some-run"], "--reason"),
    ],
)
def test_a_mistyped_command_line_is_exit_2_with_a_hint(
    tenuto: Run, args: list[str], hint: str
) -> None:
    told = tenuto(*args)
    assert told.code == exit_codes.USAGE
    assert told.out == ""
    assert told.err.startswith("error: ")
    assert hint in told.err
    assert "--help`" in told.err


@pytest.mark.parametrize("flags", [["--json"], ["-o", "json"], ["-o", "jsonl"]])
def test_a_mistyped_option_before_the_format_is_json_all_the_same(
    tenuto: Run, flags: list[str]
) -> None:
    told = tenuto("runs", "--nonsense", *flags)
    assert json.loads(told.err)["error"]["code"] == "cli.usage"


def test_no_command_prints_the_help_and_is_a_mistake(tenuto: Run) -> None:
    told = tenuto()
    assert told.code == exit_codes.USAGE
    assert told.out.startswith("Usage: tenuto")


@pytest.mark.parametrize(
    "args",
    [["runs"], ["show", "x"], ["cancel", "x"], ["signal", "x", "y"], ["worker"]],
    ids=lambda args: args[0],
)
def test_without_a_server_the_exit_code_is_5_and_the_remedy_is_named(
    tenuto: Run, args: list[str]
) -> None:
    told = tenuto(*args)
    assert told.code == exit_codes.UNREACHABLE
    assert "`tenuto up`" in told.err
    assert "connection.no-server" in told.err


def test_a_crash_says_sorry_and_where_the_traceback_is(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report(ZeroDivisionError("division by zero"), Output(), ["run", "x"]) == 1
    told = capsys.readouterr().err
    assert told.startswith("error: Sorry, this is a fault in Tenuto: ZeroDivisionError")
    (log,) = (project / ".tenuto").glob("crash-*.log")
    assert log.name in told
    text = log.read_text()
    assert "['run', 'x']" in text
    assert "ZeroDivisionError: division by zero" in text


def test_debug_shows_the_traceback_instead(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report(ZeroDivisionError("division by zero"), Output(debug=True), []) == 1
    assert "ZeroDivisionError: division by zero" in capsys.readouterr().err
    assert not (project / ".tenuto").exists()


def test_ctrl_c_is_130(capsys: pytest.CaptureFixture[str]) -> None:
    assert report(KeyboardInterrupt(), Output(), []) == exit_codes.INTERRUPTED
    assert report(click.Abort(), Output(), []) == exit_codes.INTERRUPTED
    assert capsys.readouterr().out == ""


def test_a_terminal_without_unicode_gets_words_and_valid_json(project: Path) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"}
    (project / "naïve.py").write_text("")
    (project / "tenuto.toml").write_text('modules = ["naïve"]\n')
    told = [
        subprocess.run(
            [sys.executable, "-c", "from tenuto.cli import main; main()", "doctor", *flags],
            capture_output=True,
            check=False,
            env=environment,
        ).stdout.decode("latin-1")
        for flags in ([], ["--json"])
    ]
    assert "? ok" in told[0]
    assert {check["name"] for check in json.loads(told[1])} > {"python", "settings"}


def test_a_reader_that_went_away_is_no_error() -> None:
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    command = f"{sys.executable} -c 'from tenuto.cli import main; main()' --help | head -1"
    told = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.startswith("Usage:")
