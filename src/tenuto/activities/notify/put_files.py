"""`notify.file`: files for somebody else to pick up."""

import io
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from hashlib import sha256
from typing import BinaryIO

from tenuto.activities.heartbeat import beat
from tenuto.activities.notify.file_drop import drop_file
from tenuto.activities.notify.identity import event_id
from tenuto.activities.notify.mode import is_test_mode, outbox
from tenuto.activities.notify.receipts import captured, counted_attempts, delivered, skipped
from tenuto.artifacts.current import current_store
from tenuto.catalog import implements
from tenuto.catalog.library.notify import catalog
from tenuto.catalog.library.notify.receipts import DeliveryReceipt
from tenuto.catalog.library.notify.requests import FileRequest
from tenuto.core.errors import UsageError

DEFAULT_FOLDER = "TENUTO_NOTIFY_FOLDER"
TEXT = "message.txt"

_Content = tuple[str, str, AbstractContextManager[BinaryIO]]


@implements(catalog.file)
def file(request: FileRequest) -> DeliveryReceipt:
    """The receipt of files that are all there; `detail` is the URL of the last.

    Raises UsageError `notify.nothing-to-deliver`, `notify.name-invalid`, and what `drop_file`
    and the artifact store raise.
    """
    with counted_attempts():
        _refuse_unclear(request)
        folder = request.folder or os.environ.get(DEFAULT_FOLDER, "")
        if not folder:
            return skipped("file", DEFAULT_FOLDER)
        identifier = event_id(request.idempotency_key)
        if is_test_mode():
            url = _drop(f"{outbox().rstrip('/')}/file", request)
            return captured(folder, "file", url, identifier)
        return delivered(folder, "file", _drop(folder, request), identifier)


def _drop(folder: str, request: FileRequest) -> str:
    url = ""
    for name, digest, opened in _contents(request):
        beat(name)
        with opened as content:
            url = drop_file(folder, f"{request.name}/{name}", content, sha256=digest)
    return url


def _contents(request: FileRequest) -> Iterator[_Content]:
    if request.documents:
        store = current_store()
        for each in request.documents:
            yield each.name, each.sha256, store.open(each)
    if request.text:
        text = request.text.encode()
        yield TEXT, sha256(text).hexdigest(), nullcontext(io.BytesIO(text))


def _refuse_unclear(request: FileRequest) -> None:
    names = [each.name for each in request.documents] + ([TEXT] if request.text else [])
    if not names:
        raise UsageError(
            f"the delivery {request.name!r} has neither text nor documents; give it one",
            code="notify.nothing-to-deliver",
        )
    if len(set(names)) != len(names) or "" in names:
        raise UsageError(
            f"the documents of {request.name!r} need different names (found: {names}); name them",
            code="notify.name-invalid",
        )
