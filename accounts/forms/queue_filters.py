"""What the address of the queue says: read leniently, every bad value answered with a sentence."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db import connection
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _, gettext_lazy, pgettext_lazy

from accounts.domain.queue import QueueFilters
from accounts.domain.wording import translated
from accounts.enums import Band, Priority, Role
from accounts.models import User

MINE, TEAM, NOBODY = "mine", "team", "nobody"
OPEN, SNOOZED, DONE = "open", "snoozed", "done"
STATES = {
    OPEN: pgettext_lazy("queue", "To do"),
    SNOOZED: pgettext_lazy("queue", "Snoozed"),
    DONE: pgettext_lazy("queue", "Closed in the last 14 days"),
}
MANUAL = "manual"
LONGEST_TEXT = 200


class View(NamedTuple):
    pk: int
    name: str
    query: str
    shared: bool
    own: bool


# One round trip for everything the filters offer: four small tables.
CHOICES = """
select 'person', id, name, '', false, id = %(me)s from accounts_user where is_active and role <> 'viewer'
union all select 'kind', id, name, key, false, false from accounts_playbook
union all select 'segment', id, name, key, false, false from accounts_segment
union all select 'view', id, name, query, shared, user_id = %(me)s from accounts_savedview
    where page = 'queue' and (shared or user_id = %(me)s)
order by 1, 3, 2
"""


class Choices:
    """What the filters offer, read when first asked for: most addresses name none of it."""

    def __init__(self, user: User) -> None:
        self.user = user

    @cached_property
    def _rows(self) -> dict[str, list[tuple]]:
        found: dict[str, list[tuple]] = {"person": [], "kind": [], "segment": [], "view": []}
        with connection.cursor() as cursor:
            cursor.execute(CHOICES, {"me": self.user.pk})
            for what, *row in cursor.fetchall():
                found[what].append(tuple(row))
        return found

    @cached_property
    def people(self) -> dict[str, str]:
        return {str(pk): name for pk, name, *_rest in self._rows["person"]}

    @cached_property
    def kinds(self) -> dict[str, str]:
        """Playbooks by key, named as in the settings: ours in the reader's language."""
        named = {key: translated(name) for _pk, name, key, *_rest in self._rows["kind"]}
        return named | {MANUAL: _("Written by hand")}

    @cached_property
    def playbook_ids(self) -> dict[str, int]:
        return {key: pk for pk, _name, key, *_rest in self._rows["kind"]}

    @cached_property
    def segments(self) -> dict[str, str]:
        return {key: name for _pk, name, key, *_rest in self._rows["segment"]}

    @cached_property
    def segment_ids(self) -> dict[str, int]:
        return {key: pk for pk, _name, key, *_rest in self._rows["segment"]}

    @cached_property
    def views(self) -> list[View]:
        return sorted((View(*row) for row in self._rows["view"]), key=lambda view: not view.own)


def default_who(user: User) -> str:
    return MINE if user.role == Role.CSM else TEAM


@dataclass(frozen=True)
class Asked:
    """The filters as the address names them. Equal ones have one address: `query`."""

    who: str
    default: str = MINE
    state: str = OPEN
    kind: str = ""
    bands: tuple[str, ...] = ()
    segment: str = ""
    priority: str = ""
    q: str = ""

    def pairs(self, *, whole: bool = False) -> list[tuple[str, str]]:
        pairs = [("who", self.who)] if whole or self.who != self.default else []
        pairs += [("state", self.state)] if self.state != OPEN else []
        pairs += [("band", band) for band in self.bands]
        pairs += [(n, v) for n in ("kind", "segment", "priority", "q") if (v := getattr(self, n))]
        return pairs

    @property
    def query(self) -> str:
        return urlencode(self.pairs())

    @property
    def whole_query(self) -> str:
        """With `who`, whose default differs by reader: what a saved view keeps."""
        return urlencode(self.pairs(whole=True))

    @property
    def url(self) -> str:
        return f"/?{self.query}" if self.query else "/"

    @property
    def narrowed(self) -> bool:
        """Whether anything but whose list it is restricts it."""
        return bool(self.kind or self.bands or self.segment or self.priority or self.q)

    def but(self, **changes: Any) -> "Asked":
        return replace(self, **changes)

    @property
    def wide(self) -> "Asked":
        return Asked(self.who, self.default, self.state)

    def filters(self, user: User, choices: Choices) -> QueueFilters:
        return QueueFilters(
            assignee=user.pk if self.who == MINE else int(self.who) if self.who.isdigit() else None,
            unassigned=self.who == NOBODY,
            playbooks=[choices.playbook_ids.get(self.kind)] if self.kind else (),
            bands=self.bands,
            segments=[choices.segment_ids[self.segment]] if self.segment else (),
            priorities=[int(self.priority)] if self.priority else (),
            text=self.q,
            snoozed=self.state == SNOOZED,
            closed=self.state == DONE,
        )


BAD = {
    "who": gettext_lazy("There is nobody “%(value)s” here, so you see the usual list."),
    "state": gettext_lazy("“%(value)s” is no state of a follow-up, so you see what is to do."),
    "kind": gettext_lazy("There is no playbook “%(value)s”, so all are shown."),
    "band": gettext_lazy("“%(value)s” is not a band, so it was left out."),
    "segment": gettext_lazy("There is no segment “%(value)s”, so all are shown."),
    "priority": gettext_lazy("“%(value)s” is not a priority, so all are shown."),
}


def read(data: QueryDict, user: User, choices: Choices) -> tuple[Asked, list[str]]:
    """The filters, and a sentence for each value that means nothing here."""
    problems: list[str] = []

    def one(name: str, default: str, usual: Iterable[str], offered: Callable[[], Iterable[str]] = tuple) -> str:
        value = data.get(name, "")
        if not value or value in usual or value in offered():
            return value or default
        problems.append(BAD[name] % {"value": shown(value)})
        return default

    usual = default_who(user)
    bands = [value for value in dict.fromkeys(data.getlist("band")) if value]
    problems += [BAD["band"] % {"value": shown(value)} for value in bands if value not in Band.values][:3]
    asked = Asked(
        who=one("who", usual, (MINE, TEAM, NOBODY), lambda: choices.people),
        default=usual,
        state=one("state", OPEN, STATES),
        kind=one("kind", "", (MANUAL,), lambda: choices.kinds),
        bands=tuple(value for value in Band.values if value in bands),
        segment=one("segment", "", (), lambda: choices.segments),
        priority=one("priority", "", [str(value) for value in Priority.values]),
        q=searchable(data.get("q", "")),
    )
    return asked, problems


def searchable(text: str) -> str:
    """What PostgreSQL can look for: no NUL, no half characters, not a novel."""
    return " ".join(text.replace("\0", " ").encode("utf-8", "replace").decode().split())[:LONGEST_TEXT]


def shown(value: str) -> str:
    return searchable(value)[:40]
