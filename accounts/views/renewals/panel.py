"""One renewal: its term, what is at stake, who says what about it, and what has happened. A panel, or a page."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import formats
from accounts.domain.renewals.disputes import opinions
from accounts.domain.retelling import title_of
from accounts.domain.timeline import Entry
from accounts.enums import FollowUpStatus, IntentFactor, RenewalStage
from accounts.http import Request
from accounts.models import Activity, FollowUp, Intent, Renewal, User
from accounts.views.renewals.rows import TONES, Row

HISTORY = 50
EARLIER = 20


def the_renewal(user: User, pk: int, permission: str = "renewal.view") -> Renewal:
    """A 404 for who may not."""
    related = ("account__segment", "account__csm", "subscription__plan", "call_by", "decided_by")
    row = get_object_or_404(Renewal.objects.select_related(*related), pk=pk)
    if not user.may(permission, row):
        raise Http404
    return row


@dataclass(frozen=True)
class Opinion:
    """What one side says about how likely it is."""

    side: str
    title: Any
    chance: Decimal | None
    note: str
    counts: bool  # in the forecast
    tone: str = "accent"

    @property
    def per_cent(self) -> Decimal:
        return (self.chance or Decimal(0)) * 100

    @property
    def text(self) -> str:
        return formats.labelled(self.title, formats.percent(self.chance))


@require_safe
def renewal(request: Request, pk: int) -> HttpResponse:
    row = the_renewal(request.user, pk)
    return render(request, "accounts/renewals/renewal.html", context(request, row))


def context(request: Request, row: Renewal, **more: Any) -> dict[str, Any]:
    intents = list(row.intents.select_related("contact").order_by("-answered_at"))
    is_open = row.decided_at is None
    return {
        "r": row,
        "row": Row(row, timezone.localdate()),
        "tone": TONES[RenewalStage(row.stage)],
        "account": row.account,
        "inline": bool(request.htmx),
        "worth": row.subscription.mrr if row.mrr is None else row.mrr,
        "notice": notice(row),
        "opinions": sides(row, intents),
        "intents": [_words(one) for one in intents],
        "disputed": row.disagreement_since is not None and row.settled_at is None,
        "stages": RenewalStage.open(),
        "history": history(row),
        "earlier": earlier(row),
        "follow_ups": follow_ups(row),
        "may_work": is_open and request.user.may("renewal.work", row),
        "may_settle": is_open and request.user.may("renewal.settle", row),
        **more,
    }


def notice(row: Renewal) -> str:
    """How the decision date came about."""
    ends = formats.day(row.ends_on, form="medium")
    if not row.auto_renew:
        return _("The term ends on %(day)s and must be renewed.") % {"day": ends}
    if not row.notice_days:
        return _("The term ends on %(day)s and renews by itself.") % {"day": ends}
    facts = {"day": ends, "days": row.notice_days}
    return _("The term ends on %(day)s and renews by itself, with %(days)s days' notice.") % facts


def sides(row: Renewal, intents: list[Intent]) -> list[Opinion]:
    """Health, the CSM and the customer; the CSM's word is the one that counts where there is one."""
    said = opinions(row)
    called = said["call"] is not None
    return [
        Opinion("model", _("Health"), said["model"], row.account.get_band_display(), not called, row.account.band),
        Opinion("call", _("CSM's call"), said["call"], _called(row), called),
        Opinion("intent", _("The customer"), said["intent"], _intent(intents), False),
    ]


def _called(row: Renewal) -> str:
    if row.call_at is None or row.call_probability is None:
        return ""
    facts = {"who": row.call_by or _("Somebody"), "when": formats.relative(row.call_at), "why": row.call_reason}
    return _("%(who)s, %(when)s: %(why)s") % facts


def _intent(intents: list[Intent]) -> str:
    if not intents:
        return ""
    scores = ", ".join(formats.number(one.score) for one in intents[:5])
    return _("%(scores)s of 10") % {"scores": scores}


def _words(one: Intent) -> Intent:
    """With the factors as people call them."""
    one.words = [IntentFactor(factor).label for factor in one.factors]  # type: ignore[attr-defined]
    return one


def history(row: Renewal) -> list[Entry]:
    about = Activity.objects.filter(account_id=row.account_id, kind__startswith="renewal.", data__renewal=row.pk)
    return [Entry(a) for a in about.select_related("actor").order_by("-occurred_at", "-id")[:HISTORY]]


def earlier(row: Renewal) -> list[Renewal]:
    """The terms before this one."""
    before = Renewal.objects.filter(subscription_id=row.subscription_id, ends_on__lte=row.starts_on)
    return list(before.select_related("decided_by").order_by("-ends_on")[:EARLIER])


def follow_ups(row: Renewal) -> list[tuple[FollowUp, str]]:
    """What is to be done about it, and its title in the reader's language."""
    waiting = FollowUp.objects.filter(
        account_id=row.account_id,
        status__in=[FollowUpStatus.OPEN, FollowUpStatus.SNOOZED],
        activity__kind__startswith="renewal.",
        activity__data__renewal=row.pk,
    )
    rows = waiting.select_related("account", "assignee", "activity").order_by("due_at")
    return [(one, title_of(one)) for one in rows]
