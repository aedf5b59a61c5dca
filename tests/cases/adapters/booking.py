"""Cases of booking: each type feeds the rules that sessions are booked by."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from threading import Barrier
from typing import Any
from zoneinfo import ZoneInfo

import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse
from model_bakery import baker

from accounts.domain.links import token_of
from accounts.models import Mail, User
from onboarding.domain import booking, moving, pools
from onboarding.domain.clocks import common, instant, local_day, moment, whole_day
from onboarding.domain.letters import PURPOSE
from onboarding.domain.reminders import reminders
from onboarding.domain.slots import Hours, Limits, Load, Meeting, Taken, labels, starts
from onboarding.models import PoolHost, Schedule, Seat, Session, SessionType

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
    for row in given["bookings"]:
        start, since = datetime.fromisoformat(row["start"]), datetime.fromisoformat(row["booked_at"])
        ends = [datetime.fromisoformat(m["at"]) for m in row.get("rescheduled", [])]
        if "cancelled_at" in row:
            ends.append(datetime.fromisoformat(row["cancelled_at"]))
        stretches = [(start, since)]
        stretches += [
            (datetime.fromisoformat(m["start"]), datetime.fromisoformat(m["at"])) for m in row.get("rescheduled", [])
        ]
        for number, (begins, known) in enumerate(stretches):
            until = ends[number] if number < len(ends) else None
            sends += [
                [row["id"], at.strftime("%Y-%m-%dT%H:%MZ")]
                for at in reminders(begins, known, given["offsets_hours"])
                if until is None or at < until
            ]
    return {"sends": sends}


# On real rows ------------------------------------------------------------------------------------


def open_kind(minutes_long: int = 60, **fields: Any) -> SessionType:
    """A session type whose only host works around the clock."""
    host = baker.make(User, name="Host", email="host@tenure.example", role="csm")
    baker.make(Schedule, user=host, time_zone="UTC", weekly={str(day): [[0, 1440]] for day in range(7)})
    given = {"slug": "case", "minutes": minutes_long, "every": 15, "notice": 0, "texts": {"en": {"name": "Case"}}}
    kind = baker.make(SessionType, **given, public=True, **fields)
    baker.make(PoolHost, session_type=kind, user=host)
    return kind


def visitor(name: str) -> booking.Visitor:
    return booking.Visitor(name, f"{name}@case.example", language="en", time_zone="UTC")


@contextmanager
def committed(make: Callable[[], Any]) -> Iterator[Any]:
    """Rows that other connections see too, made on one of their own; gone afterwards."""
    with ThreadPoolExecutor(1) as elsewhere:
        elsewhere.submit(alone, forget).result()  # what a run that was killed has left
        made = elsewhere.submit(alone, make).result()
        try:
            yield made
        finally:
            elsewhere.submit(alone, forget).result()


def alone(work: Callable[[], Any]) -> Any:
    try:
        return work()
    finally:
        connection.close()


def forget() -> None:
    for model in (Seat, Session, SessionType, Schedule):
        model.objects.all().delete()
    Mail.objects.filter(kind__startswith="session.").delete()
    User.objects.filter(email="host@tenure.example").delete()


def at_once(count: int, post: Callable[[int], Any]) -> Counter:
    """What became of so many posts at the same moment, each on a connection of its own."""
    barrier = Barrier(count)

    def one(number: int) -> str:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=100)
            post(number)
            return "ok"
        except booking.SlotGone:
            return "gone"
        except Exception as error:
            return f"error: {error}"
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return Counter(pool.map(one, range(count)))


def concurrency(given: dict) -> Any:
    start, end = (datetime.fromisoformat(text) for text in given["slot"])
    names = ["same"] * given["requests"] if given.get("same_person") else [f"p{n}" for n in range(given["requests"])]
    with (
        time_machine.travel(start - timedelta(days=2), tick=False),
        committed(lambda: open_kind((end - start) // timedelta(minutes=1))) as kind,
    ):
        ended = at_once(given["requests"], lambda n: booking.book(kind, start, visitor(names[n])))
        mails = Mail.objects.filter(kind="session.booked")
        return {
            "confirmed": Session.objects.filter(status="confirmed").count(),
            "rejected_409": ended["gone"],
            "server_errors": sum(count for name, count in ended.items() if name.startswith("error")),
            "ics_sent": sum(len(mail.attachments) for mail in mails),
            "confirmation_mails": mails.count(),
        }


SOON = datetime(2026, 6, 10, 10, tzinfo=UTC)


def seats(given: dict) -> Any:
    def taken() -> SessionType:
        kind = open_kind(seats=given["capacity"])
        for number in range(given["taken"]):
            booking.book(kind, SOON, visitor(f"early{number}"))
        return kind

    with time_machine.travel(SOON - timedelta(days=2), tick=False), committed(taken) as kind:
        ended = at_once(given["concurrent_joins"], lambda n: booking.book(kind, SOON, visitor(f"late{n}")))
        return {
            "joined": ended["ok"],
            "full_409": ended["gone"],
            "session_rows": Session.objects.count(),
            "seats_taken": Session.objects.get().seats_taken,
        }


def seat_cancel(given: dict) -> Any:
    after = []
    with time_machine.travel(SOON - timedelta(days=2), tick=False):
        kind = open_kind(seats=given["capacity"])
        booked = {name: booking.book(kind, SOON, visitor(name)) for name in given["attendees"]}
        for action in given["actions"]:
            told = set(Mail.objects.filter(kind="session.canceled").values_list("pk", flat=True))
            moving.cancel(Seat.objects.get(pk=booked[action["cancel_by"]].pk))
            session = Session.objects.get()
            new = Mail.objects.filter(kind="session.canceled").exclude(pk__in=told).order_by("pk")
            after.append(
                {
                    "seats_taken": session.seats_taken,
                    "open": session.status == "confirmed" and session.seats_taken < session.seats,
                    "cancel_mail_to": [mail.to.split("@")[0] for mail in new],
                }
            )
    return {"after": after}


PAGES = {"cancel": "booking-cancel", "reschedule": "booking-move", "show": "booking"}
SPELT = {"canceled": "cancelled"}


def link_safety(given: dict) -> Any:
    browser, states = Client(), []
    with time_machine.travel(SOON - timedelta(days=2), tick=False):
        seat = booking.book(open_kind(), SOON, visitor("kim"))
        token = token_of(seat.key, PURPOSE)
        for request in given["requests"]:
            getattr(browser, request["method"].lower())(reverse(PAGES[request["link"]], args=[token]))
            status = Session.objects.get().status
            states.append(SPELT.get(status, status))
    return {"state_after": states, "cancel_mails": Mail.objects.filter(kind="session.canceled").count()}


ADAPTERS: dict[str, Callable[[dict], Any]] = {
    "slots": slots,
    "collective": collective,
    "limits": limits,
    "conflict": conflict,
    "round_robin": round_robin,
    "rr_equal": equal,
    "reminders": reminded,
    "concurrency": concurrency,
    "seats": seats,
    "seat_cancel": seat_cancel,
    "link_safety": link_safety,
}
