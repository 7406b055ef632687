"""The engine's compiler, with steps counted in what it makes, and each node compiled once."""

from collections.abc import Iterator
from threading import RLock
from typing import Any

from pydantic import JsonValue

from tenuto.definitions.expressions.allowed import FUNCTIONS
from tenuto.definitions.expressions.engine import builtins, compiler, prelude, replace
from tenuto.definitions.expressions.measure import frames
from tenuto.definitions.expressions.meter import running

_FREE = {"const", "identity", "emptyarray", "var", "field", "index", "binop", "neg"}
"""Nodes that cost nothing, or whose operation charges for itself."""

_MANY_RESULTS = {"iterate", "object"}
"""Nodes that may give many results without evaluating another node for each."""

_STEPS_OF_A_CALL = 5

_lock = RLock()
"""The engine keeps what it knows of the program that it compiles in a module's variable."""

_memo: dict[tuple[str, int], Any] = {}


def compile_program(tree: Any) -> Any:
    """A function of input and environment that gives the results of `tree`, one after another."""
    with _lock, compiler._names_ctx(frozenset(compiler.collect_defined_names(tree))):
        try:
            return compiler.compile_v(tree)
        finally:
            _memo.clear()


def install() -> None:
    """Guards the compiler and builds the prelude. Raises ImportError where a part is missing."""
    for table, wrap in ((compiler._V, _counted_values), (compiler._P, _counted_paths)):
        for kind, handler in table.items():
            table[kind] = wrap(kind, handler)
    for table in (compiler._V, compiler._P):
        table["call"] = _with_frames_of_arguments(table["call"])
    compiler._V["funcdef"] = _counted_values("funcdef", _function_values)
    compiler._P["funcdef"] = _counted_paths("funcdef", _function_paths)
    replace(compiler, "compile_v", _remembered("values", compiler.compile_v))
    replace(compiler, "compile_p", _remembered("paths", compiler.compile_p))
    replace(compiler, "_call_funcval", _nested(compiler._call_funcval))
    _build_prelude()


def _build_prelude() -> None:
    root = prelude.prelude_env()
    root.vars = {}  # it holds the process's environment
    for name, arity in list(root.funcs):
        if f"{name}/{arity}" not in FUNCTIONS or (name, arity) in builtins.PY_BUILTINS:
            del root.funcs[name, arity]
    for function in root.funcs.values():
        _memo.clear()
        function.compiled_v().frames = frames(function.body)
        function.compiled_p()
    _memo.clear()


def _remembered(what: str, original: Any) -> Any:
    """An argument is compiled as values and as paths, and so is each argument in it."""

    def compile_once(tree: Any) -> Any:
        key = (what, id(tree))
        if key not in _memo:
            _memo[key] = original(tree)
        return _memo[key]

    return compile_once


def _counted_values(kind: str, handler: Any) -> Any:
    if kind in _FREE:
        return handler

    def compile_counted(tree: Any) -> Any:
        values = handler(tree)

        def counted(data: JsonValue, env: Any) -> Iterator[JsonValue]:
            meter = running.meter
            meter.left -= 1  # not by a call: this is done for nearly every node
            if meter.left < 0:
                meter.spend(0)
            return values(data, env)  # type: ignore[no-any-return]

        def each_counted(data: JsonValue, env: Any) -> Iterator[JsonValue]:
            meter = running.meter
            for value in values(data, env):
                meter.left -= 1
                if meter.left < 0:
                    meter.spend(0)
                yield value

        return each_counted if kind in _MANY_RESULTS else counted

    return compile_counted


def _counted_paths(kind: str, handler: Any) -> Any:
    if kind in _FREE:
        return handler

    def compile_counted(tree: Any) -> Any:
        paths = handler(tree)

        def counted(data: JsonValue, path: Any, env: Any) -> Iterator[Any]:
            running.meter.spend(1)
            return paths(data, path, env)  # type: ignore[no-any-return]

        def each_counted(data: JsonValue, path: Any, env: Any) -> Iterator[Any]:
            meter = running.meter
            for found in paths(data, path, env):
                meter.spend(1)
                yield found

        return each_counted if kind in _MANY_RESULTS else counted

    return compile_counted


def _function_values(tree: Any) -> Any:
    define, rest = _definition(tree), compiler.compile_v(tree[4])

    def values(data: JsonValue, env: Any) -> Any:
        return rest(data, define(env))

    return values


def _function_paths(tree: Any) -> Any:
    define, rest = _definition(tree), compiler.compile_p(tree[4])

    def paths(data: JsonValue, path: Any, env: Any) -> Any:
        return rest(data, path, define(env))

    return paths


def _definition(tree: Any) -> Any:
    """Binds the function of a `def`. The engine would compile its body anew at each `def`."""
    _, name, parameters, body, _ = tree
    values, paths = compiler.compile_v(body), compiler.compile_p(body)
    values.frames = frames(body)

    def define(env: Any) -> Any:
        function = compiler.FuncVal(parameters, body, frozenset())
        function._cv, function._cp = values, paths
        function.env = compiler.Env(parent=env, funcs={(name, len(parameters)): function})
        return function.env

    return define


def _with_frames_of_arguments(handler: Any) -> Any:
    def compile_call(tree: Any) -> Any:
        for argument in tree[2]:
            compiler.compile_v(argument).frames = frames(argument)
        return handler(tree)

    return compile_call


def _nested(original: Any) -> Any:
    """A call of a function that is written in jq: while it runs, it takes frames."""

    def call(
        function: Any,
        arguments: Any,
        data: JsonValue,
        env: Any,
        mode: str,
        path: Any = None,
    ) -> Iterator[Any]:
        meter = running.meter
        meter.spend(_STEPS_OF_A_CALL)
        taken = 4 + function._cv.frames
        if arguments:
            taken += max(argument.vfn.frames for argument in arguments)
        results = original(function, arguments, data, env, mode, path)
        while True:
            meter.enter(taken)
            try:
                result = next(results)
            except StopIteration:
                return
            finally:
                meter.frames -= taken
            meter.spend(1 + taken // 8)  # a result is handed up through the frames one by one
            yield result

    return call
