"""What an HTTP answer's status and body become: bytes within limits, or an error of ours."""

import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from tenuto.core.errors import DataError, TransientError

_LONGEST_WAIT_S = 3600
"""A server may ask for a pause, not for a standstill."""


def shown(url: httpx.URL) -> str:
    """The URL for a message: without user, query, and fragment, where credentials hide.

    Percent signs stay as they are, so that no line break of somebody else's gets into a log.
    """
    path = url.raw_path.partition(b"?")[0].decode("ascii")
    return f"{url.scheme}://{url.netloc.decode('ascii')}{path}"


def raise_for_status(answer: httpx.Response) -> None:
    """Nothing for 200 to 299.

    Raises TransientError `http.try-later` for 408, 425, 429, and 5xx, with `retry_after_s` in
    the details when the server named it; DataError `http.redirected` for 3xx, `http.refused`
    for any other status.
    """
    status = answer.status_code
    said = f"{shown(answer.url)} answered {status} {answer.reason_phrase}".rstrip()
    details: dict[str, Any] = {"status": status}
    if 200 <= status < 300:
        return
    if status < 400:
        raise DataError(
            f"{said}; use the address it redirects to", code="http.redirected", details=details
        )
    if status in (408, 425, 429) or status >= 500:
        wait_s = _retry_after_s(answer.headers.get("retry-after"))
        if wait_s is not None:
            details["retry_after_s"] = wait_s
        raise TransientError(
            f"{said}; it is tried again under the retry policy",
            code="http.try-later",
            details=details,
        )
    raise DataError(
        f"{said}; another attempt will not help: check the address and the credentials",
        code="http.refused",
        details=details,
    )


def _retry_after_s(value: str | None) -> int | None:
    if value is None:
        return None
    if value.isascii() and value.isdigit():
        return min(int(value[:9]), _LONGEST_WAIT_S)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    wait_s = round((moment - datetime.now(UTC)).total_seconds())
    return min(max(0, wait_s), _LONGEST_WAIT_S)


def read_body(answer: httpx.Response, max_bytes: int) -> bytes:
    """The body, decompressed. Raises DataError `http.response-too-large`, `http.encoding`."""
    body = bytearray()
    for piece in _decoded(answer, max_bytes):
        body += piece
        if len(body) > max_bytes:
            raise DataError(
                f"{shown(answer.url)} answers with more than {max_bytes:,} bytes; ask for less, "
                "or raise the limit of the step",
                code="http.response-too-large",
            )
    return bytes(body)


def _decoded(answer: httpx.Response, max_bytes: int) -> Iterator[bytes]:
    """Pieces of the body, none longer than `max_bytes + 1`, however well it was compressed."""
    encoding = answer.headers.get("content-encoding", "identity").strip().lower()
    if encoding == "identity":
        yield from answer.iter_raw()
        return
    if encoding != "gzip":
        raise _bad_encoding(answer, f"{encoding!r}, expected gzip or none")
    gzip = zlib.decompressobj(wbits=31)
    is_empty = True
    for chunk in answer.iter_raw():
        is_empty = False
        try:
            yield gzip.decompress(chunk, max_bytes + 1)
        except zlib.error as exc:
            raise _bad_encoding(answer, f"gzip that cannot be read ({exc})") from exc
    if not is_empty and (not gzip.eof or gzip.unused_data):
        raise _bad_encoding(answer, "gzip that does not end where the body ends")


def _bad_encoding(answer: httpx.Response, found: str) -> DataError:
    return DataError(
        f"{shown(answer.url)} sends its body encoded as {found}; check what it serves",
        code="http.encoding",
    )
