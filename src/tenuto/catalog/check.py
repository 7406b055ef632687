"""Checking an input against its model before anything starts."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from tenuto.catalog.entries import WorkflowEntry
from tenuto.core.errors import UsageError


def check_input(entry: WorkflowEntry[Any, Any], values: Mapping[str, Any] | BaseModel) -> BaseModel:
    """The entry's request, built from `values`.

    Raises UsageError naming every wrong field, what was found, and what is expected. Nothing
    is converted that would change its meaning: a string is not a list of its characters.
    """
    model: type[BaseModel] = entry.request
    if isinstance(values, model):
        return values
    if isinstance(values, BaseModel):
        values = values.model_dump()
    try:
        return model.model_validate(dict(values))
    except ValidationError as wrong:
        raise UsageError(
            f"The input of `{entry.name}` is wrong:\n"
            + "\n".join(f"  {line}" for line in explain(wrong, model)),
            code="input.invalid",
            details={"entry": entry.name, "errors": [_plain(e) for e in wrong.errors()]},
        ) from wrong


def arguments(entry: WorkflowEntry[Any, Any], request: BaseModel) -> list[Any]:
    """What is sent to the workflow: the request itself, or its fields for plain code."""
    if entry.spreads_fields:
        return [getattr(request, name) for name in type(request).model_fields]
    return [request]


def explain(wrong: ValidationError, model: type[BaseModel]) -> list[str]:
    """One line per wrong field: `field: what is wrong (found: value)`."""
    errors = wrong.errors()
    return [_line(error, model) for error in errors if not _follows(error, errors)]


def _follows(error: ErrorDetails, errors: Sequence[ErrorDetails]) -> bool:
    """Whether a list is too short only because its items are wrong, which is said of each."""
    size = len(error["loc"])
    return error["type"] == "too_short" and any(
        len(other["loc"]) > size and other["loc"][:size] == error["loc"] for other in errors
    )


def _line(error: ErrorDetails, model: type[BaseModel]) -> str:
    where = ".".join(str(part) for part in error["loc"]) or "input"
    if error["type"] == "extra_forbidden":
        return f"`{where}`: no such field{_hint(str(error['loc'][-1]), model, error['loc'][:-1])}"
    if error["type"].startswith("time_delta"):
        return (
            f"`{where}`: expected how long, such as `PT90S`, `PT5M`, or `P1D`"
            f" (found: {_shown(error['input'])})"
        )
    if error["type"] == "missing":
        return f"`{where}`: is required and was not given"
    message = error["msg"].removeprefix("Value error, ")
    return f"`{where}`: {message[:1].lower()}{message[1:]} (found: {_shown(error['input'])})"


def _hint(name: str, model: type[BaseModel], path: Sequence[int | str]) -> str:
    """What was probably meant, among the fields of the model that the path leads to."""
    inner = _inside(model, path)
    if inner is None:
        return ""
    close = difflib.get_close_matches(name, inner.model_fields, n=1)
    return f"; did you mean `{close[0]}`?" if close else f"; {_valid(inner)}"


def _inside(model: type[BaseModel], path: Sequence[int | str]) -> type[BaseModel] | None:
    """The model that a path of fields and places in lists leads to; None where it may be one of
    several."""
    for part in path:
        if isinstance(part, int):
            continue
        known = model.model_fields.get(part)
        models = set(_models(known.annotation)) if known else set()
        if len(models) != 1:
            return None
        (model,) = models
    return model


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for each in get_args(annotation):
        yield from _models(each)


def _valid(model: type[BaseModel]) -> str:
    return "valid fields are " + ", ".join(f"`{name}`" for name in model.model_fields)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _plain(error: ErrorDetails) -> dict[str, Any]:
    return {
        "field": ".".join(str(part) for part in error["loc"]),
        "type": error["type"],
        "message": error["msg"],
    }
