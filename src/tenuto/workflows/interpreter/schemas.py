"""Checks data against the JSON Schemas that a definition carries."""

import jsonschema_rs
from pydantic import JsonValue

from tenuto.core.problem import Fault, problem

_MOST_ERRORS = 5


class Schemas:
    """The schemas of one plan, each compiled once."""

    def __init__(self) -> None:
        self._validators: dict[int, tuple[JsonValue, jsonschema_rs.Validator]] = {}

    def check(self, schema: JsonValue, value: JsonValue, what: str) -> None:
        """Raises Fault `validation` 400, naming what is wrong with `value`; None accepts all.

        Formats are not checked, and nothing is ever fetched: a reference must point into the
        schema itself. Raises Fault `configuration` 400 for a schema that is none.
        """
        if schema is None:
            return
        errors = []
        for error in self._validator(schema).iter_errors(value):
            errors.append(f"`{_pointer(error.instance_path)}`: {error.message}")
            if len(errors) == _MOST_ERRORS:
                break
        if errors:
            raise Fault(
                problem("validation", f"{what} does not fit its schema: {'; '.join(errors)}")
            )

    def _validator(self, schema: JsonValue) -> jsonschema_rs.Validator:
        # By identity: the plan keeps its schemas for as long as the run lasts, and so does this.
        known = self._validators.get(id(schema))
        if known is None:
            known = self._validators[id(schema)] = (schema, _compiled(schema))
        return known[1]


def _compiled(schema: JsonValue) -> jsonschema_rs.Validator:
    if not isinstance(schema, dict | bool):
        raise Fault(problem("configuration", f"A schema is an object, not {schema!r}."))
    try:
        return jsonschema_rs.validator_for(schema, validate_formats=False, offline=True)
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        raise Fault(
            problem("configuration", f"A schema of the definition cannot be used: {error}")
        ) from error


def _pointer(path: list[str | int]) -> str:
    return "".join(f"/{part}" for part in path) or "/"
