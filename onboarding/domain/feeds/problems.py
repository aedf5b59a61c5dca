"""What is wrong with a busy calendar, in the language of whoever reads it: what is kept is a word without one."""

from typing import Any

from django.utils.translation import gettext as _, gettext_lazy, ngettext

from accounts.domain.outgoing import PROBLEMS

SENTENCES: dict[str, Any] = {
    **PROBLEMS,
    "not_calendar": gettext_lazy(
        "What is there is no calendar: a sign-in page, perhaps. Look for the calendar's own address, ending in .ics."
    ),
    "broken": gettext_lazy("The calendar cannot be read."),
    "broken_off": gettext_lazy("The calendar breaks off in the middle."),
    "too_many": gettext_lazy("The calendar has more entries than can be looked after."),
    "too_hard": gettext_lazy(
        "The calendar takes too long to be worked out: an entry in it may repeat every second."
    ),
    "gone": gettext_lazy("The calendar is not there any more: make a new address where you keep it."),
    "secret": gettext_lazy("The calendar is not open to whoever has this address. Use its private address."),
}  # fmt: skip


def sentence(error: str) -> str:
    """Of a word as it is kept: "too_large", "status 503", "left_out 3"."""
    word, _space, detail = error.partition(" ")
    if word == "status":
        return _("The other side answers with error %(status)s.") % {"status": detail}
    if word == "left_out":
        count = int(detail)
        text = ngettext(
            "%(count)s entry has no time that can be read, and is left out.",
            "%(count)s entries have no time that can be read, and are left out.",
            count,
        )
        return text % {"count": count}
    return str(SENTENCES.get(word, SENTENCES["broken"]))


def of_status(status: int) -> str:
    """Of an answer that is no calendar."""
    return {401: "secret", 403: "secret", 404: "gone", 410: "gone"}.get(status, f"status {status}")
