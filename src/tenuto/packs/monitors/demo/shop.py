"""A shop's page whose price changes, and a receiver of webhooks, both on this machine."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tenuto.packs.monitors.webhooks.signature import verify_webhook
from tenuto.testing.loopback import Answer, LoopbackServer, Received

_PAGE = """<html><head><title>Shop: coffee machine</title></head><body>
<h1>Coffee machine</h1><p>Our price today: <b class="price">{price}</b> EUR</p></body></html>"""


class Shop:
    """What the page says now."""

    def __init__(self) -> None:
        self.price: str | None = "499.00"
        """None: the page is gone."""
        self.asked = 0
        self._open = threading.Event()
        self._open.set()

    def answer(self, request: Received) -> Answer:
        """The page, once the shop answers."""
        self.asked += 1
        self._open.wait(30)
        if self.price is None:
            return Answer(status=404)
        body = _PAGE.format(price=self.price).encode()
        return Answer(headers={"content-type": "text/html; charset=utf-8"}, body=body)

    @contextmanager
    def hesitating(self) -> Iterator[None]:
        """Inside the block it takes questions and does not answer them."""
        self._open.clear()
        try:
            yield
        finally:
            self._open.set()


class Receiver:
    """The events that came, each with a signature that holds."""

    def __init__(self, secret: str) -> None:
        self.events: list[dict[str, Any]] = []
        self._secret = secret

    def answer(self, request: Received) -> Answer:
        """204 for an event that is signed; anything else is an error."""
        self.events.append(verify_webhook(request.body, request.headers, self._secret))
        return Answer(status=204)


@contextmanager
def open_servers(shop: Shop, receiver: Receiver, pem: Path) -> Iterator[tuple[str, str]]:
    """The URLs of the page and of the receiver, for the time of the block."""
    with (
        LoopbackServer(shop.answer) as page,
        LoopbackServer(receiver.answer, certificate=pem) as hook,
    ):
        yield f"{page.url}/machine", f"https://127.0.0.1:{hook.port}/events"
