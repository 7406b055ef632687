"""SWIFT FIN files as messages and fields: envelopes, line ends, and several messages in one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tenuto.activities.fetch.files.lines import Lines
from tenuto.core.errors import DataError

_FIELD = re.compile(r":([0-9]{2}[A-Z]?|NS):(.*)", re.DOTALL)
_MOST_CHARS = 64 * 1024 * 1024


@dataclass(kw_only=True)
class Field:
    """One field, its lines joined by newlines."""

    tag: str
    value: str
    row: int


@dataclass(kw_only=True)
class SwiftMessage:
    """The fields of one message in order."""

    row: int
    kind: str | None = None
    """Message type in the envelope, for example `940`."""
    sender: str | None = None
    """BIC of the sender in the envelope."""
    fields: list[Field] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    is_cut: bool = False
    """Whether an envelope was opened and never closed."""

    @property
    def text(self) -> str:
        """Its lines as they were."""
        return "\n".join(self.lines)


def swift_messages(name: str, lines: Lines, first_field: str) -> Iterator[SwiftMessage]:
    """Every message of a file, with or without envelopes (`{1:...}{2:...}{4:` to `-}`).

    `first_field` begins a message: `:20:`, or `:16R:GENL`. Raises DataError
    `statements.message-too-large`, and as `Lines` does.
    """
    splitter = _Splitter(name, first_field)
    for line in lines:
        yield from splitter.take(lines.number, line.rstrip("\r\n"))
    yield from splitter.finish()


class _Splitter:
    def __init__(self, name: str, first_field: str) -> None:
        self._name = name
        self._first = first_field
        self._envelope = ""
        self._in_envelope = False
        self._chars = 0
        self._message: SwiftMessage | None = None

    def take(self, row: int, line: str) -> Iterator[SwiftMessage]:
        """The messages that end with this line."""
        if line.rstrip() == "-" or line.startswith("-}"):
            yield from self._end()
            self._in_envelope = False
            line = line[2:]
        if "{4:" in line:
            yield from self._end(is_cut=self._in_envelope)
            head, _, line = line.partition("{4:")
            self._envelope = head[head.find("{1:") :] if "{1:" in head else self._envelope + head
            self._in_envelope = True
        elif line.startswith(("{1:", "{2:", "{3:")):
            self._envelope = line if line.startswith("{1:") else self._envelope + line
            return
        elif line.startswith("{5:") or ("{1:" in line[:400] and line.startswith("{")):
            self._envelope = line[line.find("{1:") :] if "{1:" in line else ""
            return
        yield from self._line(row, line.rstrip())

    def finish(self) -> Iterator[SwiftMessage]:
        """The message that is still open."""
        yield from self._end(is_cut=self._in_envelope)

    def _line(self, row: int, line: str) -> Iterator[SwiftMessage]:
        match = _FIELD.match(line)
        if match and self._starts(line):
            yield from self._end(keep_envelope=True)
        if match and self._message is None:
            kind, sender = _in_envelope(self._envelope)
            self._message = SwiftMessage(row=row, kind=kind, sender=sender)
            self._chars = 0
        if self._message is None or not line:
            return  # what stands between messages belongs to none
        self._chars += len(line)
        if self._chars > _MOST_CHARS:
            raise DataError(
                f"{self._name}, row {self._message.row}: a message has more than {_MOST_CHARS} "
                "characters; have the sender split it into pages",
                code="statements.message-too-large",
                details={"file": self._name, "row": self._message.row},
            )
        self._message.lines.append(line)
        if match:
            self._message.fields.append(Field(tag=match[1], value=match[2], row=row))
        else:
            self._message.fields[-1].value += f"\n{line}"

    def _starts(self, line: str) -> bool:
        if self._message is None or not line.startswith(self._first):
            return False
        return any(f":{each.tag}:{each.value}".startswith(self._first)
                   for each in self._message.fields)  # fmt: skip

    def _end(self, *, keep_envelope: bool = False, is_cut: bool = False) -> Iterator[SwiftMessage]:
        if self._message is not None:
            self._message.is_cut = is_cut
            yield self._message
        self._message = None
        if not keep_envelope:
            self._envelope = ""


def _in_envelope(envelope: str) -> tuple[str | None, str | None]:
    """Message type and sender's BIC, out of blocks 1 and 2."""
    basic = re.search(r"\{1:[A-Z][0-9]{2}([A-Z0-9]{12})", envelope)
    received = re.search(r"\{2:O([0-9]{3})[0-9]{4}[0-9]{6}([A-Z0-9]{12})", envelope)
    sent = re.search(r"\{2:I([0-9]{3})", envelope)
    if received:
        return received[1], _bic(received[2])
    if sent:
        return sent[1], _bic(basic[1]) if basic else None
    return None, None


def _bic(terminal: str) -> str:
    """The BIC of a logical terminal: its ninth letter names the terminal."""
    branch = terminal[9:12]
    return terminal[:8] + ("" if branch == "XXX" else branch)
