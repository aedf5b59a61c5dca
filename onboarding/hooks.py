"""How onboarding shows up on the ground floor: what can happen, and which mails go out."""

from django.utils.translation import gettext_lazy as _

from accounts.registry import ActivityKind, Field, MailKind, activity_kinds, mail_kinds
from onboarding import (
    board_hooks,  # noqa: F401 - the board, its pages and panels
    checklist_hooks,  # noqa: F401 - the part that is about checklists
    number_hooks,  # noqa: F401 - onboarding among the numbers
    personal_hooks,  # noqa: F401 - what is kept about people
    session_hooks,  # noqa: F401 - settings of sessions, and their calendars
    touch_hooks,  # noqa: F401 - the part that is about templates and touch models
)

_session = (
    Field("session", int, _("Session"), public=False),
    Field("type", label=_("Session type")),
    Field("starts_at", label=_("Begins")),
    Field("host", label=_("Host")),
    Field("contact", label=_("Contact")),
    Field("contact_id", int, required=False, public=False),
)

activity_kinds.add(
    ActivityKind("session.booked", _("Session booked"), _("%(contact)s has booked %(type)s with %(host)s for %(starts_at)s"), "calendar", _session, tone="good"),
    ActivityKind("session.moved", _("Session moved"), _("%(type)s with %(contact)s: moved from %(before)s to %(starts_at)s"), "calendar",
                 (*_session, Field("before", label=_("Was to begin")))),
    ActivityKind("session.canceled", _("Session canceled"), _("%(type)s with %(contact)s on %(starts_at)s: canceled (%(reason)s)"), "x",
                 (*_session, Field("reason", label=_("Reason"))), tone="warn"),
    ActivityKind("session.routed", _("Led elsewhere"), _("%(contact)s wanted %(type)s and was led to %(to)s: %(summary)s"), "arrow-right",
                 (Field("type", label=_("Session type")), Field("to", label=_("Led to")), Field("contact", label=_("Contact")),
                  Field("contact_id", int, required=False, public=False), Field("summary", label=_("Answers")))),
    ActivityKind("session.attended", _("Session attended"), _("%(contact)s came to %(type)s with %(host)s"), "check", _session, tone="good"),
    ActivityKind("session.no_show", _("No-show"), _("%(contact)s did not come to %(type)s with %(host)s"), "alert", _session, tone="bad"),
    ActivityKind("session.unmarked", _("Attendance taken back"), _("%(type)s of %(contact)s is neither attended nor missed"), "refresh", _session, trigger=False),
    ActivityKind("session.noted", _("Session written up"), _("Takeaways: %(notes)s"), "note",
                 (Field("session", int, _("Session"), public=False), Field("notes", label=_("Takeaways")), Field("friction", label=_("Friction points")),
                  Field("next_step", label=_("Next step")))),
)  # fmt: skip

mail_kinds.add(
    MailKind("session.booked", _("Session booked")),
    MailKind("session.moved", _("Session moved")),
    MailKind("session.canceled", _("Session canceled")),
    MailKind("session.reminder", _("Reminder of a session")),
)
