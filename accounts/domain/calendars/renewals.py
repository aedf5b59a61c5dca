"""Decision dates of terms, as entries of a calendar."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy, pgettext_lazy

from accounts import formats
from accounts.enums import Band, RenewalStage
from accounts.models import Renewal
from accounts.registry import CalendarEntry, CalendarSource

# What was decided stays to be seen for a while; what is far ahead can still be moved by anybody.
BEHIND, AHEAD = timedelta(days=100), timedelta(days=400)
MOST = 3000

TITLES: dict[str, Any] = {
    RenewalStage.UPCOMING: gettext_lazy("%(account)s decides"),
    RenewalStage.ENGAGED: gettext_lazy("%(account)s decides (engaged)"),
    RenewalStage.COMMITTED: gettext_lazy("%(account)s decides (committed)"),
    RenewalStage.RENEWED: pgettext_lazy("calendar", "%(account)s has renewed"),
    RenewalStage.EXPANDED: pgettext_lazy("calendar", "%(account)s has expanded"),
    RenewalStage.CONTRACTED: pgettext_lazy("calendar", "%(account)s has contracted"),
    RenewalStage.LOST: pgettext_lazy("calendar", "%(account)s is lost"),
}


def load(user: Any, team: bool) -> Sequence[CalendarEntry]:
    today = timezone.localdate()
    near = Q(decision_date__gte=today - BEHIND) | Q(decided_at__isnull=True)
    rows = Renewal.objects.filter(near, decision_date__lt=today + AHEAD)
    return [_entry(row) for row in _facts(rows if team else rows.filter(account__csm=user))]


def _facts(rows: QuerySet[Renewal]) -> QuerySet:
    worth = Coalesce("mrr", "subscription__mrr")
    facts = rows.annotate(worth=worth, account_name=F("account__name"), band=F("account__band"))
    facts = facts.annotate(csm=F("account__csm__name"), plan=F("subscription__plan__name"))
    return facts.order_by("decision_date", "pk").values(
        "pk", "uid", "sequence", "decision_date", "ends_on", "notice_days", "auto_renew", "stage", "updated_at",
        "outcome_mrr", "worth", "account_name", "band", "csm", "plan",
    )[:MOST]  # fmt: skip


def _entry(row: dict[str, Any]) -> CalendarEntry:
    url = settings.BASE_URL + reverse("renewals:renewal", args=[row["pk"]])
    return CalendarEntry(
        uid=str(row["uid"]),
        sequence=row["sequence"],
        start=row["decision_date"],
        title=str(TITLES[row["stage"]]) % {"account": row["account_name"]},
        changed_at=row["updated_at"],
        text="\n".join([*_lines(row), url]),
        url=url,
        canceled=row["stage"] == RenewalStage.LOST,
    )


def _lines(row: dict[str, Any]) -> list[str]:
    lines = [_("MRR: %(money)s") % {"money": _money(row["worth"])}]
    if row["band"]:  # who has left has none
        lines.append(_("Band: %(band)s") % {"band": Band(row["band"]).label})
    lines.append(_("The term ends on %(day)s.") % {"day": formats.day(row["ends_on"], form="medium")})
    if row["auto_renew"] and row["notice_days"]:
        lines.append(_("It renews by itself: notice can be given until the decision date."))
    if row["outcome_mrr"] is not None:
        lines.append(_("MRR after: %(money)s") % {"money": _money(row["outcome_mrr"])})
    if row["plan"]:
        lines.append(_("Plan: %(plan)s") % {"plan": row["plan"]})
    if row["csm"]:
        lines.append(_("CSM: %(name)s") % {"name": row["csm"]})
    return lines


def _money(amount: Decimal) -> str:
    return formats.money(amount, settings.REPORTING_CURRENCY)


SOURCE = CalendarSource("renewals", gettext_lazy("Renewals: decision dates"), load, 10)
