"""Coverage-guided fuzzing of expressions: any text is refused, or evaluated, or a fault.

    .venv/bin/python tests/fuzz/fuzz_expressions.py -max_total_time=60

Nothing else may come out: no other exception, no recursion error, no hang (`-timeout=10`), no
result that is not JSON, no difference between two evaluations, and nothing of the environment.
"""

import json
import os
import sys

import atheris  # type: ignore[import-untyped]
from pydantic import JsonValue

CANARY = "canary-7c1f0b"
os.environ["FUZZ_CANARY"] = CANARY

with atheris.instrument_imports(include=["tenuto.definitions.expressions", "purejq"]):
    from tenuto.core.problem import Fault
    from tenuto.definitions.expressions import (
        check_expression,
        evaluate,
        evaluate_template,
        paths_read,
        variables_read,
    )

DATA: JsonValue = {
    "a": [1, 2.5, "x", None],
    "b": {"c": [True, {"d": "2024-02-29T00:00:00Z"}]},
    "n": 3,
}
VARIABLES: dict[str, JsonValue] = {"input": DATA, "x": "ab" * 10}
KNOWN = frozenset(VARIABLES)


def outcome(text: str) -> str:
    """The result as JSON, or the fault's reason."""
    try:
        return json.dumps(evaluate(text, DATA, VARIABLES), allow_nan=False)
    except Fault as fault:
        return f"fault: {fault}"


def fuzz(data: bytes) -> None:
    """One input of the fuzzer."""
    text = atheris.FuzzedDataProvider(data).ConsumeUnicodeNoSurrogates(400)
    before = json.dumps(DATA)
    problems = check_expression(text, KNOWN)
    found = outcome(text)
    if CANARY in found.replace(text, ""):
        raise AssertionError(f"the environment leaked: {found}")
    if found != outcome(text):
        raise AssertionError("two evaluations differ")
    if any(each.kind in ("syntax", "forbidden") for each in problems) and found[:6] != "fault:":
        raise AssertionError(f"evaluated in spite of {problems}")
    if json.dumps(DATA) != before:
        raise AssertionError("the data was changed")
    if not {read.root for read in paths_read(text)} - {"."} <= variables_read(text):
        raise AssertionError("paths and variables disagree")
    try:
        evaluate_template({"a": f"${{ {text} }}", "b": [text]}, DATA, VARIABLES)
    except Fault:
        return


if __name__ == "__main__":
    defaults = ["-timeout=10", "-max_len=600", "-print_final_stats=1"]
    atheris.Setup([sys.argv[0], *defaults, *sys.argv[1:]], fuzz)
    atheris.Fuzz()
