"""A mail server on this machine that keeps what it is sent: as much SMTP as a client needs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.policy import default


class Mailbox:
    """The subjects of the mails that were taken, in order."""

    def __init__(self) -> None:
        self.subjects: list[str] = []
        self.port = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Speaks with one client until it leaves."""
        writer.write(b"220 demo\r\n")
        while line := await reader.readline():
            word = line.split()[0].upper() if line.split() else b""
            if word == b"DATA":
                writer.write(b"354 go on\r\n")
                self._keep(await reader.readuntil(b"\r\n.\r\n"))
                writer.write(b"250 taken\r\n")
            elif word == b"QUIT":
                writer.write(b"221 bye\r\n")
                break
            else:
                writer.write(b"250 demo\r\n")
            await writer.drain()
        writer.close()

    def _keep(self, content: bytes) -> None:
        self.subjects.append(str(message_from_bytes(content, policy=default)["subject"]))


@asynccontextmanager
async def open_mailbox() -> AsyncIterator[Mailbox]:
    """A mailbox on a free port of 127.0.0.1, for the time of the block."""
    mailbox = Mailbox()
    server = await asyncio.start_server(mailbox.answer, "127.0.0.1", 0)
    mailbox.port = server.sockets[0].getsockname()[1]
    try:
        yield mailbox
    finally:
        server.close()
