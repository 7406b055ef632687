"""Every environment variable that the sources read is documented, and so is what they pass on."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tenuto.engine.embedded.environment import ALLOWED

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "src" / "tenuto"
PAGE = (ROOT / "docs" / "reference" / "environment.md").read_text()

NOT_BY_NAME = {
    "cli/checks.py": "tenuto doctor",
    "engine/embedded/environment.py": "The server process sees",
    "identity/secret_values.py": "secret://env/",
    "packs/agents/activities/masking.py": "its own environment",
    "packs/agents/demo/workplace.py": "`TENUTO_AGENTS_SCRATCH`",
    "packs/monitors/demo/workplace.py": "Handed on to the workers of `tenuto demo monitor`",
    "packs/reports/activities/check_channel.py": "Looked for before a report is sent",
    "packs/sync/activities/process.py": "whose name begins with `DLT_`",
    "packs/sync/demo/crew.py": "of `tenuto demo sync`",
    "packs/reports/rendering/process.py": "Templates are filled by a process",
    "triggers/schedules/check_secrets.py": "Whether it is set is looked at by",
}
"""Sources that read variables whose names they do not spell, and what the page says of them."""


def reads() -> Iterator[tuple[str, str | None]]:
    """Source and variable of each use of `os.environ`; None where the name is not spelled."""
    for source in sorted(SOURCES.rglob("*.py")):
        tree = ast.parse(source.read_text())
        constants = {
            node.targets[0].id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and isinstance(node.value, ast.Constant)
        }
        spelled: set[ast.AST] = set()
        for node in ast.walk(tree):
            key = _key(node)
            if key is None:
                continue
            name = key.value if isinstance(key, ast.Constant) else None
            name = constants.get(key.id) if isinstance(key, ast.Name) else name
            spelled |= set(ast.walk(node))
            yield str(source.relative_to(SOURCES)), str(name) if name else None
        for node in ast.walk(tree):
            if _is_environ(node) and node not in spelled:
                yield str(source.relative_to(SOURCES)), None


def _key(node: ast.AST) -> ast.expr | None:
    """What is asked for in `os.environ.get(key)`, `os.environ[key]` or `os.getenv(key)`."""
    if isinstance(node, ast.Subscript) and _is_environ(node.value):
        return node.slice
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
        is_get = node.func.attr == "get" and _is_environ(node.func.value)
        if is_get or ast.unparse(node.func) == "os.getenv":
            return node.args[0]
    return None


def _is_environ(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and ast.unparse(node) == "os.environ"


READS = sorted(set(reads()), key=str)


@pytest.mark.parametrize(("source", "name"), READS)
def test_a_variable_that_is_read_is_documented(source: str, name: str | None) -> None:
    if name is None:
        assert source in NOT_BY_NAME, f"{source} reads a variable whose name it does not spell"
        assert NOT_BY_NAME[source] in PAGE
    else:
        assert f"`{name}`" in PAGE, f"{source} reads {name}: document it in environment.md"


def test_reads_are_found() -> None:
    found = {name for _, name in READS}
    assert {"TENUTO_PROJECT", "TENUTO_HTTP_ALLOW", "TENUTO_ARTIFACTS", "NO_COLOR"} <= found


def test_what_the_embedded_server_sees_is_documented() -> None:
    _, _, told = PAGE.partition("The server process sees")
    told = told.partition("of the process")[0]
    assert re.findall(r"`(\w+)`", told) == list(ALLOWED)
