"""A platform's file server inside the test's own process: every file that is asked for is the same picture."""

from __future__ import annotations

import socket

from local.platforms.media import PICTURE
from tests.simulation.faults import Injector

ALLOWED = ("127.0.0.1", 9)
STAND_IN_HOST = "{}:{}".format(*ALLOWED)
PHOTO_LINK = f"http://{STAND_IN_HOST}/alley.png"
HEAD = f"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: {len(PICTURE)}\r\n\r\n".encode()
FAILING = b"HTTP/1.1 503 Service Unavailable\r\n\r\n"


class FilesInProcess:
    """What a fetch connects to. The whole answer lies ready: it is shorter than what a socket holds."""

    def __init__(self, injector: Injector) -> None:
        self._injector = injector
        self._theirs: socket.socket | None = None

    def connect(self, address: tuple[str, int], timeout: float | None = None) -> socket.socket:
        """What takes the place of `socket.create_connection`."""
        if address != ALLOWED:
            raise AssertionError(f"a connection left the simulation: {address}")
        number = self._injector.before("files GET file")
        self.close()
        ours, self._theirs = socket.socketpair()
        ours.settimeout(timeout)
        self._theirs.sendall(FAILING if self._injector.refuses(number) else HEAD + PICTURE)
        self._theirs.shutdown(socket.SHUT_WR)
        return ours

    def close(self) -> None:
        """Let go of the last connection's other end, which has to outlast the request."""
        if self._theirs:
            self._theirs.close()
