"""The page of exit codes and `tenuto.cli.exit_codes` say the same."""

import ast
import inspect
import itertools
import re
from pathlib import Path

from tenuto.cli import exit_codes

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "exit-codes.md"


def test_every_exit_code_stands_on_its_page_with_its_meaning() -> None:
    body = ast.parse(inspect.getsource(exit_codes)).body
    defined = [
        (str(node.value.value), text.value.value)
        for node, text in itertools.pairwise(body)
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.value, ast.Constant)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
    ]
    assert len(defined) >= 9
    documented = re.findall(r"^\| (\d+) \| (.*) \|$", PAGE.read_text(), re.MULTILINE)
    assert documented == defined
