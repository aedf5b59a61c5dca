"""What the demo's customers booked: kinds of sessions, the team's hours, two years of sessions, and those to come."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from secrets import token_urlsafe
from zoneinfo import ZoneInfo

import numpy as np
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.domain.activity import Fact, record_facts
from accounts.models import Activity, Contact, User
from config.demo.book import contacts_of
from config.demo.story import Customer
from onboarding.domain.session_types import save_type
from onboarding.domain.wording import name_of
from onboarding.models import BusyBlock, BusyCalendar, OwnDate, PoolHost, Reminder, Schedule, Seat, Session, SessionType

MOST = 4000  # kick-offs: more of the same tells nothing
TOLD = timedelta(days=21)  # what happened before is on the timeline, and was dealt with then
STARTS = (time(9), time(10), time(11), time(13, 30), time(14, 30), time(15, 30))  # on the host's clock
WEEK = {str(day): [[540, 750], [810, 1080]] for day in range(5)}
ZONES = {"chloe": "Europe/Paris", "andrei": "Europe/Bucharest", "priya": "Europe/London", "manager": "Europe/Paris"}
NOTES = (
    "They want single sign-on before the roll-out, and a template for the weekly report.",
    "Import of their old tasks went well. Next: rights of the external people.",
    "Two of five came. The others join the training; the champion collects their questions.",
    "Automations were what convinced them. They build the first one with us next week.",
    "The admin was missing: boards are there, nobody is invited yet.",
)
FRICTION = (
    "single sign-on",
    "import of old data",
    "rights",
    "too many mails",
    "mobile app",
    "naming of boards",
    "reports",
)
SHARES = (0.22, 0.2, 0.16, 0.12, 0.1, 0.08, 0.12)
NEXT = ("Send the guide for single sign-on", "Invite the rest of the team", "Build the first automation together", "")


@dataclass
class Days:
    """A host's days: each start is given away once."""

    zones: dict[int, ZoneInfo]
    taken: dict[tuple[int, date], int] = field(default_factory=dict)

    def next_free(self, host: int, day: date) -> datetime:
        while True:
            used = self.taken.get((host, day), 0)
            if day.weekday() < 5 and used < len(STARTS):
                self.taken[host, day] = used + 1
                # Not each day's first one first.
                start = STARTS[(used + day.toordinal()) % len(STARTS)]
                return datetime.combine(day, start, self.zones[host]).astimezone(UTC)
            day += timedelta(days=1)


def tell_sessions(
    customers: Sequence[Customer],
    people: dict[str, User],
    csms: Sequence[User],
    rng: np.random.Generator,
    now: datetime,
) -> None:
    kinds = _kinds(csms)
    _hours(people, rng, now)
    days, contacts = Days({people[key].pk: ZoneInfo(zone) for key, zone in ZONES.items()}), contacts_of()
    booked = list(_kick_offs(customers, csms, kinds, days, rng, now))
    booked += _coming(customers, csms, kinds, days, rng, now)
    Session.objects.bulk_create([session for session, _customer in booked], batch_size=2000)
    known = dict(Contact.objects.in_bulk([contacts[c.pk][0] for _s, c in booked if contacts.get(c.pk)]))
    seats = [
        _seat(session, known[contacts[customer.pk][0]], rng)
        for session, customer in booked
        if contacts.get(customer.pk)
    ]
    groups = _trainings(kinds["training"], csms, days, _since_when(customers, known.values()), rng, now)
    Seat.objects.bulk_create(seats + groups, batch_size=2000)
    _remind([session for session, _customer in booked], now)
    _tell(seats + groups, now)
    _count_turns()


# What can be booked, and when ----------------------------------------------------------------------


def _kinds(csms: Sequence[User]) -> dict[str, SessionType]:
    pool = {csm.pk: 100 for csm in csms}
    team = {
        "key": "team-size", "text": {"en": {"text": "How many people will use it?"}, "fr": {"text": "Combien de personnes vont l'utiliser ?"}, "ro": {"text": "Câte persoane o vor folosi?"}},
        "kind": "choice", "choices": ["1–5", "6–50", "more than 50"], "labels": {"fr": ["1–5", "6–50", "plus de 50"], "ro": ["1–5", "6–50", "peste 50"]},
        "required": True,
        "routes": [{"value": "1–5", "target": "training", "text": {"en": {"text": "Small teams are up and running after our live training."}, "fr": {"text": "Les petites équipes sont opérationnelles après notre formation en direct."}, "ro": {"text": "Echipele mici sunt gata de lucru după instruirea noastră live."}}}],
    }  # fmt: skip
    goal = {"key": "goal", "text": {"en": {"text": "What would you like to see?"}, "fr": {"text": "Que souhaitez-vous voir ?"}, "ro": {"text": "Ce ați dori să vedeți?"}}, "kind": "text"}  # fmt: skip
    rows = {
        "training": SessionType(
            slug="training", minutes=60, every=30, notice=60, horizon_days=45, seats=20, host_rule="pool", per_day=1, public=True,
            where="https://meet.tenure.example/training",
            texts=_texts(("Live training", "The whole product in an hour, with your questions."), ("Formation en direct", "Tout le produit en une heure, avec vos questions."), ("Instruire live", "Tot produsul într-o oră, cu întrebările dumneavoastră.")),
        ),
        "kick-off": SessionType(
            slug="kick-off", minutes=45, every=30, after=15, notice=240, horizon_days=30, public=True, per_day=5,
            where="https://meet.tenure.example/kick-off",
            texts=_texts(("Kick-off", "We set up your first project together."), ("Lancement", "Nous créons ensemble votre premier projet."), ("Pornire", "Configurăm împreună primul proiect.")),
        ),
        "tour": SessionType(
            slug="tour", minutes=30, every=30, notice=120, horizon_days=21, host_rule="pool", per_week=12, public=True,
            questions=[team, goal],
            texts=_texts(("Product tour", "Half an hour with somebody who knows it well."), ("Visite guidée", "Une demi-heure avec quelqu'un qui connaît bien le produit."), ("Tur al produsului", "O jumătate de oră cu cineva care îl cunoaște bine.")),
        ),
        "review": SessionType(
            slug="review", minutes=30, every=30, before=5, after=10, notice=1440, horizon_days=60,
            texts=_texts(("Review", "What works, what does not, what comes next."), ("Bilan", "Ce qui marche, ce qui ne marche pas, la suite."), ("Evaluare", "Ce merge, ce nu merge, ce urmează.")),
        ),
    }  # fmt: skip
    return {key: save_type(kind, pool=pool) for key, kind in rows.items()}


def _texts(*words: tuple[str, str]) -> dict[str, dict[str, str]]:
    return {code: {"name": name, "about": about} for code, (name, about) in zip(("en", "fr", "ro"), words, strict=True)}


def _hours(people: dict[str, User], rng: np.random.Generator, now: datetime) -> None:
    """Hours of four, a holiday, and calendars kept elsewhere: one is read, one has failed since Friday."""
    rows = {
        key: Schedule.objects.create(user=people[key], time_zone=zone, weekly=WEEK, onboarding_minutes=minutes)
        for (key, zone), minutes in zip(ZONES.items(), (720, 600, 480, 120), strict=True)
    }
    first = now.date() + timedelta(days=24 - now.weekday())
    OwnDate.objects.bulk_create(
        OwnDate(schedule=rows["andrei"], day=first + timedelta(days=n), intervals=[], note="Holidays") for n in range(5)
    )
    OwnDate.objects.create(
        schedule=rows["chloe"],
        day=now.date() + timedelta(days=9 - now.weekday()),
        intervals=[[540, 720]],
        note="Afternoon off",
    )
    # Neither exists: they are not asked for.
    never, known = (
        now + timedelta(days=3650),
        {"known_until": now + timedelta(days=200), "due_at": now + timedelta(days=3650)},
    )
    for key, name in (("chloe", "Work"), ("priya", "Work"), ("andrei", "Outlook")):
        calendar = BusyCalendar.objects.create(
            user=people[key],
            name=name,
            url=f"https://calendar.example/{key}.ics",
            read_at=now - timedelta(minutes=7),
            **known,
        )
        BusyBlock.objects.bulk_create(_busy(calendar, people[key], rng, now))
    BusyCalendar.objects.filter(user=people["andrei"]).update(
        read_at=now - timedelta(days=2, hours=3), failing_since=now - timedelta(days=2, hours=2), error="status 503", failures=14,
        due_at=never,
    )  # fmt: skip


def _busy(calendar: BusyCalendar, user: User, rng: np.random.Generator, now: datetime) -> Iterator[BusyBlock]:
    """A stand-up each day, and some meetings in the afternoon."""
    for n in range(-5, 60):
        day = now.date() + timedelta(days=n)
        if day.weekday() >= 5:
            continue
        yield _block(calendar, user, datetime.combine(day, time(10, 15), UTC), 30)
        if rng.random() < 0.6:
            yield _block(calendar, user, datetime.combine(day, time(14 + int(rng.integers(2))), UTC), 60)


def _block(calendar: BusyCalendar, user: User, begins: datetime, minutes: int) -> BusyBlock:
    return BusyBlock(calendar=calendar, user=user, span=DateTimeTZRange(begins, begins + timedelta(minutes=minutes)))


# Sessions ------------------------------------------------------------------------------------------

Booked = tuple[Session, Customer]


def _kick_offs(
    customers: Sequence[Customer],
    csms: Sequence[User],
    kinds: dict[str, SessionType],
    days: Days,
    rng: np.random.Generator,
    now: datetime,
) -> Iterator[Booked]:
    """Most began with one; those who fail came to theirs less often."""
    newest = sorted(customers, key=lambda c: c.started_on)[-MOST:]
    for customer in newest:
        if customer.segment == "startup" and rng.random() < 0.6:
            continue
        start = days.next_free(csms[customer.csm].pk, customer.started_on + timedelta(days=int(rng.integers(2, 10))))
        session = _session(kinds["kick-off"], csms[customer.csm], customer, start, now)
        if start < now - timedelta(hours=2):
            _happened(session, 0.72 if customer.mood in {"failing", "gone"} else 0.9, rng)
        yield session, customer


def _happened(session: Session, came: float, rng: np.random.Generator) -> None:
    luck = float(rng.random())
    if luck > 0.96:
        session.status, session.cancel_reason, session.sequence = "canceled", "Something came up", 1
        session.canceled_at, session.seats_taken = session.starts_at - timedelta(hours=20), 0
        return
    session.status = "attended" if luck < came * 0.96 else "no_show"
    session.ended_at = session.ends_at
    if session.status == "attended":
        session.notes = str(rng.choice(NOTES))
        count = int(rng.choice(3, p=[0.3, 0.5, 0.2]))
        session.friction = [str(tag) for tag in rng.choice(FRICTION, count, replace=False, p=SHARES)]
        session.next_step = str(rng.choice(NEXT))


def _session(kind: SessionType, host: User, customer: Customer | None, start: datetime, now: datetime) -> Session:
    """Booked some days ahead, by who was a customer then."""
    booked = min(start - timedelta(days=3), now - timedelta(hours=2 + start.day))
    if customer:
        booked = max(booked, datetime.combine(customer.started_on, time(15), UTC))
    return Session(
        session_type=kind, host=host, account_id=customer.pk if customer else None, starts_at=start,
        ends_at=start + timedelta(minutes=kind.minutes), before=kind.before, after=kind.after, seats=kind.seats, seats_taken=1,
        where=kind.where, created_at=min(booked, now),
    )  # fmt: skip


def _coming(
    customers: Sequence[Customer],
    csms: Sequence[User],
    kinds: dict[str, SessionType],
    days: Days,
    rng: np.random.Generator,
    now: datetime,
) -> list[Booked]:
    """Today and the next two weeks: a few reviews for each CSM, of customers who have been there for a while."""
    found = []
    for place, csm in enumerate(csms):
        theirs = [c for c in customers if c.csm == place and not c.ended_on and not c.is_new and c.mood != "trial"]
        chosen = rng.permutation(len(theirs))[:9]
        for n, one in enumerate(chosen):
            start = days.next_free(csm.pk, now.date() + timedelta(days=n if n < 3 else n * 2 - 3))
            session = _session(kinds["review"], csm, theirs[int(one)], start, now)
            session.created_at = min(start, now) - timedelta(hours=float(rng.uniform(2, 90)))
            found.append((session, theirs[int(one)]))
    return found


def _since_when(customers: Sequence[Customer], contacts: Iterable[Contact]) -> list[tuple[Contact, date, date]]:
    """With the days between which each was a customer's."""
    theirs = {contact.account_id: contact for contact in contacts}
    return [(theirs[c.pk], c.started_on, c.ended_on or date.max) for c in customers if c.pk in theirs]


def _trainings(
    kind: SessionType,
    csms: Sequence[User],
    days: Days,
    contacts: list[tuple[Contact, date, date]],
    rng: np.random.Generator,
    now: datetime,
) -> list[Seat]:
    """Every Thursday somebody trains a group; two are still to come."""
    made: list[Seat] = []
    last = now.date() + timedelta(days=(3 - now.weekday()) % 7 + 7)
    for n in range(26):
        host = csms[n % len(csms)]
        session = _session(kind, host, None, days.next_free(host.pk, last - timedelta(weeks=n)), now)
        booked = session.created_at.date()
        there = [contact for contact, since, until in contacts if since < booked and until > session.starts_at.date()]
        who = rng.permutation(len(there))[: int(rng.integers(4, 17))]
        session.seats_taken = len(who)
        past = session.starts_at < now - timedelta(hours=2)
        session.status = "attended" if past and len(who) else "confirmed"
        session.ended_at = session.ends_at if past else None
        session.save()
        for place in who:
            seat = _seat(session, there[int(place)], rng)
            seat.status = ("attended" if rng.random() < 0.8 else "no_show") if past else "booked"
            made.append(seat)
    return made


def _seat(session: Session, contact: Contact, rng: np.random.Generator) -> Seat:
    status = {"confirmed": "booked"}.get(session.status, session.status)
    return Seat(
        session=session, contact=contact, key=token_urlsafe(16), name=str(contact), email=contact.email,
        language=contact.language, time_zone=str(contact.time_zone or ""), status=status, booked_at=session.created_at,
        canceled_at=session.canceled_at,
    )  # fmt: skip


def _remind(sessions: Sequence[Session], now: datetime) -> None:
    due = [(session, hours, session.starts_at - timedelta(hours=hours)) for session in sessions for hours in (24, 1)]
    Reminder.objects.bulk_create(
        Reminder(session=session, hours=hours, due_at=at)
        for session, hours, at in due
        if at > now and session.status == "confirmed"
    )


# What is told of it --------------------------------------------------------------------------------


def _tell(seats: Sequence[Seat], now: datetime) -> None:
    facts = [fact for seat in seats if seat.contact for fact in _facts(seat, seat.contact.account_id)]
    record_facts(facts, by="Demo")
    old = Activity.objects.filter(kind__startswith="session.", dispatched_at=None, occurred_at__lt=now - TOLD)
    old.update(dispatched_at=now)


def _facts(seat: Seat, account_id: int) -> Iterator[Fact]:
    session = seat.session
    about = {
        "session": session.pk, "type": name_of(session.session_type), "starts_at": session.starts_at.isoformat(),
        "host": str(session.host), "contact": seat.name,
    }  # fmt: skip
    yield Fact(account_id, "session.booked", about, seat.booked_at)
    if seat.status == "canceled":
        yield Fact(account_id, "session.canceled", about | {"reason": session.cancel_reason}, session.canceled_at)
    elif seat.status in {"attended", "no_show"}:
        yield Fact(account_id, f"session.{seat.status}", about, session.ends_at)
    if session.notes:
        told = {"notes": session.notes, "friction": ", ".join(session.friction), "next_step": session.next_step}
        yield Fact(account_id, "session.noted", {"session": session.pk, **told}, session.ends_at + timedelta(minutes=9))


def _count_turns() -> None:
    """What each of a pool has had."""
    for row in PoolHost.objects.all():
        mine = Session.objects.filter(session_type=row.session_type_id, host=row.user_id)
        row.assigned = mine.count()
        row.assigned_at = mine.order_by("-starts_at").values_list("created_at", flat=True).first()
        row.save(update_fields=["assigned", "assigned_at"])
