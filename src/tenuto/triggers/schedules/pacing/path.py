"""What stands at a path in a result."""

from pydantic import JsonValue


def value_at(result: JsonValue, path: str) -> JsonValue:
    """The member that `plan.next_check` or `dates.0` names; None where there is none."""
    found = result
    for part in path.split("."):
        if isinstance(found, dict):
            found = found.get(part)
        elif isinstance(found, list) and part.isdecimal() and int(part) < len(found):
            found = found[int(part)]
        else:
            return None
    return found
