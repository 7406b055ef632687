"""Which keys a model takes at a path into it, for suggestions."""

from collections.abc import Sequence
from typing import Any, get_args

from pydantic import BaseModel


def fields_at(model: type[BaseModel], path: Sequence[str | int]) -> list[str]:
    """Keys of the model that `path` leads to, as people write them; none where it is no model."""
    at: Any = model
    for part in path:
        inner = _models_of(at)
        fields = next((each.model_fields for each in inner if part in each.model_fields), None)
        if fields is not None:
            at = fields[str(part)].annotation
        elif inner and isinstance(at, type):
            return []
    found = _models_of(at)
    return [info.alias or name for each in found for name, info in each.model_fields.items()]


def _models_of(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for each in get_args(annotation) for model in _models_of(each)]
