"""What is wrong with triggers.yaml, each at its line and column."""

from collections.abc import Iterable, Iterator

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from tenuto.definitions.check.nearest import did_you_mean
from tenuto.definitions.findings import ErrorsFound, Finding
from tenuto.definitions.loaded import Loaded, pointer_to
from tenuto.definitions.model_paths import fields_at
from tenuto.triggers.events.model import Triggers

_SECRET_KEYS = ("secrets", "credentials")


class InvalidTriggers(ErrorsFound):
    """triggers.yaml has errors; nothing is served or applied."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        super().__init__("The triggers have", findings, code="triggers.invalid")


def shape_findings(wrong: ValidationError, loaded: Loaded) -> Iterator[Finding]:
    """A finding for each key and value that is not as it should be."""
    for error in wrong.errors():
        yield _finding(error, loaded)


def _finding(error: ErrorDetails, loaded: Loaded) -> Finding:
    place = error["loc"]
    if place and place[-1] == "[key]":
        return loaded.error(
            "triggers.bad-name",
            pointer_to(place[:-1]),
            f"`{place[-2]}` is no name for a trigger.",
            "Write 1 to 64 small letters, digits, and hyphens; they are part of run ids.",
            of_key=True,
        )
    at = pointer_to(place)
    match error["type"]:
        case "extra_forbidden":
            known = sorted(fields_at(Triggers, place[:-1]))
            return loaded.error(
                "triggers.unknown-key",
                at,
                f"There is no key `{place[-1]}` here.",
                did_you_mean(str(place[-1]), known),
                of_key=True,
            )
        case "missing":
            return loaded.error(
                "triggers.missing-key",
                pointer_to(place[:-1]),
                f"`{place[-1]}` is missing.",
                "Add it.",
                of_key=True,
            )
        case "value_error":
            message = error["msg"].removeprefix("Value error, ")
            return loaded.error("triggers.bad-value", at, f"{message[:1].upper()}{message[1:]}.")
    found = "" if any(each in place for each in _SECRET_KEYS) else f" (found: {_shown(error)})"
    if not found:
        remedy = "Write secret://env/NAME and set NAME where the receiver runs."
        return loaded.error("triggers.bad-value", at, "This is no reference to a secret.", remedy)
    return loaded.error("triggers.bad-value", at, f"{error['msg']}{found}.")


def _shown(error: ErrorDetails) -> str:
    text = repr(error["input"])
    return text if len(text) <= 80 else f"{text[:77]}..."
