"""What the checks pass and compiling refuses comes as a finding with its place."""

import pytest

from compiled_plans import CATALOG
from tenuto.definitions.compiling.refused import NOT_COMPILED, find_uncompilable
from tenuto.definitions.loading import load

HEAD = "document: {dsl: 1.0.3, namespace: test, name: sample, version: 1.0.0}\n"


CYCLE = """\
use:
  functions: {f: {call: f}}
do:
- t: {call: f}
"""
EXTENDED_SWITCH = """\
use: {extensions: [{e: {extend: all, after: [{l: {wait: PT1S}}]}}]}
do:
- t: {switch: [{d: {then: end}}]}
"""
SECRET_AS_DATA = """\
use: {secrets: [s], functions: {f: {set: {a: 1}}}}
do:
- a: {wait: PT1S}
- t: {call: f, with: {k: '${ $secrets.s }'}}
"""


@pytest.mark.parametrize(
    ("rest", "line", "path"),
    [(CYCLE, 5, "/do/0/t"), (EXTENDED_SWITCH, 4, "/do/0/t"), (SECRET_AS_DATA, 5, "/do/1/t")],
)
def test_a_refusal_has_its_place(rest: str, line: int, path: str) -> None:
    loaded, _ = load(HEAD + rest, "f.yaml")
    assert loaded is not None
    (found,) = find_uncompilable(loaded, CATALOG)
    assert (found.code, found.line, found.path) == (NOT_COMPILED, line, path)


def test_a_definition_that_compiles_has_none() -> None:
    loaded, _ = load(HEAD + "do: [{t: {wait: PT1S}}]\n", "f.yaml")
    assert loaded is not None
    assert list(find_uncompilable(loaded, CATALOG)) == []
