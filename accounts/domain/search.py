"""Finding one account while typing."""

from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from accounts.domain.listing import matching
from accounts.models import Account

MOST = 10
LONGEST = 200


class Hit(NamedTuple):
    pk: int
    name: str
    domain: str
    external_id: str
    band: str
    stage: str


def find(text: str, most: int = MOST) -> list[Hit]:
    """Accounts whose name or domain begins with it, or that the caller calls so; then those that have it
    anywhere. The second look has no order, so that the database stops at the tenth of a hundred thousand."""
    text = text.replace("\0", "").strip()[:LONGEST]
    if not text:
        return []
    first = _first(text, most)
    if len(first) == most or len(text) < 3:  # trigrams need three characters
        return first
    rest = Account.objects.filter(matching(text)).exclude(pk__in=[hit.pk for hit in first])
    return first + _by_name(_hits(rest, most - len(first)))


def _first(text: str, most: int) -> list[Hit]:
    """In the order of their names; of what begins with one letter, any: there are too many to sort."""
    found = _beginning(text)
    return _hits(found.order_by(Lower("name"), "pk"), most) if len(text) > 1 else _by_name(_hits(found, most))


def _by_name(hits: list[Hit]) -> list[Hit]:
    return sorted(hits, key=lambda hit: (hit.name.casefold(), hit.pk))


def _beginning(text: str) -> QuerySet[Account]:
    # The caller's ids often all begin alike ("ACC-…"): only the whole one counts as found at once.
    return Account.objects.filter(Q(name__istartswith=text) | Q(domain__istartswith=text) | Q(external_id=text))


def _hits(accounts: QuerySet[Account], most: int) -> list[Hit]:
    return [Hit(*row) for row in accounts.values_list(*Hit._fields)[:most]]
