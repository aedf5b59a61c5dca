"""A renewal in a list: what is worked out about it once, for all pages."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.utils import timezone
from django.utils.translation import gettext as _, ngettext

from accounts import formats
from accounts.enums import RenewalStage, Stage
from accounts.models import Renewal, User

TONES = {
    RenewalStage.UPCOMING: "grey",
    RenewalStage.ENGAGED: "accent",
    RenewalStage.COMMITTED: "thriving",
    RenewalStage.RENEWED: "green",
    RenewalStage.EXPANDED: "green",
    RenewalStage.CONTRACTED: "yellow",
    RenewalStage.LOST: "red",
}


@dataclass(frozen=True)
class Row:
    r: Renewal
    today: date
    may_work: bool = False

    @property
    def open(self) -> bool:
        return self.r.decided_at is None

    @property
    def left(self) -> int:
        return (self.r.decision_date - self.today).days

    @property
    def past(self) -> int:
        return -self.left

    @property
    def late(self) -> bool:
        """Nobody has decided what had to be. Whoever let the notice pass is bound: their term goes on by itself."""
        return self.open and self.left < 0 and not (self.r.auto_renew and self.r.ends_on > self.today)

    @property
    def tone(self) -> str:
        return TONES[RenewalStage(self.r.stage)]

    @property
    def disputed(self) -> bool:
        return self.open and self.r.disagreement_since is not None and self.r.settled_at is None

    @property
    def band(self) -> str:
        """A churned customer has none, whatever its column still says."""
        return "" if self.r.account.stage == Stage.CHURNED else self.r.account.band

    @cached_property
    def notice(self) -> str:
        """How the decision date follows from the term's end."""
        ends = formats.day(self.r.ends_on)
        if not self.r.auto_renew:
            return _("the term's end; must be renewed")
        if not self.r.notice_days:
            return _("the term's end; renews by itself")
        days = ngettext("%(n)s day's notice", "%(n)s days' notice", self.r.notice_days) % {"n": self.r.notice_days}
        return _("%(day)s less %(notice)s") % {"day": ends, "notice": days}


def rows_of(found: Iterable[Renewal], reader: User) -> list[Row]:
    today = timezone.localdate()
    return [Row(row, today, row.decided_at is None and reader.may("renewal.work", row)) for row in found]
