"""What the pages about the NAV list is what the code takes."""

import re
import typing
from pathlib import Path

import pytest

from tenuto.packs.finance.models import Fund, Tolerance
from tenuto.packs.finance.nav.activities.inputs import INPUTS
from tenuto.packs.finance.nav.models import DailyNavRequest
from tenuto.triggers.fields import read_file

DOCS = Path(__file__).parents[2] / "docs"
HOW_TO = (DOCS / "how-to" / "strike-your-own-fund.md").read_text()
METHOD = (DOCS / "explanation" / "nav-method.md").read_text()
TUTORIAL = (DOCS / "tutorial" / "first-nav.md").read_text()


@pytest.mark.parametrize("name", INPUTS)
def test_an_input_file_is_listed_with_its_columns(name: str) -> None:
    row = re.search(rf"^\| `{name}` \| (.*) \|$", HOW_TO, re.MULTILINE)
    assert row, f"{name} has no row"
    listed = set(re.findall(r"[\w-]+", " ".join(re.findall(r"`([^`]+)`", row[1]))))
    choices = {choice for column in INPUTS[name] for choice in column.choices}
    assert {column.name for column in INPUTS[name]} <= listed
    assert listed <= {column.name for column in INPUTS[name]} | choices | {"base"}


def test_every_tolerance_rule_is_explained() -> None:
    rules = typing.get_args(typing.get_type_hints(Tolerance)["rule"])
    _, _, checks = METHOD.partition("## Checks")
    assert sorted(re.findall(r"^\| `([a-z-]+)` \|", checks, re.MULTILINE)) == sorted(rules)


def test_the_documented_fund_is_a_fund(tmp_path: Path) -> None:
    (fund,) = re.findall(r"```yaml\n(# my-fund.yaml\n.*?)```", HOW_TO, re.DOTALL)
    (tmp_path / "my-fund.yaml").write_text(fund)
    assert Fund.model_validate(read_file(tmp_path / "my-fund.yaml")).fund_id == "MINE"


def test_the_documented_input_file_has_fields_of_the_request(tmp_path: Path) -> None:
    (strike,) = re.findall(r"```yaml\n(# .*?strike.yaml\n.*?)```", TUTORIAL, re.DOTALL)
    (tmp_path / "strike.yaml").write_text(strike)
    assert read_file(tmp_path / "strike.yaml").keys() <= DailyNavRequest.model_fields.keys()
