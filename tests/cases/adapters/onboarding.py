"""Cases of onboarding: each type feeds the rules that checklists are run by."""

from collections.abc import Callable
from datetime import date, datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from onboarding.domain.planning import Task, cycle, is_open, unlocked, windows
from onboarding.domain.progress import Part, engagement, is_overdue, progress, time_to_value
from onboarding.domain.ticking import Event, Rule, completed_at
from onboarding.domain.workdays import due


def days(texts: list[str]) -> set[date]:
    return {date.fromisoformat(text) for text in texts}


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def tasks(rows: list[dict]) -> list[Task]:
    return [Task(row["id"], row.get("dur", 1), tuple(row["after"])) for row in rows]


def due_days(given: dict) -> Any:
    anchor, business = date.fromisoformat(given["anchor"]), given["unit"] == "business"
    holidays = days(given.get("holidays", []))
    return {"due": [due(anchor, n, business=business, holidays=holidays).isoformat() for n in given["offsets"]]}


def plan(given: dict) -> Any:
    done = {key: date.fromisoformat(day) for key, day in given["done"].items()}
    start, holidays = date.fromisoformat(given["start"]), days(given.get("holidays", []))
    found = windows(tasks(given["tasks"]), start, done, holidays)
    return {
        "windows": {key: [first.isoformat(), last.isoformat()] for key, (first, last) in found.items()},
        "projected_end": max(last for _first, last in found.values()).isoformat(),
    }


def unlock(given: dict) -> Any:
    all_tasks, closed, steps = tasks(given["tasks"]), set[str](), []
    initially = [task.key for task in all_tasks if is_open(task, closed)]
    for _what, key in given["events"]:
        steps.append(unlocked(all_tasks, closed, key))
        closed.add(key)
    return {"unlocked_by_step": steps, "initially_open": initially}


def circle(given: dict) -> Any:
    members = cycle(tuple(edge) for edge in given["edges"])
    return {"valid": not members, "cycle_members": members}


def auto(given: dict) -> Any:
    asked = given["rule"]
    distinct = asked.get("distinct", "")
    rule = Rule(asked["count"], distinct, asked.get("since_assignment", False))
    assigned, reopened = moment(given["assigned_at"]), moment(given.get("reopened_at"))
    events = [
        Event(row["id"], moment(row["at"]), row.get(distinct) if distinct else None) for row in given["deliveries"]
    ]
    at = completed_at(rule, events, assigned, reopened)
    text = at.strftime("%Y-%m-%dT%H:%MZ") if at else None
    return {"completed": at is not None, "completed_at": text, "completions_emitted": int(at is not None)}


def how_far(given: dict) -> Any:
    found = progress((kind == "r", state) for kind, state in given["items"])
    return {"done": found.done, "of": found.of, "percent": found.percent}


def survival(given: dict) -> Any:
    activated = [Fraction(hours) for hours in given["activated_hours"]]
    window = Fraction(given["window_hours"])
    censored = given["censored"]
    watched = [window] * censored if isinstance(censored, int) else [Fraction(hours) for hours in censored]
    found = time_to_value(activated, watched, window)
    return {
        "activation_rate": found.activation_rate,
        "median_activated": found.median_activated,
        "km_median": found.km_median,
    }


def score(given: dict) -> Any:
    parts = [Part(Fraction(p["w"]), Fraction(p["value"]), Fraction(p["cap"])) for p in given["parts"]]
    return {"parts": [part.points for part in parts], "score": engagement(parts)}


def overdue(given: dict) -> Any:
    day, zone = date.fromisoformat(given["due"]), ZoneInfo(given["tz"])
    return {"overdue": [is_overdue(day, zone, datetime.fromisoformat(at)) for at in given["at"]]}


ADAPTERS: dict[str, Callable[[dict], Any]] = {
    "due": due_days,
    "plan": plan,
    "unlock": unlock,
    "cycle": circle,
    "auto": auto,
    "progress": how_far,
    "km": survival,
    "score": score,
    "overdue": overdue,
}
