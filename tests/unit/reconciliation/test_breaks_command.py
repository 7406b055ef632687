"""`tenuto breaks try-rules`, and rules held to a golden file."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tenuto.cli.output import Output
from tenuto.core.errors import UsageError
from tenuto.packs.finance.reconciliation.activities.trying import outcome_of, read_rules
from tenuto.packs.finance.reconciliation.commands import breaks

RULES = """
rec_id: T
kind: position
base_currency: EUR
calendar: ECB
sides: [{name: ours}, {name: bank}]
"""
WIDER = "compare:\n  - {field: quantity, break_class: quantity, margin: {absolute: 1}}\n"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "old.yaml").write_text(RULES)
    (tmp_path / "new.yaml").write_text(RULES + WIDER)
    (tmp_path / "a.csv").write_text("instrument_id,quantity\nI1,1\nI2,5\n")
    (tmp_path / "b.csv").write_text("instrument_id,quantity\nI1,1\nI2,6\n")
    return tmp_path


def tried(files: Path, old: str, new: str, *words: str) -> tuple[int, Any]:
    sources = [f"ours={files / 'a.csv'}", f"bank={files / 'b.csv'}", *words]
    arguments = ["try-rules", str(files / old), str(files / new), "--date", "2024-01-03"]
    output = Output(format="json")
    done = CliRunner().invoke(breaks, [*arguments, *sources], obj=output, standalone_mode=False)
    if done.exception is not None:
        raise done.exception
    return done.return_value, json.loads(done.stdout)


def test_items_that_would_fare_differently_are_listed_and_exit_with_7(files: Path) -> None:
    code, told = tried(files, "old.yaml", "new.yaml")
    assert (code, told["changed"], told["unchanged"]) == (7, 2, 2)
    assert {(each["side"], each["old"], each["new"]) for each in told["items"]} == {
        ("ours", "differs", "tolerance"),
        ("bank", "differs", "tolerance"),
    }
    code, told = tried(files, "old.yaml", "old.yaml")
    assert (code, told["items"]) == (0, [])


def test_words_and_rules_that_make_no_sense_are_refused(files: Path) -> None:
    with pytest.raises(UsageError, match="SIDE=FILE"):
        tried(files, "old.yaml", "new.yaml", "nonsense")
    (files / "old.yaml").write_text(RULES + "passes: [{name: p, kind: magic, keys: [[isin]]}]\n")
    with pytest.raises(UsageError, match=r"old.yaml: `passes\.0\.kind`"):
        tried(files, "old.yaml", "new.yaml")


def test_rules_are_held_to_a_golden_file(files: Path) -> None:
    rules = read_rules(files / "old.yaml")
    sources = {"ours": files / "a.csv", "bank": files / "b.csv"}
    assert outcome_of(rules, sources, date(2024, 1, 3)) == {
        "passes": {"exact": 1, "tolerance": 0, "lots": 0, "side-by-side": 0},
        "breaks": [
            {
                "key": "instrument_id=I2",
                "break_class": "quantity",
                "priority": "critical",
                "field": "quantity",
                "ours": "5",
                "theirs": "6",
                "variance": "-1.00000000",
            }
        ],
    }
