"""What happened to a session, on the timeline of whose it is; nobody's has none."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.domain.activity import Fact, Who, record_many
from onboarding.domain.wording import name_of
from onboarding.models import Seat, Session


def tell(session: Session, kind: str, seat: Seat, by: Who, **data: Any) -> None:
    account_id = seat.contact.account_id if seat.contact else session.account_id
    if account_id is None:
        return
    with translation.override(settings.LANGUAGE_CODE):  # as the team reads it, on whoever's page it happened
        by, name = by or _("Customer: %(name)s") % {"name": seat.name}, name_of(session.session_type)
    facts = {
        "session": session.pk,
        "type": name,
        "starts_at": session.starts_at.isoformat(),
        "host": str(session.host),
        "contact": seat.name,
        "contact_id": seat.contact_id,
        **{name: value.isoformat() if isinstance(value, datetime) else value for name, value in data.items()},
    }
    record_many([Fact(account_id, kind, facts)], by=by)
