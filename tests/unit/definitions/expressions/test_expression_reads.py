"""Which variables and paths an expression reads, and nothing that is not certain."""

import pytest

from tenuto.definitions.expressions import paths_read, variables_read


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (".a", set()),
        ("$context.a + $input", {"context", "input"}),
        ('"\\($workflow.id) \\("\\($task.name)")"', {"workflow", "task"}),
        (". as $x | $x", set()),
        ("$x as $x | $x", {"x"}),
        ("(. as $x | $x) + $x", {"x"}),
        ("reduce $in[] as $x ($start; . + $x + $y)", {"in", "start", "y"}),
        ("def f($a): $a + $b; f($c)", {"b", "c"}),
        ("{$context}", {"context"}),
        (". as {$a, b: [$c], ($key): $d} | $a + $c + $d", {"key"}),
        ("not jq (", set()),
    ],
)
def test_variables_read(text: str, names: set[str]) -> None:
    assert variables_read(text) == names


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        (".a.b[0].c", ["..a.b.0.c"]),
        ('.["a b"]."c"', ["..a b.c"]),
        ("$context.x + .y", ["context.x", "..y"]),
        (".a | .b", ["..a", "..a.b"]),
        (". as $d | $d.z", ["..z"]),
        (".items | map(.q + $input.k)", ["..items", "input.k"]),
        ("{a, b: .c.d}", ["..a", "..c.d"]),
        ('"\\(.x) of \\($workflow.id)"', ["..x", "workflow.id"]),
        ("if .c then .d else .e end", ["..c"]),
        (".a and .b", ["..a"]),
        (".rows[.at]", ["..rows", "..at"]),
        ("[.p, .q]", ["..p", "..q"]),
        ("-(.n)", ["..n"]),
        (".nav.total > 5", ["..nav.total"]),
        ("reduce .rows[] as $r (.start; . + $r.x)", ["..rows", "..start"]),
        (".a // 1", []),
        (".a?", []),
        ("try .a", []),
        (".[].x", []),
        (".a = .b", []),
        ("select(.a)", []),
        ("def f: .a; f", []),
        ("..", []),
        (".", []),
        ("$context", []),
        ("not jq (", []),
    ],
)
def test_paths_read(text: str, paths: list[str]) -> None:
    found = [".".join([read.root, *map(str, read.path)]) for read in paths_read(text)]
    assert found == paths
