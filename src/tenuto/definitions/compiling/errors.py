"""Errors as tasks raise and take them: raise, try, catch, retry."""

from typing import Any, Literal

from pydantic import JsonValue

from tenuto.core.problem import canonical_type
from tenuto.definitions.compiling.scope import Scope
from tenuto.definitions.compiling.shape import (
    mapping,
    optional_mapping,
    optional_text,
    text,
    whole_number,
)
from tenuto.definitions.compiling.structures import Body, Lists
from tenuto.definitions.plan import Catch, RaiseTask, Retry, Template, TryTask


def compile_raise(body: Body, at: str, scope: Scope, common: dict[str, Any]) -> RaiseTask:
    """An error to end with, written out or named in `use.errors`."""
    where = f"{at}/raise/error"
    named = mapping(body["raise"], f"{at}/raise").get("error")
    error = mapping(scope.resolved("errors", named, where), where)
    return RaiseTask(
        **common,
        error={
            key: scope.template(_canonical(key, each))
            for key, each in error.items()
            if key != "instance"  # It is where the error arises, and set there.
        },
    )


def compile_try(
    body: Body, at: str, scope: Scope, common: dict[str, Any], compile_list: Lists
) -> TryTask:
    """Tasks whose errors are taken."""
    at_catch = f"{at}/catch"
    catch = mapping(body.get("catch"), at_catch)
    errors = optional_mapping(catch.get("errors"), f"{at_catch}/errors")
    wanted = optional_mapping(errors.get("with"), f"{at_catch}/errors/with")
    return TryTask(
        **common,
        tasks=compile_list(body["try"], f"{at}/try", scope),
        catch=Catch(
            errors={key: _canonical(key, each) for key, each in wanted.items()},
            variable=text(catch.get("as", "error"), f"{at_catch}/as"),
            when=scope.optional_expression(catch.get("when"), f"{at_catch}/when"),
            except_when=scope.optional_expression(
                catch.get("exceptWhen"), f"{at_catch}/exceptWhen"
            ),
            retry=_retry(catch.get("retry"), scope, f"{at_catch}/retry"),
            do=compile_list(catch.get("do", []), f"{at_catch}/do", scope),
            then=optional_text(catch.get("then"), f"{at_catch}/then"),
        ),
    )


def _retry(value: JsonValue, scope: Scope, at: str) -> Retry | None:
    if value is None:
        return None
    policy = mapping(scope.resolved("retries", value, at), at)
    limit = optional_mapping(policy.get("limit"), f"{at}/limit")
    attempt = optional_mapping(limit.get("attempt"), f"{at}/limit/attempt")
    jitter = optional_mapping(policy.get("jitter"), f"{at}/jitter")
    count = attempt.get("count")
    return Retry(
        when=scope.optional_expression(policy.get("when"), f"{at}/when"),
        except_when=scope.optional_expression(policy.get("exceptWhen"), f"{at}/exceptWhen"),
        delay=scope.template(policy.get("delay")),
        backoff=_backoff(policy.get("backoff"), f"{at}/backoff"),
        jitter_from=scope.template(jitter.get("from")),
        jitter_to=scope.template(jitter.get("to")),
        attempts=None if count is None else whole_number(count, f"{at}/limit/attempt/count"),
        attempt_duration=scope.template(attempt.get("duration")),
        duration=scope.template(limit.get("duration")),
    )


def _backoff(value: JsonValue, at: str) -> Literal["constant", "exponential", "linear"]:
    strategy = optional_mapping(value, at)
    if "exponential" in strategy:
        return "exponential"
    return "linear" if "linear" in strategy else "constant"


def _canonical(member: str, value: JsonValue) -> Template:
    return canonical_type(value) if member == "type" and isinstance(value, str) else value
