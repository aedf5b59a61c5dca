"""PostgreSQL refuses to run as root. Three ways around, chosen by who we are and what the machine allows."""

import os
import pwd
import shutil
import subprocess
from enum import StrEnum

from config.embedded.processes import NotStartedError, RunAs


class Way(StrEnum):
    PLAIN = "plain"  # an ordinary user: nothing to do
    NAMESPACE = "namespace"  # root: nobody inside a user namespace, still root's files outside
    NOBODY = "nobody"  # root where user namespaces are off: the real user nobody


NAMESPACE_PREFIX = ("unshare", "--user", "--map-user=65534", "--map-group=65534")


def namespaces_work() -> bool:
    if not shutil.which(NAMESPACE_PREFIX[0]):
        return False
    return subprocess.run([*NAMESPACE_PREFIX, "true"], capture_output=True, check=False).returncode == 0


def available_ways() -> list[Way]:
    if os.geteuid() != 0:
        return [Way.PLAIN]
    return [Way.NAMESPACE, Way.NOBODY] if namespaces_work() else [Way.NOBODY]


def chosen_way() -> Way:
    """POSTGRES_RUN_AS=nobody takes the way without user namespaces also where they would work."""
    ways = available_ways()
    wanted = os.environ.get("POSTGRES_RUN_AS")
    if not wanted:
        return ways[0]
    if wanted not in ways:
        raise NotStartedError(f"POSTGRES_RUN_AS is {wanted!r}, but here only {', '.join(ways)} is possible.")
    return Way(wanted)


def run_as(way: Way) -> RunAs:
    if way is Way.PLAIN:
        return RunAs()
    if way is Way.NAMESPACE:
        return RunAs(prefix=NAMESPACE_PREFIX)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise NotStartedError(
            "PostgreSQL cannot run as root here: run this as an ordinary user, or set DATABASE_URL."
        ) from None
    return RunAs(user=nobody.pw_uid, group=nobody.pw_gid)
