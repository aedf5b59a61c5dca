"""Whose onboarding a report is about: checklists that started in a period, and the sessions of that period."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import Account
from onboarding.domain.agenda import of
from onboarding.domain.board import EVERYTHING, Filters
from onboarding.models import Checklist, Seat, Session


@dataclass(frozen=True)
class Cohort:
    """[start, until) and the filters of the board."""

    start: datetime
    until: datetime
    filters: Filters = field(default=EVERYTHING)

    @property
    def checklists(self) -> QuerySet[Checklist]:
        return Checklist.objects.filter(self.filters.where, started_at__gte=self.start, started_at__lt=self.until)

    @property
    def accounts(self) -> QuerySet[Account]:
        return Account.objects.filter(pk__in=self.checklists.values("account"))

    @property
    def seats(self) -> QuerySet[Seat]:
        """Of sessions in the period, of these customers."""
        within: dict[str, Any] = {"session__starts_at__gte": self.start, "session__starts_at__lt": self.until}
        seats = Seat.objects.filter(**within)
        if self.filters == EVERYTHING:
            return seats
        return seats.filter(Q(contact__account__in=self._theirs) | Q(session__account__in=self._theirs))

    @property
    def sessions(self) -> QuerySet[Session]:
        found = Session.objects.filter(starts_at__gte=self.start, starts_at__lt=self.until)
        return found if self.filters == EVERYTHING else found.filter(of(self.filters)).distinct()

    @property
    def _theirs(self) -> QuerySet:
        theirs = Account.objects.filter(self.filters.accounts)
        if self.filters.template:
            theirs = theirs.filter(checklists__version__template=self.filters.template)
        return theirs.values("pk")
