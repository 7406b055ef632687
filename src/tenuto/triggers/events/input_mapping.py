"""Whether a mapping can make an input that the workflow takes, as far as can be known before."""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, JsonValue, ValidationError

from tenuto.core.errors import UsageError
from tenuto.definitions.check.nearest import did_you_mean
from tenuto.definitions.expressions import is_expression
from tenuto.definitions.findings import Finding
from tenuto.definitions.loaded import Loaded, pointer_to
from tenuto.triggers.events.model import Start
from tenuto.triggers.events.targets import DefinitionTarget, EntryTarget, Target


def input_findings(
    target: Target, start: Start, at: str, parent: str, loaded: Loaded
) -> Iterator[Finding]:
    """Fields that there are not, fields that are missing, and constants that do not fit.

    What expressions give is checked when it is there: before anything starts.
    """
    where = at if at in loaded.spans else parent
    template = start.input
    if isinstance(template, str) and is_expression(template):
        return
    if not isinstance(template, dict):
        yield loaded.error("triggers.bad-input", where, "`input` is an object or an expression.")
        return
    match target:
        case EntryTarget():
            yield from _of_model(target.entry.request, template, at, loaded)
            if target.names_itself and "{version}" in (target.entry.run_id or ""):
                yield from _of_version(target, template, where, loaded)
        case DefinitionTarget():
            yield from _of_schema(target, template, where, loaded)


def _of_model(
    model: type[BaseModel], template: dict[str, JsonValue], at: str, loaded: Loaded
) -> Iterator[Finding]:
    try:
        model.model_validate(template)
    except ValidationError as wrong:
        for error in wrong.errors():
            place = error["loc"]
            parent = _at(template, place[:-1]) if place else template
            found = _at(template, place)
            if error["type"] == "extra_forbidden" and isinstance(parent, dict):
                known = model.model_fields if len(place) == 1 else ()
                yield loaded.error(
                    "triggers.bad-input",
                    f"{at}{pointer_to(place)}",
                    f"The input has no field `{'.'.join(map(str, place))}`.",
                    did_you_mean(str(place[-1]), known),
                    of_key=True,
                )
            elif error["type"] == "missing" and isinstance(parent, dict):
                yield loaded.error(
                    "triggers.bad-input",
                    f"{at}{pointer_to(place[:-1])}",
                    f"The input needs `{'.'.join(map(str, place))}`.",
                    f"Map it, for example to `${{ .{place[-1]} }}`.",
                    of_key=True,
                )
            elif place and found is not None and not _has_expression(found):
                message = error["msg"].removeprefix("Value error, ")
                yield loaded.error("triggers.bad-input", f"{at}{pointer_to(place)}", f"{message}.")


def _of_version(
    target: EntryTarget, template: dict[str, JsonValue], where: str, loaded: Loaded
) -> Iterator[Finding]:
    if "version" not in template and "version" in target.entry.request.model_fields:
        yield loaded.error(
            "triggers.bad-input",
            where,
            "The input needs `version`, or the same event again would start the next version.",
            "Map it, for example to `1`.",
            of_key=True,
        )


def _of_schema(
    target: DefinitionTarget, template: dict[str, JsonValue], where: str, loaded: Loaded
) -> Iterator[Finding]:
    if not _has_expression(template):
        try:
            target.check(template)
        except UsageError as wrong:
            yield loaded.error("triggers.bad-input", where, wrong.message)
        return
    schema = target.plan.input_schema
    required = schema.get("required") if isinstance(schema, dict) else None
    for name in required if isinstance(required, list) else ():
        if name not in template:
            message = f"The definition's input needs `{name}`."
            yield loaded.error("triggers.bad-input", where, message, "Map it.", of_key=True)


def _at(value: Any, place: tuple[int | str, ...]) -> Any:
    """The value at a place; None where the path leads out of what is written."""
    for part in place:
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return None
    return value


def _has_expression(value: Any) -> bool:
    match value:
        case dict():
            return any(map(_has_expression, value.values()))
        case list():
            return any(map(_has_expression, value))
    return is_expression(value)
