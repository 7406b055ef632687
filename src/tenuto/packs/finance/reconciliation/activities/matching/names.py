"""SQL fragments from names: quoted, never pasted."""

from collections.abc import Iterable


def quoted(name: str) -> str:
    """An identifier that no name can break out of."""
    return '"' + name.replace('"', '""') + '"'


def of(alias: str, name: str) -> str:
    """`alias."name"`."""
    return f"{alias}.{quoted(name)}"


def listed(parts: Iterable[str]) -> str:
    """Comma separated."""
    return ", ".join(parts)


def both(conditions: Iterable[str]) -> str:
    """All of the conditions; true for none."""
    found = [f"({each})" for each in conditions]
    return " AND ".join(found) if found else "TRUE"


def content(alias: str, names: Iterable[str]) -> str:
    """A row's values as one text, the same for equal rows."""
    parts = [
        f"replace(coalesce(CAST({of(alias, name)} AS VARCHAR), ''), chr(31), chr(30))"
        for name in names
    ]
    return f"concat_ws(chr(31), {listed(parts)})" if parts else "''"
