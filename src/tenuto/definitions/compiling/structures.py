"""Tasks that order other tasks: do, for, fork, switch."""

from collections.abc import Callable
from typing import Any, TypeAlias

from pydantic import JsonValue

from tenuto.definitions.compiling.scope import Scope
from tenuto.definitions.compiling.shape import items, mapping, named, text
from tenuto.definitions.plan import Case, DoTask, ForkTask, ForTask, SwitchTask, Task

Body: TypeAlias = dict[str, JsonValue]
Lists: TypeAlias = Callable[[JsonValue, str, Scope], tuple[Task, ...]]
"""Compiles a list of tasks at a pointer."""


def compile_do(
    body: Body, at: str, scope: Scope, common: dict[str, Any], compile_list: Lists
) -> DoTask:
    """Tasks in sequence."""
    return DoTask(**common, do=compile_list(body.get("do"), f"{at}/do", scope))


def compile_for(
    body: Body, at: str, scope: Scope, common: dict[str, Any], compile_list: Lists
) -> ForTask:
    """Tasks once for each item."""
    loop = mapping(body["for"], f"{at}/for")
    return ForTask(
        **common,
        each=text(loop.get("each", "item"), f"{at}/for/each"),
        at_variable=text(loop.get("at", "index"), f"{at}/for/at"),
        in_=scope.expression_or_object(loop.get("in")),
        while_=scope.optional_expression(body.get("while"), f"{at}/while"),
        do=compile_list(body.get("do"), f"{at}/do", scope),
    )


def compile_fork(
    body: Body, at: str, scope: Scope, common: dict[str, Any], compile_list: Lists
) -> ForkTask:
    """Tasks at the same time."""
    fork = mapping(body["fork"], f"{at}/fork")
    return ForkTask(
        **common,
        compete=fork.get("compete") is True,
        branches=compile_list(fork.get("branches"), f"{at}/fork/branches", scope),
    )


def compile_switch(body: Body, at: str, scope: Scope, common: dict[str, Any]) -> SwitchTask:
    """A choice of where to go on."""
    cases = items(body["switch"], f"{at}/switch")
    return SwitchTask(
        **common,
        cases=tuple(_case(each, f"{at}/switch/{index}", scope) for index, each in enumerate(cases)),
    )


def _case(value: JsonValue, at: str, scope: Scope) -> Case:
    name, case = named(value, at)
    return Case(
        name=name,
        when=scope.optional_expression(case.get("when"), f"{at}/{name}/when"),
        then=text(case.get("then", "continue"), f"{at}/{name}/then"),
    )
