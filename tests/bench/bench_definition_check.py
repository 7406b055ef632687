"""Checking a definition of 100 tasks: the whole check against the specification's own schema.

    .venv/bin/python tests/bench/bench_definition_check.py [--rounds 15]

All rounds run in one process and alternate; times are of its CPU. `whole` reads the text with
places and finds everything. The others read the same text with PyYAML and say no more than whether
it is valid: with `jsonschema` in pure Python, where it is importable, and with `jsonschema_rs`. The
schema is the specification's, from TENUTO_CONFORMANCE.
"""

import argparse
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import jsonschema_rs
import yaml

sys.path.insert(0, str(Path(__file__).parents[1]))
from specification_examples import conformance
from tenuto.catalog.library.definitions.catalog import call_http, call_openapi, publish
from tenuto.catalog.library.definitions.catalog import load as load_definition
from tenuto.catalog.registry import Catalog
from tenuto.core.yaml12 import read_yaml
from tenuto.definitions.check.structure import finding as structure
from tenuto.definitions.check.whole import check
from tenuto.definitions.loading import load

CATALOG = Catalog([call_http, call_openapi, load_definition, publish])
HEAD = "document: {dsl: 1.0.3, namespace: bench, name: hundred, version: 1.0.0}\ndo:\n"
SIX = """
- get{n}:
    call: http
    with:
      method: get
      endpoint: https://example.com/items/{{item}}
      headers: {{accept: application/json}}
    output: {{as: '.content | {{id, price}}'}}
    timeout: {{after: {{seconds: 30}}}}
- price{n}:
    set: {{total: '${{ .price }}', id: '${{ .id }}'}}
    export: {{as: '$context + {{total: .total}}'}}
- choose{n}:
    switch:
      - large: {{when: .total > 100, then: wait{n}}}
      - other: {{then: keep{n}}}
- wait{n}:
    wait: PT5S
- keep{n}:
    try:
      - send{n}:
          emit: {{event: {{with: {{type: com.example.kept.v1, data: '${{ . }}'}}}}}}
    catch:
      errors: {{with: {{status: 503}}}}
      retry: {{delay: {{seconds: 3}}, backoff: {{exponential: {{}}}}, limit: {{attempt: {{count: 5}}}}}}
"""  # noqa: E501


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=15)
    rounds = arguments.parse_args().rounds
    text = HEAD + "".join(SIX.format(n=n) for n in range(17))
    sides = _sides(text)
    times: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds + 1):
        for name, side in sides.items():
            start = time.process_time()
            side()
            times[name].append((time.process_time() - start) * 1000)
    tasks = text.count("\n- ") + text.count("      - send")
    print(f"{tasks} tasks, {len(text.splitlines())} lines, Python {platform.python_version()}")
    ours = median(times["whole"][1:])
    for name, found in times.items():
        middle = median(found[1:])
        print(
            f"{name:34} {middle:9.2f} ms   {middle / ours:7.2f} x whole   first {found[0]:.2f} ms"
        )


def _sides(text: str) -> dict[str, Callable[[], Any]]:
    """Name -> what is timed. Every side has to find the document right."""
    loaded, _ = load(text, "f.yaml")
    assert loaded is not None
    sides: dict[str, Callable[[], Any]] = {
        "whole": lambda: _right(not check(text, "f.yaml", CATALOG).findings),
        "of it: reading": lambda: load(text, "f.yaml"),
        "of it: structure": lambda: _right(not structure.find(loaded)),
    }
    path = conformance() / "schema" / "workflow.yaml"
    if path.is_file():
        schema = read_yaml(path.read_text(), path.name)
        fast = jsonschema_rs.Draft202012Validator(schema, offline=True)
        sides["PyYAML and jsonschema_rs"] = lambda: _right(fast.is_valid(yaml.safe_load(text)))
        pure = _pure(schema)
        if pure is not None:
            sides["PyYAML and jsonschema"] = lambda: _right(pure.is_valid(yaml.safe_load(text)))
    return sides


def _pure(schema: Any) -> Any:
    try:
        import jsonschema  # type: ignore[import-untyped,unused-ignore]
    except ImportError:
        return None
    return jsonschema.Draft202012Validator(schema)


def _right(is_right: bool) -> None:
    if not is_right:
        raise SystemExit("one side finds a fault in a document that has none")


if __name__ == "__main__":
    main()
