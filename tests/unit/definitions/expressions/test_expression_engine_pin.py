"""The places inside the engine that are guarded are where the pinned version has them."""

import hashlib
import importlib.metadata
import subprocess
import sys
from pathlib import Path

import pytest

from tenuto.definitions.expressions import ENGINE, SANDBOX_PASSTHROUGH, allowed, engine

SOURCES = {
    "builtins": "52e23f9d13165ab236b201ecc5e9f5cf77ba15d36278f39716f4892be4a045f2",
    "compiler": "e89ae9042612cd1cd0a1b363d36379b38b6b069c73593ebb9bf0b46af68ed1e0",
    "encoder": "a1e3f788616049aa353002a0279887e1395f067693cd4201dbc34e39fe16cb9a",
    "errors": "778180f87505e4ebc501aa04bbe3a6c499f37b1b46a7dcb1edd26164f5b3ef18",
    "lexer": "42c4074ceafe8172752a09aee2a19a575026e3b41418f43e934366c9b0443f02",
    "ops": "207a37e1a966a18d0df9452d4891aca3682d20bfada729b52500100a6647091f",
    "parser": "a298ee1d1c3f9037e2ff515dec8b01705fda0363e0fa1bba1b0cf2cc7517d27d",
    "prelude": "68be0cc65a3d5435a25954681adabbb8cc1828e66b3461dbd97f840e2c9a98e4",
}
"""SHA-256 of the engine's files as they were read when their guards were written."""


@pytest.mark.parametrize("name", SOURCES)
def test_the_engine_is_the_one_that_was_read(name: str) -> None:
    module = getattr(engine, name)
    content = Path(module.__file__).read_bytes()
    assert hashlib.sha256(content).hexdigest() == SOURCES[name], (
        f"purejq's {name}.py is another. Read what changed, look at every guard in"
        " tenuto.definitions.expressions, run the case table, then renew the hash. Results that"
        " change need a new version of the interpreter."
    )


def test_the_name_of_the_engine_is_what_is_installed() -> None:
    assert f"purejq {importlib.metadata.version('purejq')}" == ENGINE


def test_every_kind_of_node_that_the_engine_knows_is_allowed_or_refused_on_purpose() -> None:
    assert set(engine.compiler._V) - allowed.KINDS == {"loc"}


def test_every_function_that_is_allowed_exists_and_no_other_is_left() -> None:
    python = {f"{name}/{arity}" for name, arity in engine.builtins.PY_BUILTINS}
    prelude = {f"{name}/{arity}" for name, arity in engine.prelude.prelude_env().funcs}
    assert python | prelude == allowed.FUNCTIONS


def test_a_missing_place_is_an_error_at_import() -> None:
    with pytest.raises(ImportError, match=r"has no `.*ops.nowhere`"):
        engine.replace(engine.ops, "nowhere", None)


def test_another_user_of_the_engine_meets_no_guard() -> None:
    import purejq

    assert list(purejq.Program("[range(300000)] | length").run(None)) == [300_000]  # type: ignore[no-untyped-call]
    assert list(purejq.Program("env | type").run(None)) == ["object"]  # type: ignore[no-untyped-call]


def test_importing_the_expressions_imports_nothing_heavy() -> None:
    code = (
        "import sys, tenuto.definitions.expressions\n"
        "heavy = {'polars', 'httpx', 'temporalio', 'yaml', 'jsonschema_rs', 'duckdb', 'jq'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_sandbox_is_told_of_every_module_of_the_engine() -> None:
    loaded = [name for name in sys.modules if "purejq" in name]
    assert any(name.startswith("tenuto.definitions.expressions._purejq") for name in loaded)
    for name in loaded:
        assert name.startswith(SANDBOX_PASSTHROUGH)
