"""What comes with a start besides its input: who wanted it, and what proves that it is allowed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tenuto.engine.runs.origin import STARTED_BY


@dataclass(frozen=True, kw_only=True, slots=True)
class Starting:
    """A start as it is about to be sent."""

    type_name: str
    workflow_id: str
    queue: str
    arguments: Sequence[Any]
    schedule: str | None = None
    """Id of the schedule whose every start it is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Who starts runs, and how each start is signed."""

    principal: str
    sign: Callable[[Starting], Mapping[str, str]]
    """Headers for one start."""

    @property
    def memo(self) -> dict[str, str]:
        """What a run remembers of it."""
        return {STARTED_BY: self.principal}


def headers_of(origin: Origin | None, starting: Starting) -> Mapping[str, str]:
    """The headers of one start; none where nobody signs."""
    return origin.sign(starting) if origin else {}
