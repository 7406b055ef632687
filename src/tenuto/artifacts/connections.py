"""The fsspec driver that a thread may use."""

import threading
from collections.abc import Callable

from fsspec import AbstractFileSystem  # type: ignore[import-untyped]


class Connections:
    """One driver for all threads where it is made for that, else one for each thread.

    Drivers built on asyncio (S3, GCS, Azure) serve any thread. Two threads on one SFTP
    connection take each other's answers and wait for ever.
    """

    def __init__(
        self, first: AbstractFileSystem, connect: Callable[[], AbstractFileSystem]
    ) -> None:
        self._shared = first if first.async_impl else None
        self._connect = connect
        self._of_thread = threading.local()
        self._of_thread.driver = first

    def driver(self) -> AbstractFileSystem:
        """The driver for the calling thread; connects if it has none."""
        if self._shared is not None:
            return self._shared
        if getattr(self._of_thread, "driver", None) is None:
            self._of_thread.driver = self._connect()
        return self._of_thread.driver

    def give_up(self) -> None:
        """Connects again at the next use in this thread: the connection may be what failed."""
        self._of_thread.driver = None
