"""What the team's pages of referrals share: their tabs, and the days that figures are of."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from accounts.http import Request
from referrals.domain.figures import Window
from referrals.enums import IncentiveStatus, PartnerStatus, ReferralStatus, Review
from referrals.models import Incentive, Partner, Referral

FIRST_DAY = date(2000, 1, 1)
PERIODS = {
    "30": gettext_lazy("30 days"),
    "90": gettext_lazy("90 days"),
    "365": gettext_lazy("12 months"),
    "all": gettext_lazy("All"),
}
KEPT = ("program", "by", "step", "partner", "channel", "referred")  # what an address says besides the period
PARTNER_TONES = {
    PartnerStatus.INVITED: "accent",
    PartnerStatus.APPLIED: "yellow",
    PartnerStatus.APPROVED: "green",
    PartnerStatus.REFUSED: "red",
    PartnerStatus.PAUSED: "grey",
}
REVIEW_TONES = {
    Review.CLEAR: "grey",
    Review.REVIEW: "yellow",
    Review.HELD: "yellow",
    Review.APPROVED: "green",
    Review.DENIED: "red",
}
INCENTIVE_TONES = {IncentiveStatus.GRANTED: "yellow", IncentiveStatus.USED: "green", IncentiveStatus.REVOKED: "grey"}
REFERRAL_TONES = {ReferralStatus.LEAD: "accent", ReferralStatus.CUSTOMER: "green", ReferralStatus.CHURNED: "grey"}


@dataclass(frozen=True)
class Tab:
    key: str
    title: str
    url: str
    current: bool
    count: int = 0


def tabs(current: str) -> list[Tab]:
    """With how much waits for somebody."""
    counts = {
        "partners": Partner.objects.filter(status=PartnerStatus.APPLIED).count(),
        "review": Referral.objects.to_review().count(),
        "incentives": Incentive.objects.to_honour().count(),
    }
    found = {
        "overview": _("Overview"),
        "partners": _("Partners"),
        "review": _("To review"),
        "incentives": _("Incentives"),
        "payouts": _("Payouts"),
        "reports": _("Reports"),
    }
    return [
        Tab(key, title, reverse(f"referrals:{key}"), key == current, counts.get(key, 0)) for key, title in found.items()
    ]


class Period(NamedTuple):
    key: str
    window: Window

    @classmethod
    def of(cls, query: QueryDict, default: str = "90") -> "Period":
        key = query.get("period", "")
        key = key if key in PERIODS else default
        until = timezone.now().date() + timedelta(days=1)
        return cls(key, Window(FIRST_DAY if key == "all" else until - timedelta(days=int(key)), until))

    def links(self, name: str, query: QueryDict) -> list[tuple[Any, str, bool]]:
        kept = {key: query[key] for key in KEPT if query.get(key)}
        place = reverse(name)
        return [
            (title, f"{place}?{urlencode({**kept, 'period': key})}", key == self.key) for key, title in PERIODS.items()
        ]


def done(request: Request, sentence: str, where: str, *args: Any) -> HttpResponse:
    messages.success(request, sentence)
    return HttpResponseRedirect(reverse(where, args=args))


def dressed(rows: Iterable[Any]) -> list[Any]:
    """Referrals with the tones that tables show them in."""
    found = list(rows)
    for row in found:
        row.tone = REFERRAL_TONES[ReferralStatus(row.status)]
        row.review_tone = REVIEW_TONES[Review(row.review)]
    return found


def toned(rows: Iterable[Incentive]) -> list[Any]:
    """Incentives with the tones of their states."""
    found: list[Any] = list(rows)
    for row in found:
        row.tone = INCENTIVE_TONES[IncentiveStatus(row.status)]
    return found
