"""Folders of the embedded servers: private where it matters, reachable by nobody where it must be."""

import os
import shutil
import stat
from pathlib import Path

from config.embedded.processes import NotStartedError


def private_folder(path: Path, *, owner: tuple[int, int], passable: bool = False) -> Path:
    """Creates a 0700 folder of that owner, or checks that the one found there is exactly that.

    In /tmp anyone may have made the folder first. `passable` lets others pass through, not list it.
    """
    mode = 0o711 if passable else 0o700
    path.mkdir(mode=mode, parents=True, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), owner[0]}:
        raise NotStartedError(f"{path} belongs to somebody else: remove it, or choose another DATA_DIR.")
    path.chmod(mode)
    if found.st_uid != owner[0]:
        os.chown(path, *owner)
    return path


def hand_over(folder: Path, owner: tuple[int, int]) -> None:
    """Gives a data folder to another owner: the same folder served as root yesterday, as nobody today."""
    if folder.stat().st_uid == owner[0]:
        return
    for parent, folders, files in os.walk(folder):
        for name in (".", *folders, *files):
            os.chown(Path(parent) / name, *owner, follow_symlinks=False)


def open_to_others(path: Path) -> bool:
    """Whether any user may pass through every folder on the way, and read what is there."""
    wanted = stat.S_IROTH | stat.S_IXOTH if path.is_dir() else stat.S_IROTH
    return passable(path.parent) and path.stat().st_mode & wanted == wanted


def passable(folder: Path) -> bool:
    return all(step.stat().st_mode & stat.S_IXOTH for step in (folder, *folder.parents))


def copy_open_to_others(source: Path, target: Path) -> Path:
    """A copy that any user may read and run. Made aside and renamed: half a copy is never taken for one."""
    if not target.exists():
        aside = target.with_name(f"{target.name}.{os.getpid()}")
        shutil.copytree(source, aside, symlinks=True)
        for path in (aside, *aside.rglob("*")):
            if not path.is_symlink():
                mode = path.stat().st_mode
                path.chmod(mode | 0o555 if path.is_dir() or mode & stat.S_IXUSR else mode | 0o444)
        try:
            aside.rename(target)
        except OSError:  # another process was as quick
            if not target.exists():
                raise
            shutil.rmtree(aside)
    return target
