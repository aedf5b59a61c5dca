"""Free times: ten hosts, thirty days, two thousand bookings; beside it, the same as plainly as it can be written."""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from onboarding.domain.offers import offers
from onboarding.models import PoolHost, Schedule, Session, SessionType
from tests.bench.filling import ask, execute, fill
from tests.bench.measuring import Bench, Result, at_most, in_turns, measure
from tests.bench.pages import Page, against_empty, get, judged

HOSTS, DAYS, BOOKINGS = 10, 30, 2000
HOURS = [[540, 720], [780, 1020]]
PARIS = ZoneInfo("Europe/Paris")
SLUG = "bench-kick-off"


@lru_cache
def found() -> SessionType:
    """Ten people with office hours in Paris, each with seven bookings a day."""
    # People of the company were given their numbers by hand.
    ask("select setval(pg_get_serial_sequence('accounts_user', 'id'), (select max(id) from accounts_user))")
    kind = SessionType.objects.create(
        slug=SLUG, texts={"en": {"name": "Kick-off"}}, minutes=15, every=15, after=0, notice=0, horizon_days=DAYS + 15,
        host_rule="pool", public=True,
    )  # fmt: skip
    people = [User.objects.create(email=f"host{n}@bench.example", name=f"Host {n}") for n in range(HOSTS)]
    Schedule.objects.bulk_create(
        Schedule(user=person, time_zone=PARIS, weekly={str(day): HOURS for day in range(7)}) for person in people
    )
    PoolHost.objects.bulk_create(PoolHost(session_type=kind, user=person) for person in people)
    each = BOOKINGS // HOSTS
    fill(
        Session,
        f"unnest(array{[person.pk for person in people]}) h, generate_series(0, {each - 1}) n",
        session_type_id=str(kind.pk),
        host_id="h",
        starts_at=_start("n"),
        ends_at=f"{_start('n')} + interval '15 minutes'",
        uid="gen_random_uuid()",
        seats_taken="1",
    )
    execute("vacuum analyze onboarding_session")
    assert Session.objects.filter(session_type=kind).count() == BOOKINGS
    return kind


def _start(number: str) -> str:
    """The n-th booking: seven a day from 9:00 in Paris, every half an hour, with lunch left out."""
    minutes = f"(({number} % 7) * 30 + case when {number} % 7 > 3 then 120 else 0 end)"
    day = f"(current_date + 1 + {number} / 7)"
    return f"({day} + time '09:00' + {minutes} * interval '1 minute') at time zone 'Europe/Paris'"


# The yardstick -------------------------------------------------------------------------------------

PEOPLE = """
select s.user_id, s.time_zone, s.weekly from onboarding_schedule s
join onboarding_poolhost p on p.user_id = s.user_id and p.session_type_id = %s order by s.user_id
"""
TAKEN = """
select host_id, extract(epoch from starts_at)::bigint, extract(epoch from ends_at)::bigint from onboarding_session
where host_id = any(%s) and starts_at < %s and ends_at > %s and status <> 'canceled' order by host_id, starts_at
"""


def plainly(kind: SessionType, first: date, last: date, now: datetime) -> dict[int, list[int]]:
    people = ask(PEOPLE, [kind.pk])
    low = datetime.combine(first, time(), PARIS) - timedelta(days=1)
    taken: dict[int, list[tuple[int, int]]] = {pk: [] for pk, _zone, _weekly in people}
    for host, begins, ends in ask(TAKEN, [list(taken), low + timedelta(days=DAYS + 3), low]):
        taken[host].append((begins, ends))
    free: dict[int, list[int]] = {}
    for host, _zone, _weekly in people:
        for start in _swept(taken[host], kind, first, last, int(now.timestamp())):
            free.setdefault(start, []).append(host)
    return free


def _swept(taken: list[tuple[int, int]], kind: SessionType, first: date, last: date, now: int) -> Iterator[int]:
    length, step = kind.minutes * 60, kind.every * 60
    begins = [begin for begin, _end in taken]
    for n in range((last - first).days + 1):
        midnight = datetime.combine(first + timedelta(days=n), time())
        for low, high in HOURS:
            opens = int((midnight + timedelta(minutes=low)).replace(tzinfo=PARIS).timestamp())
            closes = int((midnight + timedelta(minutes=high)).replace(tzinfo=PARIS).timestamp())
            for start in range(opens, closes - length + 1, step):
                place = bisect_right(begins, start + length - 1)
                if start >= now and (place == 0 or taken[place - 1][1] <= start):
                    yield start


# Measures ------------------------------------------------------------------------------------------


@measure("slots_month")
def month(bench: Bench) -> Result:
    kind, now = found(), timezone.now()
    first = now.astimezone(PARIS).date()
    last = first + timedelta(days=DAYS - 1)
    with CaptureQueriesContext(connection) as seen:
        ours = {int(offer.start.timestamp()): list(offer.hosts) for offer in offers(kind, first, last, PARIS, now=now)}
    assert ours == plainly(kind, first, last, now), "the yardstick says something else"
    series = in_turns(
        {"ours": lambda: offers(kind, first, last, PARIS, now=now), "plain": lambda: plainly(kind, first, last, now)},
        rounds=15,
    )
    result = at_most(series.ratio("ours", "plain"), 2, free=len(ours), queries=len(seen), query_limit=2)
    result["ok"] = result["ok"] and len(seen) <= 2
    return result | {"milliseconds": series.milliseconds("ours")}


@measure("slots_page")
def page(bench: Bench) -> Result:
    """The public page on which a stranger picks one of them."""
    found()
    page = Page(f"/book/{SLUG}/?tz=Europe/Paris")
    assert b'name="start"' in get(page)
    return judged(page, against_empty({"slots": page})["slots"], 6, 4)
