"""Cases of booking: each type feeds the rules that sessions are booked by."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from onboarding.domain import pools
from onboarding.domain.clocks import common, instant, local_day, moment, whole_day
from onboarding.domain.reminders import reminders
from onboarding.domain.slots import Hours, Limits, Load, Meeting, Taken, labels, starts

WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def read(text: str) -> int:
    return instant(datetime.fromisoformat(text))


def written(at: int) -> str:
    return moment(at).strftime("%Y-%m-%dT%H:%MZ")


def minutes(text: str) -> int:
    hours, rest = text.split(":")
    return int(hours) * 60 + int(rest)


def intervals(rows: list) -> list[tuple[int, int]]:
    return [(minutes(low), minutes(high)) for low, high in rows]


def hours_of(given: dict) -> Hours:
    weekly = {WEEKDAYS.index(day): intervals(rows) for day, rows in given["weekly"].items()}
    dates = {date.fromisoformat(day): intervals(rows) for day, rows in given.get("overrides", {}).items()}
    return Hours(ZoneInfo(given["tz"]), weekly, dates)


def slots(given: dict) -> Any:
    hours, event = hours_of(given["schedule"]), given["event"]
    meeting = Meeting(
        event["duration"], event["increment"], event.get("before", 0), event.get("after", 0), event.get("notice", 0),
        given.get("window_days", event.get("window_days")),
    )  # fmt: skip
    first, last = (date.fromisoformat(day) for day in given["range"])
    taken = [
        Taken(read(b["start"]), read(b["end"]), b.get("before", 0), b.get("after", 0))
        for b in given.get("bookings", [])
    ]
    busy = [(read(low), read(high)) for low, high in given.get("busy", [])]
    for block in given.get("all_day", []):
        low, high = date.fromisoformat(block["start_date"]), date.fromisoformat(block["end_date"])
        for n in range((high - low).days):
            busy += whole_day(ZoneInfo(block["tz"]), low + timedelta(days=n))
    now = read(given["now"]) if "now" in given else None
    found = starts(hours, meeting, first, last, now=now, taken=taken, busy=busy)
    # The files show the host's clock where it is not UTC.
    local = {} if hours.zone.key == "UTC" else {"host_local": labels(hours.zone, found)}
    return {"slots_utc": [written(at) for at in found], **local}


def collective(given: dict) -> Any:
    hosts, found = [hours_of(host) for host in given["hosts"]], []
    for text in given["dates"]:
        day = date.fromisoformat(text)
        spans = hosts[0].runs(day, day)
        for host in hosts[1:]:
            spans = common(spans, host.runs(day, day))
        found += [[written(low), written(high)] for low, high in spans]
    return {"ranges_utc": found}


def limits(given: dict) -> Any:
    zone, decisions = ZoneInfo(given["tz"]), []
    asked = Limits(given.get("limit_day"), given.get("limit_week"), given.get("limit_week_minutes"))
    for attempt in given["attempts"]:
        counted = [
            Taken(read(b["start"]), read(b.get("end", b["start"])))
            for b in given["existing"]
            if b["status"] in ("held", "confirmed") and b["id"] != attempt.get("reschedule_of")
        ]
        day = local_day(zone, read(attempt["start"]))
        decisions.append(Load(zone, counted).over(asked, day, attempt.get("duration", 0)) or "ok")
    return {"decisions": decisions}


def conflict(given: dict) -> Any:
    """Each attempt against what is booked, on a calendar that is open around the clock."""
    hours = Hours(ZoneInfo("UTC"), {day: [(0, 1440)] for day in range(7)})
    taken = [Taken(read(low), read(high)) for low, high in given["existing"]]
    decisions = []
    for low, high in given["attempts"]:
        start, end = read(low), read(high)
        meeting = Meeting((end - start) // 60, increment=15)
        day = local_day(hours.zone, start)
        decisions.append("ok" if start in starts(hours, meeting, day, day, taken=taken) else "conflict")
    return {"decisions": decisions}


def round_robin(given: dict) -> Any:
    members = [
        pools.Member(
            h["id"], h["weight"], h["count"], datetime.fromisoformat(h["last"]) if h["last"] else None, h["cal"]
        )
        for h in given["hosts"]
    ]
    sequence, at = [], datetime.combine(date(2100, 1, 1), time(), UTC)
    for number in range(given["assignments"]):
        chosen = pools.in_turn(members)[0]
        sequence.append(chosen.id)
        members = pools.assigned(members, chosen, at + timedelta(hours=number))
    return {"sequence": sequence, "final_counts": {m.id: m.count for m in members}}


def equal(given: dict) -> Any:
    return {"visible": [pools.not_ahead(counts, given["threshold"]) for counts in given["samples"]]}


def reminded(given: dict) -> Any:
    sends = []
    for booking in given["bookings"]:
        start, since = datetime.fromisoformat(booking["start"]), datetime.fromisoformat(booking["booked_at"])
        ends = [datetime.fromisoformat(m["at"]) for m in booking.get("rescheduled", [])]
        if "cancelled_at" in booking:
            ends.append(datetime.fromisoformat(booking["cancelled_at"]))
        stretches = [(start, since)]
        stretches += [
            (datetime.fromisoformat(m["start"]), datetime.fromisoformat(m["at"]))
            for m in booking.get("rescheduled", [])
        ]
        for number, (begins, known) in enumerate(stretches):
            until = ends[number] if number < len(ends) else None
            sends += [
                [booking["id"], at.strftime("%Y-%m-%dT%H:%MZ")]
                for at in reminders(begins, known, given["offsets_hours"])
                if until is None or at < until
            ]
    return {"sends": sends}


ADAPTERS: dict[str, Callable[[dict], Any]] = {
    "slots": slots,
    "collective": collective,
    "limits": limits,
    "conflict": conflict,
    "round_robin": round_robin,
    "rr_equal": equal,
    "reminders": reminded,
}
