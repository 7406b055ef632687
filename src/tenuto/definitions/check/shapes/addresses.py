"""Whether the input of a call has what its address is filled with (`https://…/{petId}`)."""

import re
from collections.abc import Iterable, Iterator, Mapping

from tenuto.definitions.check.expressions.used import Sees
from tenuto.definitions.check.meaning_codes import NO_SUCH_FIELD
from tenuto.definitions.check.nearest import did_you_mean
from tenuto.definitions.check.parts import part
from tenuto.definitions.check.shapes.data_flow import Seen
from tenuto.definitions.expressions import is_expression
from tenuto.definitions.findings import Finding
from tenuto.definitions.loaded import Loaded
from tenuto.definitions.tasks import TaskAt

_MEMBER = re.compile(r"\{([^{}]+)\}")


def find_unfilled_addresses(
    loaded: Loaded, tasks: Iterable[TaskAt], seen: Mapping[str, Seen]
) -> Iterator[Finding]:
    """Every `{name}` in the address of `call: http` that the input, by its schema, never has."""
    for task in tasks:
        known = seen.get(task.pointer)
        if known is None or task.body.get("call") != "http":
            continue
        data = known.dot[Sees.INPUT]
        for path in (("with", "endpoint"), ("with", "endpoint", "uri")):
            address = part(task.body, *path)
            if not isinstance(address, str) or is_expression(address):
                continue
            for name in dict.fromkeys(_MEMBER.findall(address)):
                if data.never_has(name):
                    yield loaded.error(
                        NO_SUCH_FIELD,
                        "/".join((task.pointer, *path)),
                        f"The address needs `{name}`, and the task's input has no such field.",
                        did_you_mean(name, data.known_members()),
                    )
