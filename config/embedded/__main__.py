"""python -m config.embedded up | run -- COMMAND… | serve"""

import argparse
import os
import signal
import subprocess
import sys

from config.embedded import addresses
from config.embedded.processes import NotStartedError, die_with_parent
from config.embedded.services import running, running_or_shared, temporary_data_dir
from config.embedded.signals import StoppedError, stoppable


def up() -> int:
    with running(durable=False):
        print(f"Serving {addresses.data_dir()} until Ctrl-C.")
        print(f"  PostgreSQL  {addresses.database_url()}")
        print(f"  Valkey      {addresses.cache_url()}", flush=True)
        while True:
            signal.pause()


def run(command: list[str]) -> int:
    """The command keeps the terminal: Ctrl-C reaches it directly, and a debugger can read from it."""
    with temporary_data_dir(), running_or_shared():
        process = subprocess.Popen(
            command,
            env={**os.environ, "DATA_DIR": str(addresses.data_dir())},
            preexec_fn=die_with_parent(signal.SIGTERM, os.getpid()),  # noqa: PLW1509 - no threads here
        )
        try:
            return process.wait()
        except StoppedError:
            process.terminate()
            process.wait()
            raise


def serve() -> int:
    from config.embedded.supervisor import serve as serve_all

    return serve_all()


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m config.embedded", description=__doc__)
    parser.add_argument("action", choices=["up", "run", "serve"])
    parser.add_argument("command", nargs=argparse.REMAINDER, help="for run: -- COMMAND…")
    chosen = parser.parse_args(arguments)
    command = chosen.command[1:] if chosen.command[:1] == ["--"] else chosen.command
    if (chosen.action == "run") != bool(command):
        parser.error("run needs a command after --, and only run takes one")
    actions = {"up": up, "run": lambda: run(command), "serve": serve}
    try:
        with stoppable():
            return actions[chosen.action]()
    except StoppedError:
        if chosen.action == "run":
            raise
        return 0  # being stopped is how these two end
    except NotStartedError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
