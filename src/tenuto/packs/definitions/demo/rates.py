"""The service that the demonstration asks for exchange rates, and that is down at first."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tenuto.testing.loopback import Answer, LoopbackServer, Received

FAILURES = 2
"""How often it answers 503 before it answers."""
_RATES = (
    {"base": "EUR", "quote": "USD", "rate": "1.0866"},
    {"base": "EUR", "quote": "GBP", "rate": "0.8563"},
)


@dataclass
class RatesService:
    """A real HTTP server on this machine, and what it has answered so far."""

    statuses: list[int] = field(default_factory=list)
    """In order."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def respond(self, request: Received) -> Answer:
        """503 twice, then the rates."""
        with self._lock:
            status = 503 if len(self.statuses) < FAILURES else 200
            self.statuses.append(status)
        body = {"rates": _RATES} if status == 200 else {"error": "starting"}
        return Answer(
            status=status,
            headers={"content-type": "application/json"},
            body=json.dumps(body).encode(),
        )


@contextmanager
def rates_service() -> Iterator[tuple[RatesService, LoopbackServer]]:
    """The service, listening on 127.0.0.1 for the time of the block."""
    service = RatesService()
    with LoopbackServer(service.respond) as server:
        yield service, server
