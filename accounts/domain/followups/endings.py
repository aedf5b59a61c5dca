"""How follow-ups ended that nobody did: canceled by somebody, or closed by themselves because their reason went away.
The status is the same; the activity of the end tells them apart."""

from collections.abc import Iterable
from typing import NamedTuple

from django.utils.translation import gettext as _

from accounts import formats
from accounts.domain.timeline import Entry
from accounts.enums import FollowUpStatus
from accounts.models import Activity, FollowUp

BY_ITSELF, CANCELED = "followup.closed", "followup.canceled"


class Ending(NamedTuple):
    """Told in the language that is active now."""

    by: str  # nobody: it closed by itself
    why: str

    @property
    def word(self) -> str:
        return _("Canceled by %(name)s") % {"name": self.by} if self.by else _("Closed by itself")

    def __str__(self) -> str:
        return formats.labelled(self.word, self.why) if self.why else self.word


def endings_of(ids: Iterable[int], accounts: Iterable[int]) -> dict[int, Ending]:
    """By id, of those that were canceled or closed by themselves; `accounts` are theirs. One query for all of them."""
    ids, accounts = list(ids), list(accounts)
    if not ids:
        return {}
    told = Activity.objects.filter(
        account__in=accounts, kind__in=(BY_ITSELF, CANCELED), data__follow_up__in=ids
    ).select_related("actor", "cause")
    return {row.data["follow_up"]: _ending(Entry(row)) for row in told.order_by("pk")}


def ending_of(row: FollowUp) -> Ending | None:
    """None of one that is open or was done, or whose end nobody told."""
    if row.status != FollowUpStatus.CANCELED:
        return None
    return endings_of([row.pk], [row.account_id]).get(row.pk)


def _ending(entry: Entry) -> Ending:
    return Ending("" if entry.activity.kind == BY_ITSELF else entry.actor, entry.fact("why"))
