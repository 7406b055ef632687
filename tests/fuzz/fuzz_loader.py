"""Any bytes as a definition: reading and the whole check end with findings, and nothing else.

    python tests/fuzz/fuzz_loader.py -max_total_time=300 [corpus folder]

The specification's examples are the seeds where they are here. Ends with the input that made it
raise, take longer than 10 seconds, or open a connection from Python.
"""

import socket
import sys
import tempfile
from pathlib import Path
from typing import Any, NoReturn

import atheris  # type: ignore[import-untyped]

with atheris.instrument_imports(include=["tenuto.definitions", "tenuto.core", "yaml"]):
    from tenuto.catalog.library.definitions.catalog import (
        call_http,
        call_openapi,
        load,
        publish,
    )
    from tenuto.catalog.registry import Catalog
    from tenuto.definitions.check.whole import check

sys.path.insert(0, str(Path(__file__).parents[1]))
from specification_examples import EXAMPLES

CATALOG = Catalog([call_http, call_openapi, load, publish])


def _no_network(*_: Any) -> NoReturn:
    raise AssertionError("the check opens a connection")


def one_input(data: bytes) -> None:
    """One definition; the first bit of the last byte says whether its file is named as JSON."""
    is_json = bool(data[-1:] and data[-1] & 1)
    checked = check(data, "f.json" if is_json else "f.yaml", CATALOG)
    errors = [each for each in checked.findings if each.code.startswith("E")]
    assert checked.is_runnable == (not errors)
    assert all(each.line >= 1 and each.column >= 1 for each in checked.findings)


def main() -> None:
    socket.socket.connect = _no_network  # type: ignore[method-assign]
    with tempfile.TemporaryDirectory() as seeds:
        for example in EXAMPLES:
            (Path(seeds) / example.name).write_bytes(example.read_bytes())
        atheris.Setup([*sys.argv, "-timeout=10", "-max_len=20000", seeds], one_input)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
