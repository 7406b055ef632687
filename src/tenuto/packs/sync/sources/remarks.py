"""What sources notice while they are read: no error, and yet for whoever looks at the load."""

_noticed: list[str] = []
"""Of this process, which loads one source and ends."""


def remark(text: str) -> None:
    """Keeps `text` for the warnings of the load that goes on in this process."""
    if text not in _noticed:
        _noticed.append(text)


def taken_remarks() -> tuple[str, ...]:
    """What was noticed since this was asked last, in order."""
    taken = tuple(_noticed)
    _noticed.clear()
    return taken
