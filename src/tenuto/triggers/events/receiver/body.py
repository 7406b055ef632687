"""The body of a request, read no further than it may be."""

import asyncio

from starlette.requests import ClientDisconnect, Request

from tenuto.core.errors import DataError


class TooLargeError(DataError):
    """The body is larger than what is taken; the rest of it was not read."""


class TooSlowError(DataError):
    """The sender takes longer than it may, or went away."""


async def bounded_body(request: Request, most: int, patience_s: float) -> bytes:
    """All of the body, which may have `most` bytes and may take so many seconds.

    What it says of its own length is believed only where it is too much.
    Raises TooLargeError `triggers.too-large`, TooSlowError `triggers.too-slow`.
    """
    said = request.headers.get("content-length", "")
    if said.isascii() and said.isdigit() and int(said[:20]) > most:
        raise _too_large(most)
    body = bytearray()
    try:
        async with asyncio.timeout(patience_s):
            async for chunk in request.stream():
                body += chunk
                if len(body) > most:
                    raise _too_large(most)
    except (TimeoutError, ClientDisconnect) as gone:
        raise TooSlowError(
            f"The body was not there within {patience_s:g} s.", code="triggers.too-slow"
        ) from gone
    return bytes(body)


def _too_large(most: int) -> TooLargeError:
    return TooLargeError(
        f"The body is larger than {most:,} bytes, which is what this trigger takes.",
        code="triggers.too-large",
    )
