"""Evaluating an expression: its first result, or a fault of type `expression`."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import JsonValue

from tenuto.core.problem import Fault, problem
from tenuto.definitions.expressions.engine import compiler, errors, ops, prelude
from tenuto.definitions.expressions.limits import DATA_DEPTH, STEPS
from tenuto.definitions.expressions.meter import Meter, Stop, count, running
from tenuto.definitions.expressions.program import program
from tenuto.definitions.expressions.results import Sizes
from tenuto.definitions.expressions.stack import on_enough_stack

_SHOWN = 200


def evaluate(text: str, data: JsonValue, variables: Mapping[str, JsonValue]) -> JsonValue:
    """First output of `text` over `data`; None when there is none.

    `data` and `variables` are never changed, and the result may share parts with them: treat it
    as immutable. The outcome depends on the arguments alone.
    Raises Fault `expression` 400 for every error of the expression and every exceeded limit.
    """
    return evaluated(data, variables, lambda evaluation: evaluation.value(text))


def holds(text: str, data: JsonValue, variables: Mapping[str, JsonValue]) -> bool:
    """Whether the first output of `text` is neither false nor null. Raises as `evaluate`."""
    value = evaluate(text, data, variables)
    return value is not None and value is not False


def evaluated(
    data: JsonValue, variables: Mapping[str, JsonValue], ask: Callable[["Evaluation"], JsonValue]
) -> JsonValue:
    """What `ask` gives for a new evaluation; its steps are counted for whoever counts them."""
    latest: list[Evaluation] = []

    def begin() -> JsonValue:
        # Only the attempt that decides counts: the other depends on the caller's stack.
        latest[:] = [Evaluation(data, variables)]
        return ask(latest[0])

    try:
        return on_enough_stack(begin)
    finally:
        count(latest[0].steps)


class Evaluation:
    """Expressions over the same data that share one budget."""

    def __init__(self, data: JsonValue, variables: Mapping[str, JsonValue]) -> None:
        self._data = data
        self._env = compiler.Env(parent=prelude.prelude_env(), vars=dict(variables))
        self._meter = Meter()
        self.sizes = Sizes()

    @property
    def steps(self) -> int:
        """Steps taken so far."""
        return STEPS - max(0, self._meter.left)

    def value(self, text: str) -> JsonValue:
        """First output of `text`, or None. Raises Fault."""
        running.meter = self._meter
        try:
            ready = program(text)
            self._meter.enter(ready.frames)
            result: JsonValue = next(iter(ready.run(self._data, self._env)), None)
            self._meter.frames -= ready.frames
            if not ready.only_selects:
                self.sizes.add(result)
        except errors.JqParseError as exc:
            raise _fault(text, f"{exc}.") from exc
        except errors.JqError as exc:
            raise _raised(text, exc.value) from exc
        except Stop as exc:
            raise _fault(text, str(exc)) from exc
        except RecursionError:
            raise
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as exc:
            # The engine does not translate all errors of Python; their texts differ by version.
            raise _fault(text, "A function was given a value that it cannot take.") from exc
        return result

    def filled(
        self, template: JsonValue, inner: Callable[[str], str | None], depth: int = 0
    ) -> JsonValue:
        """`template` with its expressions evaluated; `inner` gives a text's expression, if any."""
        if depth > DATA_DEPTH:
            raise _refused(f"The template has more than {DATA_DEPTH} levels. Make it flatter.")
        match template:
            case str():
                text = inner(template)
                return self._literal(template) if text is None else self.value(text)
            case list():
                return [self.filled(each, inner, depth + 1) for each in template]
            case dict():
                return {
                    self._literal(key): self.filled(each, inner, depth + 1)
                    for key, each in template.items()
                }
            case _:
                return template

    def _literal(self, text: str) -> str:
        try:
            self.sizes.add(text)
        except Stop as exc:
            raise _refused(f"The template is too large. {exc}") from exc
        return text


def _raised(text: str, value: Any) -> Fault:
    """What `error` raised: `{detail: TEXT}` says all that there is to say."""
    match value:
        case str():
            return _fault(text, value)
        case {"detail": str() as detail} if len(value) == 1:
            return _refused(detail)
    return _fault(text, f"{ops.describe(value)} was raised.")


def _fault(text: str, detail: str) -> Fault:
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
    return _refused(f"`{shown}` cannot be evaluated. {detail}")


def _refused(detail: str) -> Fault:
    return Fault(problem("expression", detail))
