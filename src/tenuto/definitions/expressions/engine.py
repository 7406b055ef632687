"""An instance of the jq engine of our own: what we guard in it changes no other user's purejq."""

import importlib.util
import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any

_INSTANCE = "tenuto.definitions.expressions._purejq"
_PINNED = "0.3.1"

SANDBOX_PASSTHROUGH = ("purejq", "tenuto.definitions.expressions")
"""What a worker's sandbox must pass through. The engine imports parts of itself while it runs,
which the sandbox refuses, and it must be built once, not again in every run."""


def _load() -> ModuleType:
    installed = importlib.util.find_spec("purejq")
    if installed is None or installed.origin is None:
        raise ImportError(f"purejq {_PINNED} is not installed, or without its source.")
    spec = importlib.util.spec_from_file_location(
        _INSTANCE, installed.origin, submodule_search_locations=installed.submodule_search_locations
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"purejq cannot be loaded from {installed.origin}.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[_INSTANCE] = module
    spec.loader.exec_module(module)
    if module.__version__ != _PINNED:
        raise ImportError(
            f"purejq {module.__version__} is installed; Tenuto guards places inside {_PINNED} that"
            f" are not public. Install purejq=={_PINNED}."
        )
    return module


ENGINE = f"purejq {_load().__version__}"
"""Name and version of the engine. A run records it: another one may give other results."""

builtins = import_module(f"{_INSTANCE}.builtins")
compiler = import_module(f"{_INSTANCE}.compiler")
encoder = import_module(f"{_INSTANCE}.encoder")
errors = import_module(f"{_INSTANCE}.errors")
lexer = import_module(f"{_INSTANCE}.lexer")
ops = import_module(f"{_INSTANCE}.ops")
parser = import_module(f"{_INSTANCE}.parser")
prelude = import_module(f"{_INSTANCE}.prelude")


is_instance: Callable[[object, Any], bool] = getattr(isinstance, "orig", isinstance)
"""Python's own. In a worker the sandbox puts a slow one in its place, for its proxies, which no
JSON is; the engine asks it several times for each value."""

for _module in (builtins, compiler, encoder, ops):
    _module.isinstance = is_instance  # type: ignore[attr-defined]


def replace(owner: Any, name: str, guarded: Any) -> Any:
    """Puts `guarded` in the place of `owner.name` and returns what was there.

    Raises ImportError when there was nothing: the engine is not the one that we know.
    """
    if not hasattr(owner, name):
        raise ImportError(f"purejq has no `{owner.__name__}.{name}`; install purejq=={_PINNED}.")
    original = getattr(owner, name)
    setattr(owner, name, guarded)
    return original
