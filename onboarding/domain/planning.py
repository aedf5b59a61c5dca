"""What comes when, and what waits for what (RULES 5, O2 and O3). Pure: keys and days."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from onboarding.domain.workdays import Holidays, plus, rolled


@dataclass(frozen=True)
class Task:
    key: str
    duration: int = 1  # working days
    after: tuple[str, ...] = ()


def cycle(edges: Iterable[tuple[str, str]]) -> list[str]:
    """The keys that wait for each other in a circle, sorted; none if every step can be reached."""
    ahead: dict[str, set[str]] = {}
    for before, after in edges:
        ahead.setdefault(before, set()).add(after)
        ahead.setdefault(after, set())
    return sorted(key for key in ahead if key in _reached(ahead, key))


def _reached(ahead: Mapping[str, set[str]], start: str) -> set[str]:
    seen: set[str] = set()
    waiting = list(ahead[start])
    while waiting:
        if (key := waiting.pop()) not in seen:
            seen.add(key)
            waiting += ahead[key]
    return seen


def in_order(tasks: Sequence[Task]) -> list[Task]:
    """Each after all it waits for, else as given. ValueError for a circle, or for a key nobody has."""
    left, done, ordered = list(tasks), set[str](), list[Task]()
    if unknown := {key for task in tasks for key in task.after} - {task.key for task in tasks}:
        raise ValueError(f"nobody is called {min(unknown)}")
    while left:
        ready = [task for task in left if done.issuperset(task.after)]
        if not ready:
            raise ValueError("steps wait for each other in a circle")
        ordered += ready
        done |= {task.key for task in ready}
        left = [task for task in left if task.key not in done]
    return ordered


def windows(
    tasks: Sequence[Task],
    start: date,
    done: Mapping[str, date] | None = None,
    holidays: Holidays = (),
    *,
    at_least: Mapping[str, date] | None = None,
) -> dict[str, tuple[date, date]]:
    """O2: first and last working day of each. A task of d days that starts on working day s ends on the d-th (s is
    the first); its successors start on the working day after. What is done counts with its actual day, early or
    late; the durations of the others stay. `at_least`: days before which nobody expects a task to be done."""
    done, at_least = done or {}, at_least or {}
    found: dict[str, tuple[date, date]] = {}
    for task in in_order(tasks):
        latest = max((found[key][1] for key in task.after), default=None)
        begins = rolled(start if latest is None else latest + timedelta(days=1), holidays)
        if task.key in done:
            found[task.key] = min(begins, done[task.key]), done[task.key]
        else:
            ends = plus(begins, max(task.duration, 1) - 1, holidays)
            found[task.key] = begins, max(ends, at_least.get(task.key, ends))
    return {task.key: found[task.key] for task in tasks}


def is_open(task: Task, closed: Collection[str]) -> bool:
    """O3: everything it waits for is done or skipped."""
    return all(key in closed for key in task.after)


def unlocked(tasks: Sequence[Task], closed: Collection[str], just: str) -> list[str]:
    """What opens because `just` was done or skipped; nothing if that is no news."""
    if just in closed:
        return []
    now = {*closed, just}
    return [t.key for t in tasks if just in t.after and t.key not in now and is_open(t, now)]
