"""Lines of a timeline, under the months of the reader's days (see views/shapes.py)."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from django.template import Context
from django.utils.safestring import SafeString

from accounts.addresses import address
from accounts.domain import timeline
from accounts.domain.timeline import Entry
from accounts.icons import icon
from accounts.models import Account
from accounts.templatetags import ui
from accounts.views.shapes import drawn, filled

PLACES = ("id", "url", "title", "sentence", "actor", "because_url", "because", "icon", "when")


@lru_cache(maxsize=128)
def shape(_code: str, colour: str, said: bool, caused: bool) -> str:
    """The markup of a line in a language."""
    flags = {"colour": colour, "said": said, "caused": caused}
    return drawn("accounts/customers/entry.html", PLACES, flags)


def months(account: Account, entries: Sequence[Entry]) -> list[tuple[date, list[SafeString]]]:
    context = Context()  # what the tags ask for the reader
    here, code = address("accounts:timeline", account.pk), ui.reader(context).code
    return [
        (month, [_line(entry, here, code, context) for entry in found]) for month, found in timeline.by_month(entries)
    ]


def _line(entry: Entry, here: str, code: str, context: Context) -> SafeString:
    cause = entry.cause
    texts = {
        "id": entry.id,
        "url": f"{here}{entry.id}/",
        "title": str(entry.title),
        "sentence": entry.sentence,
        "actor": entry.actor,
        "because_url": f"{here}{cause.id}/" if cause else "",
        "because": str(cause.title) if cause else "",
    }
    parts = {"icon": icon(entry.icon), "when": ui.when(context, entry.occurred_at)}
    return filled(shape(code, entry.colour, entry.said, cause is not None), texts, parts)
