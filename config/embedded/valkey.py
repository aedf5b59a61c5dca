"""A private Valkey (or Redis): broker in database 0, cache in 1, timetable in 2; a socket, no port."""

import os
import signal
import socket
from dataclasses import dataclass
from pathlib import Path

from config.embedded import addresses
from config.embedded.binaries import find_valkey
from config.embedded.folders import private_folder
from config.embedded.processes import Child, Command, end_orphans, wait_until


@dataclass
class Valkey:
    durable: bool = True
    child: Child | None = None

    def __post_init__(self) -> None:
        self.program = find_valkey()

    @property
    def data(self) -> Path:
        return addresses.data_dir() / "valkey"

    @property
    def log(self) -> Path:
        return addresses.data_dir() / "valkey.log"

    def start(self) -> None:
        self.data.mkdir(mode=0o700, exist_ok=True)
        end_orphans(self.data, signal.SIGTERM)
        here = (os.geteuid(), os.getegid())
        if not addresses.socket_dir().exists():
            private_folder(addresses.socket_dir(), owner=here)
        command = Command("Valkey", [self.program, *self._options()], cwd=self.data)
        with self.log.open("ab") as log:
            self.child = command.start(log)
        wait_until(self.ready, self.child, log=self.log)

    def stop(self) -> None:
        if self.child:
            self.child.stop()

    def ready(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(1)
                connection.connect(str(addresses.valkey_socket()))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def _options(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(addresses.valkey_socket()),
            "unixsocketperm": "700",
            "dir": str(self.data),
            "save": "",
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": "everysec",
            "maxmemory-policy": "noeviction",  # a broker that evicts loses tasks
            "loglevel": "warning",
        }
        return [part for name, value in options.items() for part in (f"--{name}", value)]
