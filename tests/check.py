"""`make check`: everything that judges the code without running it. All of it runs, two at a time; any finding fails."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from config.embedded import addresses

ROOT = addresses.ROOT
PACKAGES = ["config", "accounts", "health", "onboarding", "referrals", "tests"]


@dataclass(frozen=True)
class Check:
    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)


def manage(*arguments: str) -> list[str]:
    return [sys.executable, "manage.py", *arguments]


def production() -> dict[str, str]:
    return {
        "DATABASE_URL": addresses.database_url(),
        "REDIS_URL": addresses.cache_url(),
        "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz" * 2,
        "ALLOWED_HOSTS": "tenure.example",
        "BASE_URL": "https://tenure.example",
    }


def templates() -> list[str]:
    return [str(path.relative_to(ROOT)) for path in sorted((ROOT / "templates").rglob("*.html"))]


def checks() -> list[Check]:
    tools = Path(sys.executable).parent
    return [
        Check("types", [f"{tools}/mypy", "--no-error-summary", *PACKAGES[:-1]]),  # by far the longest
        Check("ruff", [f"{tools}/ruff", "check", "--quiet", "."]),
        Check("format", [f"{tools}/ruff", "format", "--check", "--quiet", "."]),
        Check("template format", [f"{tools}/djade", "--target-version", "5.2", "--check", *templates()]),
        Check("template lint", [f"{tools}/djlint", "--lint", "--quiet", "templates"]),
        Check("import contracts", [f"{tools}/lint-imports", "--no-cache"]),
        Check("migrations", manage("makemigrations", "--check", "--dry-run")),
        Check("deployment", manage("check", "--deploy", "--fail-level", "WARNING"), production()),
        Check("translations", manage("check_translations")),
    ]


def run(check: Check) -> bool:
    started = time.monotonic()
    done = subprocess.run(
        check.command,
        cwd=ROOT,
        env={**os.environ, **check.environment},
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.monotonic() - started
    said = f"{'ok    ' if done.returncode == 0 else 'FAILED'}  {check.name}  ({seconds:.1f} s)\n"
    if done.returncode:
        said += (done.stdout + done.stderr).strip() + "\n"
    print(said, end="", flush=True)  # in one piece: two run at a time
    return done.returncode == 0


def main() -> int:
    with ThreadPoolExecutor(2) as pool:
        passed = list(pool.map(run, every := checks()))
    failed = [check.name for check, good in zip(every, passed, strict=True) if not good]
    if failed:
        print(f"These checks failed: {', '.join(failed)}.")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
