"""From the references in a call to its secrets, at the places that its author listed."""

from typing import TypeVar

from pydantic import BaseModel, JsonValue

from tenuto.activities.definitions.masks import Masks
from tenuto.activities.secrets import resolve_secret
from tenuto.catalog.library.definitions.secrets import REFERENCE, pointed
from tenuto.core.errors import UsageError

_NEVER = ("/endpoint/uri", "/document/endpoint/uri")
"""Addresses are written into messages and logs."""

CallT = TypeVar("CallT", bound=BaseModel)


def revealed(call: CallT, places: tuple[str, ...], masks: Masks) -> CallT:
    """`call` with its secrets in place of their references; `masks` knows them afterwards.

    Raises UsageError `call.secret-not-listed` for a reference that stands at no listed place: it
    came as data, and resolving it would send a secret wherever the data says. Also raises as
    `resolve_secret` does.
    """
    plain = call.model_dump(mode="json", by_alias=True, exclude_unset=True)
    listed = frozenset(places)
    filled = {
        name: value if name == "secrets" else _filled(value, pointed("", name), listed, masks)
        for name, value in plain.items()
    }
    return type(call).model_validate(filled)


def secret_value(reference: str, masks: Masks) -> str:
    """The secret, which `masks` knows from now on. Raises as `resolve_secret` does."""
    secret = resolve_secret(reference).get_secret_value()
    masks.add(secret)
    return secret


def _filled(value: JsonValue, place: str, listed: frozenset[str], masks: Masks) -> JsonValue:
    match value:
        case str() if REFERENCE.fullmatch(value) and place not in _NEVER:
            if place not in listed:
                raise _not_listed(place)
            return secret_value(value, masks)
        case dict():
            return {
                key: _filled(each, pointed(place, key), listed, masks)
                for key, each in value.items()
            }
        case list():
            return [
                _filled(each, f"{place}/{index}", listed, masks) for index, each in enumerate(value)
            ]
    return value


def _not_listed(place: str) -> UsageError:
    return UsageError(
        f"At {place} the call holds what looks like the reference to a secret, and its author "
        "listed no secret there, so it may have come with the data and was not resolved; write "
        "`${ $secrets.NAME }` at that place, or add the place to `secrets`.",
        code="call.secret-not-listed",
        details={"place": place},
    )
