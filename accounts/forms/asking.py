"""What the address of a list of customers says, as far as every such list asks the same: whose they are, of which
segment, found by which words. Read leniently: every bad value is answered with a sentence."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.forms.account_filters import Choices, options
from accounts.forms.queue_filters import MINE, NOBODY, TEAM, default_who, searchable, shown
from accounts.models import User

WITHOUT = "none"


@dataclass(frozen=True)
class AskedOfCustomers:
    """The filters as the address names them. Equal ones have one address: `query`."""

    who: str
    default: str = TEAM
    segment: str = ""
    q: str = ""

    def narrowing(self) -> Iterator[tuple[str, str]]:
        """All that narrows the list further than whose the customers are."""
        return self.given("segment", "q")

    def given(self, *names: str) -> Iterator[tuple[str, str]]:
        return ((name, value) for name in names if (value := getattr(self, name)))

    def pairs(self, *, whole: bool = False) -> Iterator[tuple[str, str]]:
        if whole or self.who != self.default:
            yield "who", self.who
        yield from self.narrowing()

    @property
    def query(self) -> str:
        return urlencode(list(self.pairs()))

    @property
    def whole_query(self) -> str:
        """With `who`, whose default differs by reader: what a saved view keeps."""
        return urlencode(list(self.pairs(whole=True)))

    def but(self, **changes: Any) -> Self:
        return replace(self, **changes)

    def of_customers(self, user: User) -> dict[str, Any]:
        """What the domain's filters call these."""
        return {
            "csm": user.pk if self.who == MINE else int(self.who) if self.who.isdigit() else None,
            "unassigned": self.who == NOBODY,
            "segment": int(self.segment) if self.segment.isdigit() else None,
            "without_segment": self.segment == WITHOUT,
            "text": self.q,
        }


class Reading:
    """An address being read. `sentences`: what is said about a value that means nothing here, by the filter's name."""

    def __init__(self, data: QueryDict, sentences: Mapping[str, Any]) -> None:
        self.data, self.sentences = data, sentences
        self.problems: list[str] = []

    def one(
        self, name: str, default: str = "", known: Iterable[str] = (), offered: Callable[[], Iterable[str]] = tuple
    ) -> str:
        """`offered` is asked only for what is not known without it: it reads tables."""
        value = self.data.get(name, "") or default
        if value == default or value in known or value in offered():
            return value
        self.refuse(name, value)
        return default

    def several(self, name: str, known: Iterable[str]) -> tuple[str, ...]:
        """In the order they are known by; three sentences are enough."""
        known = tuple(known)
        values = [value for value in dict.fromkeys(self.data.getlist(name)) if value]
        for value in [value for value in values if value not in known][:3]:
            self.refuse(name, value)
        return tuple(value for value in known if value in values)

    def refuse(self, name: str, value: str) -> None:
        self.problems.append(str(self.sentences[name]) % {"value": shown(value)})

    def of_customers(self, choices: Choices, usual: str = "") -> dict[str, str]:
        """Whose, which segment and which words, as AskedOfCustomers names them."""
        usual = usual or default_who(choices.reader)
        return {
            "who": self.one("who", usual, (MINE, TEAM, NOBODY), lambda: map(str, choices.people)),
            "default": usual,
            "segment": self.one("segment", "", (WITHOUT,), lambda: map(str, choices.segments)),
            "q": searchable(self.data.get("q", "")),
        }


def selects_of_customers(asked: AskedOfCustomers, choices: Choices) -> list[tuple[str, Any, SafeString]]:
    """Name, label and options of the selects that all lists have."""
    people = {TEAM: _("The whole team"), MINE: _("Mine"), NOBODY: _("Without CSM"), **dict(choices.workers)}
    if asked.who not in people:  # somebody who has left
        people[asked.who] = choices.people.get(int(asked.who), "")
    segments = {"": _("Any segment"), **{str(pk): name for pk, name in choices.segments.items()}}
    segments[WITHOUT] = _("Without segment")
    return [
        ("who", _("Whose"), options(people.items(), asked.who)),
        ("segment", _("Segment"), options(segments.items(), asked.segment)),
    ]
