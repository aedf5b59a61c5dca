"""Playbooks that ask something of a person: not while the contact pressure says no, and counted when they open.

The ask counts from the opening on, not from when the follow-up is done: the CSM may write the mail at any time, and
until then nobody else should ask.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import gettext_noop

from accounts.domain.activity import Fact, record_facts
from accounts.domain.dispatch.matching import Opening, Skip, moment
from accounts.domain.pressure import HeldBack, held_back, note_asks
from accounts.models import Contact, FollowUp
from accounts.registry import activity_kinds

NOTES = {
    "opted_out": gettext_noop("Held back: %(contact)s wants no more questions."),
    "red": gettext_noop("Held back: nothing is asked of %(contact)s while the account is red."),
    "detractor": gettext_noop("Held back: nothing is asked of %(contact)s before a detractor there was called back."),
    "asked": gettext_noop("Held back: %(contact)s was asked for something, and is left in peace until %(until)s."),
    "meanwhile": gettext_noop("Held back: %(contact)s is just being asked for something else."),
}


class Person(NamedTuple):
    pk: int
    name: str
    address: str


@dataclass(frozen=True)
class Held:
    opening: Opening
    person: Person
    why: HeldBack | None  # None: another playbook of the same batch was first

    @property
    def skip(self) -> Skip:
        facts: dict[str, object] = {"contact": self.person.name}
        if self.why and self.why.until:
            facts["until"] = moment(self.why.until)
        return Skip(NOTES[self.why.reason if self.why else "meanwhile"], facts)


class Asking:
    """The asking ones among the openings of a batch. Where there are none, nothing is looked up."""

    def __init__(self, openings: Iterable[Opening]) -> None:
        self.openings = [opening for opening in openings if opening.prepared.playbook.asks]
        self.people: dict[int, Person] = {}
        self.held: list[Held] = []
        if self.openings:
            self._decide()

    def _decide(self) -> None:
        self.people = persons(self.openings)
        running = _running(self.openings)
        asked: set[str] = set()
        reasons = self._reasons()
        for number, opening in enumerate(self.openings):
            person = self.people.get(number)
            if person is None or opening.key in running:  # nobody to spare; or a repeat, which is only counted
                continue
            why = reasons[activity_kinds[opening.activity.kind].answers].get(person.pk)
            if why or person.address in asked:
                self.held.append(Held(opening, person, why))
            asked.add(person.address)

    def _reasons(self) -> dict[str, dict[int, HeldBack]]:
        """By what was answered (mostly nothing), then by person."""
        who: dict[str, set[int]] = defaultdict(set)
        for number, opening in enumerate(self.openings):
            if number in self.people:
                who[activity_kinds[opening.activity.kind].answers].add(self.people[number].pk)
        answers = {activity_kinds[opening.activity.kind].answers for opening in self.openings}
        return {kind: held_back(who[kind], answered=kind) for kind in answers}

    def tell(self) -> None:
        """On the timeline of each account: what was held back, from whom, and why."""
        record_facts(
            Fact(
                held.opening.activity.account_id,
                "contact.held_back",
                {
                    "contact": held.person.name,
                    "what": held.opening.prepared.playbook.name,
                    "why": held.why.reason if held.why else "asked",
                    "until": held.why.until if held.why else None,
                },
                cause_id=held.opening.activity.id,
            )
            for held in self.held
        )

    def note(self, opened: Collection[tuple[int, str]]) -> None:
        """The asks of what has opened; `opened` as by key_of()."""
        held = {key_of(held.opening) for held in self.held}
        asks: dict[tuple[str, str], list[int]] = defaultdict(list)
        for number, opening in enumerate(self.openings):
            key = key_of(opening)
            if key in opened and key not in held and number in self.people:
                playbook = opening.prepared.playbook
                asks[playbook.asks, playbook.key].append(self.people[number].pk)
        for (kind, subject), contacts in asks.items():
            note_asks(contacts, kind, subject)


def key_of(opening: Opening) -> tuple[int, str]:
    return opening.activity.id, opening.prepared.subscriber


def persons(openings: Sequence[Opening]) -> dict[int, Person]:
    """Whom each would ask, by its place: the person the activity names, else whom the texts call {contact}."""
    found: dict[int, list[Person]] = defaultdict(list)
    rows = Contact.objects.filter(account__among={opening.activity.account_id for opening in openings}, left_on=None)
    rows = rows.order_by("account", "-champion", "-decides", "pk")
    for pk, account_id, name, email in rows.values_list("pk", "account_id", "name", "email"):
        found[account_id].append(Person(pk, name or email, email.lower()))
    chosen = {}
    for number, opening in enumerate(openings):
        people = found.get(opening.activity.account_id, [])
        named = opening.activity.data.get("contact")
        if person := next((p for p in people if p.name == named), people[0] if people else None):
            chosen[number] = person
    return chosen


def _running(openings: Sequence[Opening]) -> set[tuple[int, int, str]]:
    """Keys of those that are open already."""
    accounts, playbooks = {o.key[0] for o in openings}, {o.key[1] for o in openings}
    rows = FollowUp.objects.open().filter(account__among=accounts, playbook__in=playbooks)
    return set(rows.values_list("account_id", "playbook_id", "subject"))
