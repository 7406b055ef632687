"""Search attributes of a run, as text."""

from temporalio.api.common.v1 import SearchAttributes
from temporalio.converter import PayloadConverter

Attributes = dict[str, str | list[str]]


def search_attributes(raw: SearchAttributes) -> Attributes:
    """Search attributes by name; they are never encrypted, so no codec is asked."""
    values: Attributes = {}
    for name, payload in raw.indexed_fields.items():
        value = PayloadConverter.default.from_payload(payload)
        values[name] = [str(each) for each in value] if isinstance(value, list) else str(value)
    return values


def word(attributes: Attributes, name: str) -> str | None:
    """The value of a keyword attribute, or None where it is not set."""
    value = attributes.get(name)
    return value if isinstance(value, str) else None
