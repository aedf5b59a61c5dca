"""How long `make run` takes when it has run before."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from config.embedded import addresses
from tests.bench.measuring import Bench, Result, at_most, in_turns, measure
from tests.ports import kept_port

OWN = ("DATABASE_URL", "REDIS_URL", "TENURE_DEV", "DATA_DIR", "LOG_LEVEL")


@measure("second_start", smallest=50_000)
def second_start(bench: Bench) -> Result:
    """Until the page answers, against `manage.py check`."""
    with kept_port() as port, tempfile.TemporaryDirectory(prefix="tenure-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        environment = {name: value for name, value in os.environ.items() if name not in OWN}
        environment |= {"DATA_DIR": folder, "PORT": str(port), "DEMO": "0"}
        started(environment)  # the first start makes the data folder
        series = in_turns(
            {"ours": lambda: started(environment), "check": lambda: checked(environment)}, rounds=3, warm=False
        )
    return at_most(series.ratio("ours", "check"), 4, seconds=series.milliseconds("ours") / 1000)


def started(environment: dict[str, str]) -> float:
    begin = time.perf_counter()
    command = [sys.executable, "-m", "config.embedded", "serve"]
    process = subprocess.Popen(
        command, cwd=addresses.ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    told = []
    try:
        for line in process.stdout or ():
            told.append(line)
            if "runs at" in line:
                return time.perf_counter() - begin
        raise RuntimeError(f"it did not start: {''.join(told)[-2000:]}")
    finally:
        process.terminate()
        process.communicate()


def checked(environment: dict[str, str]) -> None:
    command = [sys.executable, "manage.py", "check"]
    subprocess.run(command, cwd=addresses.ROOT, env=environment, check=True, capture_output=True)
