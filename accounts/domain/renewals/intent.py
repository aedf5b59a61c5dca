"""What customers say themselves: those who decide are asked 60 days ahead how likely they are to renew, and why."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Avg
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy as _

from accounts.domain.activity import SYSTEM, Actor, Fact, Who, record, record_facts
from accounts.domain.links import addresses_of
from accounts.domain.mails import Letter, write_mails
from accounts.domain.mails.writing import OPTED_OUT
from accounts.domain.pressure import HeldBack, held_back, note_asks
from accounts.domain.renewals import rules
from accounts.domain.renewals.changes import refuse
from accounts.domain.renewals.disputes import about, review
from accounts.domain.renewals.work import open_renewal
from accounts.domain.text import prose
from accounts.enums import AskKind, IntentFactor, MailStatus
from accounts.exceptions import DomainError
from accounts.models import Contact, Intent, Renewal
from accounts.registry import mail_kinds

KIND, PURPOSE = "renewal.intent", "intent"
NOT_GOING = {MailStatus.CANCELED, MailStatus.PARKED}
WORDS = {"question": _("How likely are you to renew?"), "low": _("not at all"), "high": _("certainly")}


# Asking --------------------------------------------------------------------------------------------------


def deciders(account_ids: Iterable[int]) -> dict[int, list[Contact]]:
    """The contacts who decide on renewal, by account."""
    found: dict[int, list[Contact]] = {}
    rows = Contact.objects.filter(account_id__in=set(account_ids), decides=True, left_on__isnull=True)
    for contact in rows.select_related("account").order_by("pk"):
        found.setdefault(contact.account_id, []).append(contact)
    return found


@transaction.atomic
def ask_intent(renewal: Renewal | int, *, by: Who) -> list[Contact]:
    """Ask now; who they are that were asked. Asked twice about one decision date, the mail is the same one."""
    row = open_renewal(renewal)
    if not deciders([row.account_id]):
        sentence = gettext("Nobody at this account is marked as deciding on renewal: mark a contact first.")
        raise DomainError(sentence, code="nobody_decides", errors={"contacts": [sentence]})
    if not (asked := ask_many([row], by=by)):
        raise DomainError(gettext(OPTED_OUT), code="opted_out", errors={"contacts": [gettext(OPTED_OUT)]})
    row.save(update_fields=["intent_asked_at"])
    return asked


def ask_many(
    rows: Sequence[Renewal], *, by: Who = SYSTEM, people: Mapping[int, Sequence[Contact]] | None = None
) -> list[Contact]:
    """The mails for these terms, in sets; `intent_asked_at` is set, and the caller writes it down. `people`: whom to
    ask, by renewal, where that is not everybody who decides."""
    if not rows:
        return []
    now = timezone.now()
    if people is None:
        known = deciders(row.account_id for row in rows)
        people = {row.pk: known.get(row.account_id, []) for row in rows}
    pairs = [(row, contact) for row in rows for contact in people[row.pk]]
    links = addresses_of([(contact, str(row.pk)) for row, contact in pairs], PURPOSE) if pairs else []
    mails = write_mails([_letter(*pair, link) for pair, link in zip(pairs, links, strict=True)])
    # A mail that will not go (they want no more questions) asks nobody.
    asked = [pair for pair, mail in zip(pairs, mails, strict=True) if mail.status not in NOT_GOING]
    note_asks({contact.pk for _row, contact in asked}, AskKind.SURVEY, KIND)
    names: dict[int, list[str]] = {}
    for row, contact in asked:
        names.setdefault(row.pk, []).append(str(contact))
    told = [(row, names[row.pk]) for row in rows if row.pk in names]
    record_facts(
        [Fact(row.account_id, "renewal.intent_asked", about(row) | {"contacts": who}) for row, who in told], by=by
    )
    for row in rows:
        row.intent_asked_at = now
    return [contact for _row, contact in asked]


def ask_due(rows: Sequence[Renewal], days: Mapping[int, date]) -> dict[int, date]:
    """As the clock asks: not whom the contact pressure keeps in peace. Where that is everybody, the day to look again;
    `days`: today, by account."""
    known = deciders(row.account_id for row in rows)
    found_held = held_back(contact.pk for people in known.values() for contact in people)
    # Who has opted out stays so: the outbox keeps their mail, with the reason.
    held = {pk: why for pk, why in found_held.items() if why.reason != "opted_out"}
    free: dict[int, list[Contact]] = {}
    spared: list[tuple[Renewal, Contact]] = []
    busy: set[str] = set()  # who is asked about another term just now
    for row in rows:
        found = known.get(row.account_id, [])
        free[row.pk] = [one for one in found if one.pk not in held and one.email.lower() not in busy]
        spared += [(row, one) for one in found if one not in free[row.pk]]
        busy |= {one.email.lower() for one in free[row.pk]}
    later: dict[int, date] = {}
    for row, one in spared:
        if not free[row.pk]:
            again = _again_on(held.get(one.pk), days[row.account_id])
            later[row.pk] = min(again, later.get(row.pk, again))
    ask_many([row for row in rows if row.pk not in later], people=free)
    record_facts([_held_fact(row, one, held.get(one.pk)) for row, one in spared], by=SYSTEM)
    return later


def _again_on(why: HeldBack | None, today: date) -> date:
    return max(today + rules.DAY, why.until.date()) if why and why.until else today + rules.ASK_AGAIN


def _held_fact(row: Renewal, contact: Contact, why: HeldBack | None) -> Fact:
    facts = {
        "contact": str(contact),
        "what": str(mail_kinds[KIND].title),
        "why": why.reason if why else "asked",
        "until": why.until if why else None,
    }
    return Fact(row.account_id, "contact.held_back", facts)


def _letter(row: Renewal, contact: Contact, link: str) -> Letter:
    return Letter(
        KIND,
        f"intent:{row.pk}:{row.decision_date.isoformat()}:{contact.pk}",
        contact=contact,
        template="renewal_intent",
        context={
            "contact": contact,
            "renewal": row,
            "words": WORDS,
            "scores": [(n, f"{link}?score={n}") for n in range(11)],
        },
    )


# Answering ----------------------------------------------------------------------------------------------


def clean_score(given: Any) -> int:
    """A whole number from 0 to 10, and nothing that only looks like one."""
    text = str(given).strip() if given is not None and not isinstance(given, bool) else ""
    if not (text.isascii() and text.isdigit() and len(text) <= 2 and int(text) <= 10):
        raise refuse("score", gettext("Choose a whole number from 0 to 10."))
    return int(text)


def clean_factors(given: Iterable[str]) -> list[str]:
    """In the order of our list, each once."""
    named = set(given)
    if unknown := named - set(IntentFactor.values):
        raise refuse("factors", gettext("There is no factor “%(name)s”.") % {"name": min(unknown)[:40]})
    return [factor.value for factor in IntentFactor if factor.value in named]


@transaction.atomic
def answer_intent(
    renewal: Renewal | int, contact: Contact, score: Any, factors: Iterable[str] = (), comment: str = ""
) -> Intent:
    """One answer of each contact's, to be changed until the term is decided. The customer's probability is the mean
    of their answers, a tenth for each point."""
    number, named = clean_score(score), clean_factors(factors)
    words = prose(comment, 5000, field="comment")
    row = open_renewal(renewal)
    before = Intent.objects.filter(renewal=row, contact=contact).first()
    if before and (before.score, before.factors, before.comment) == (number, named, words):
        return before
    answer = before or Intent(renewal=row, contact=contact)
    was = before.score if before else None
    answer.score, answer.factors, answer.comment = number, named, words
    answer.revised_at = timezone.now() if before else None
    answer.save()
    _note_mean(row)
    told = {**about(row), "score": number, "before": was, "factors": named, "comment": words}
    who = Actor(label=str(contact)[:120])
    record(row.account_id, "renewal.intent_answered", by=who, contact=str(contact), **told)
    review([row.pk])
    return answer


def _note_mean(row: Renewal) -> None:
    mean = row.intents.aggregate(mean=Avg("score"))["mean"]
    row.intent_probability = (Decimal(str(mean)) / 10).quantize(Decimal("0.001"))
    row.intent_at = row.updated_at = timezone.now()
    row.save(update_fields=["intent_probability", "intent_at", "updated_at"])
