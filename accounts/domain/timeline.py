"""The timeline of an account: what happened, newest first, each in a sentence of the reader's language."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cached_property, lru_cache
from itertools import groupby
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from accounts import formats
from accounts.domain import keyset
from accounts.domain.keyset import Order
from accounts.models import Account, Activity
from accounts.registry import ActivityKind, Field, activity_kinds

PAGE_SIZE = 20
NEWEST_FIRST = Order("occurred_at", descending=True)
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
CURRENCY = re.compile(r"[A-Z]{3}")
ISO_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")


COLOURS = {"good": "green", "warn": "yellow", "bad": "red"}


# Groups to filter by: the subjects of kinds, the part before the dot ------------------------------

GROUPS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "talks": (gettext_lazy("Calls and notes"), ("call", "note")),
    "followups": (gettext_lazy("Follow-ups"), ("followup",)),
    "money": (gettext_lazy("Subscription"), ("subscription", "mrr", "trial", "invoice")),
    "account": (gettext_lazy("Account"), ("account", "contact")),
}
# Everything that the apps above have to tell.
OTHERS = ("product", gettext_lazy("Health and product"))


def groups() -> list[tuple[str, Any]]:
    return [*((key, title) for key, (title, _subjects) in GROUPS.items()), OTHERS]


def subject_of(kind: str) -> str:
    return kind.partition(".")[0]


def kinds_of(group: str) -> list[str]:
    """Registered kinds of a group."""
    named = {subject for _title, subjects in GROUPS.values() for subject in subjects}
    if group == OTHERS[0]:
        return [kind.name for kind in activity_kinds if subject_of(kind.name) not in named]
    return [kind.name for kind in activity_kinds if subject_of(kind.name) in GROUPS[group][1]]


# One page -----------------------------------------------------------------------------------------


def page(account: Account, *, group: str = "", after: str = "", size: int = PAGE_SIZE) -> keyset.Page:
    """Entries, newest first, in one query. BadPositionError where `after` is not one of ours."""
    column = Activity._meta.get_field("occurred_at")
    rows = of(account)
    if group:
        rows = rows.filter(kind__in=kinds_of(group))
    return keyset.page(
        rows,
        NEWEST_FIRST,
        after=keyset.read_position(after, column) if after else None,
        size=size,
        at=lambda row: (row.occurred_at, row.pk),
        make=Entry,
    )


def of(account: Account) -> QuerySet[Activity]:
    return account.activities.select_related("actor", "cause")


@dataclass(frozen=True)
class Fact:
    label: Any
    text: str


class Entry:
    """An activity as it reads. Nothing in its data can break it: what is missing or odd shows as a dash."""

    def __init__(self, activity: Activity) -> None:
        self.activity = activity
        self.pk = activity.pk
        self.id = str(activity.pk)  # for templates, which would write a number in the reader's way
        self.occurred_at = activity.occurred_at

    @cached_property
    def kind(self) -> ActivityKind | None:
        """None for a kind that no app registers any more."""
        return activity_kinds.items.get(self.activity.kind)

    @property
    def icon(self) -> str:
        return self.kind.icon if self.kind else "dot"

    @property
    def colour(self) -> str:
        """The tone of its mark, as the style sheet calls it."""
        return COLOURS.get(self.kind.tone, "grey") if self.kind else "grey"

    @property
    def title(self) -> Any:
        return self.kind.label if self.kind else self.activity.kind

    @property
    def actor(self) -> str:
        return str(self.activity.actor or self.activity.actor_label or "Tenure")

    @property
    def said(self) -> bool:
        """Somebody's own words, shown as such."""
        return subject_of(self.activity.kind) in {"note", "call"}

    @property
    def day(self) -> date:
        return timezone.localdate(self.occurred_at)

    @cached_property
    def data(self) -> Mapping[str, Any]:
        return self.activity.data if isinstance(self.activity.data, dict) else {}

    @cached_property
    def sentence(self) -> str:
        if self.kind is None:
            return _("Something of a kind this installation no longer knows: %(kind)s") % {"kind": self.activity.kind}
        try:
            return without_the_unsaid(without_currency(str(self.kind.sentence)) % _Facts(self))
        except (TypeError, ValueError):
            return str(self.kind.label)

    @cached_property
    def facts(self) -> list[Fact]:
        """All that was recorded and may be shown, for the details."""
        fields = self.kind.fields if self.kind else ()
        known = [
            Fact(f.label or f.name, self._text(f))
            for f in fields
            if f.public and f.name in self.data and not self._silent(f)
        ]
        return [fact for fact in known if fact.text != self.sentence]  # a note is its own text

    def _silent(self, field: Field) -> bool:
        """Somebody could have put it in words, and has not."""
        return field.name in SAID and self._text(field) == formats.NOTHING

    def fact(self, name: str) -> str:
        """One of those that were recorded, in words; "" where it was not."""
        fields = self.kind.fields if self.kind else ()
        return next((self._text(field) for field in fields if field.name == name and self.data.get(name)), "")

    def _text(self, field: Field) -> str:
        if field.name == "why" and self.activity.kind == "followup.closed" and self.cause and self.cause.kind:
            return self.cause.sentence  # what was stored is its sentence in English
        if field.name == "title" and self.activity.kind.startswith("followup.") and self.cause:
            return self._titled(self.cause) or told(field, self.data)
        return told(field, self.data)

    def _titled(self, cause: "Entry") -> str:
        """What the follow-up is called that it is about, in the reader's language."""
        from accounts.domain.retelling import name_at_hand, retold

        title, account = str(self.data.get("title") or ""), name_at_hand(self.activity)
        return retold("title", title, cause.activity.kind, cause.data, account=account)

    @cached_property
    def cause(self) -> "Entry | None":
        return Entry(self.activity.cause) if self.activity.cause else None


class _Facts(dict):
    """Those that the sentence asks for."""

    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self.entry = entry

    def __missing__(self, name: str) -> str:
        fields = self.entry.kind.fields if self.entry.kind else ()
        field = next((field for field in fields if field.name == name), None)
        return self.entry._text(field) if field else formats.NOTHING


# Facts in words -----------------------------------------------------------------------------------


# Behind an amount that is written as money, with its sign, the currency would stand twice.
BEHIND = re.compile(r"(?<=\)s)[ \u00a0\u202f]%\(currency\)s")


@lru_cache(maxsize=1024)
def without_currency(sentence: str) -> str:
    return BEHIND.sub("", sentence)


# A comment that nobody wrote, behind a colon or as a sentence of its own, leaves no dash at the end.
UNSAID = re.compile(rf"(?:(?P<stop>[.!?])|[ \u00a0\u202f]?:) {formats.NOTHING}$")
PER_CENT = re.compile(rf"(?<!\S){formats.NOTHING}[ \u00a0\u202f]?%")  # of what is not known


def without_the_unsaid(sentence: str) -> str:
    if formats.NOTHING not in sentence:
        return sentence
    sentence = PER_CENT.sub(formats.NOTHING, sentence)
    return UNSAID.sub(lambda found: found["stop"] or "", sentence) if sentence.endswith(formats.NOTHING) else sentence


# What people write, and what others call their things, stands as it came in: a note that is a date is still their note.
SAID = {"text", "note", "notes", "comment", "summary", "reason", "why", "title", "next_step", "subject"}
CALLED = {"name", "contact", "subscription", "invoice", "plan", "theme", "survey", "partner", "customer"}
AS_WRITTEN = SAID | CALLED


def told(field: Field, data: Mapping[str, Any], language: str = "") -> str:
    """A fact of an activity, in the reader's language."""
    if field.worded and (words := field.worded(data)):
        return words
    currency = str(data.get("currency") or "") if field.type is Decimal else ""
    return in_words(field, data.get(field.name), currency, language)


def in_words(field: Field, value: Any, currency: str = "", language: str = "") -> str:
    """A fact as the reader writes it: choices by their label, numbers, money and days in the reader's way. Who writes
    thousands says which language that is."""
    if value is None or value == "":
        return str(field.unsaid) or formats.NOTHING
    if field.name in AS_WRITTEN and isinstance(value, str) and not field.choices:
        return value
    labels = field.labels
    if labels and isinstance(value, str):
        return str(labels.get(value, value))
    if labels and field.type is list and isinstance(value, list):
        return ", ".join(str(labels.get(one, one)) for one in value) or formats.NOTHING
    if field.type is Decimal:
        return _written_amount(str(value), currency, language or formats.language(), field.decimals)
    return _plain(value, language or formats.language())


def _plain(value: Any, language: str) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int | float):
        return _written_number(value, language)
    if isinstance(value, list):
        return ", ".join(_text(str(one)) for one in value) or formats.NOTHING
    if isinstance(value, dict):
        return ", ".join(f"{key}: {one}" for key, one in value.items()) or formats.NOTHING
    return _text(str(value))


@lru_cache(maxsize=1024, typed=True)
def _written_number(value: float, _language: str) -> str:
    """A night tells thousands of scores, and there are a hundred."""
    return formats.number(value)


@lru_cache(maxsize=4096)
def _written_amount(value: str, currency: str, _language: str, decimals: int | None) -> str:
    """What happens to thousands at once is often about the same few amounts."""
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return value
    if not amount.is_finite():
        return formats.NOTHING
    if not CURRENCY.fullmatch(currency):
        return formats.number(amount, decimals)
    return formats.money(amount, currency, exact=amount != amount.to_integral_value())


def _text(value: str) -> str:
    """Text as it is, unless the whole of it is a day or a moment."""
    try:
        if ISO_DAY.fullmatch(value):
            return _day(value, formats.language(), timezone.localdate().year)
        if ISO_MOMENT.match(value) and len(value) < 40:
            moment = datetime.fromisoformat(value)
            return formats.moment(moment if moment.tzinfo else timezone.make_aware(moment))
    except (ValueError, OverflowError):
        pass
    return value


@lru_cache(maxsize=1024)
def _day(value: str, _language: str, _year: int) -> str:
    """What happens to thousands at once mostly happens on the same few days."""
    return formats.day(date.fromisoformat(value))


def by_month(entries: Iterable[Entry]) -> list[tuple[date, list[Entry]]]:
    """Entries under the months of the reader's days."""
    return [(month, list(found)) for month, found in groupby(entries, key=lambda entry: entry.day.replace(day=1))]
