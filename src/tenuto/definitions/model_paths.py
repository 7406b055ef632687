"""Which keys a model takes at a place in it, for suggestions to whoever wrote another."""

from collections.abc import Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel


def fields_at(model: type[BaseModel], place: Sequence[str | int]) -> list[str]:
    """Keys of the model that stands at `place`, as people write them; none where no model does.

    `place` is a location as pydantic's errors tell it: keys, positions in a list, and the tag of
    an alternative where there are several.
    """
    at: list[Any] = [model]
    for part in place:
        at = [kind for each in at for kind in _below(each, part)]
    models = [each for each in at if _is_model(each)]
    return [info.alias or name for each in models for name, info in each.model_fields.items()]


def _below(kind: Any, part: str | int) -> list[Any]:
    """What may stand at `part` of a value of that kind; a tag chooses the kind itself."""
    origin = get_origin(kind)
    if _is_model(kind):
        for name, info in kind.model_fields.items():
            if part == (info.alias or name):
                return _alternatives(info.annotation)
        return [kind] if _is_tagged(kind, part) else []
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _alternatives(get_args(kind)[1])
    if isinstance(origin, type) and issubclass(origin, Sequence) and isinstance(part, int):
        return _alternatives(get_args(kind)[0])
    return []


def _alternatives(annotation: Any) -> list[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _alternatives(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return [kind for each in get_args(annotation) for kind in _alternatives(each)]
    return [annotation]


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _is_tagged(model: type[BaseModel], tag: str | int) -> bool:
    annotations = (info.annotation for info in model.model_fields.values())
    return any(get_origin(each) is Literal and tag in get_args(each) for each in annotations)
