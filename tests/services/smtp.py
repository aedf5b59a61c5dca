"""A mail server that keeps what it gets, and may hold back its last word on one of them."""

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Sink(socketserver.ThreadingTCPServer):
    """`arrived`: address and Message-ID of each mail it has taken, in order."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.arrived: list[tuple[str, str]] = []
        self.hold_at = 0  # taken, but not yet said so, when this many have arrived
        self.holding, self.go_on = threading.Event(), threading.Event()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"

    def take(self, address: str, message: str) -> None:
        found = re.search(r"^Message-ID:\s*(\S+)", message, re.IGNORECASE | re.MULTILINE)
        self.arrived.append((address, found[1] if found else ""))
        if len(self.arrived) == self.hold_at:
            self.holding.set()
            self.go_on.wait(200)


class Conversation(socketserver.StreamRequestHandler):
    server: Sink

    def handle(self) -> None:
        self.say("220 sink")
        address = ""
        for line in iter(self.rfile.readline, b""):
            word = line[:4].upper().strip()
            if word == b"RCPT":
                address = line.decode().partition("<")[2].partition(">")[0]
            if word == b"DATA":
                self.say("354 go on")
                self.server.take(address, self.body())
            self.say("221 bye" if word == b"QUIT" else "250 ok")
            if word == b"QUIT":
                return

    def body(self) -> str:
        return b"".join(iter(self.rfile.readline, b".\r\n")).decode(errors="replace")

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def sink() -> Iterator[Sink]:
    server = Sink()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.go_on.set()
        server.shutdown()
        server.server_close()
