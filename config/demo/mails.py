"""What the demo's mails have become: sent when they were due, a few of them back again. None of them ever leaves."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import F
from django.utils import timezone

from accounts import formats
from accounts.domain.mails import Letter, record_bounce, write_mails
from accounts.domain.numbers.digest import mail_boards
from accounts.domain.optouts import opt_out
from accounts.domain.plans.letters import send_portal_link
from accounts.enums import Role
from accounts.models import Contact, FollowUp, Mail, User

WEEKS = 6
BACK = 15  # of so many mails one came back
REASONS = ("550 5.1.1 No such user here", "552 5.2.2 Mailbox full", "550 5.4.1 Recipient address rejected")
SETTLE = """
update accounts_mail set status = 'sent', attempts = 1, created_at = least(created_at, send_at),
    sent_at = least(send_at + (5 + id %% 50) * interval '1 second', %(now)s)
where status = 'queued' and send_at <= %(now)s
"""


def post() -> None:
    """Before anybody looks: mails of past weeks, some that came back, some people who want no more questions."""
    _digests()
    _portals()
    settle()
    for number, message_id in enumerate(_of_customers()[BACK // 3 :: BACK]):
        record_bounce(message_id, reason=REASONS[number % len(REASONS)])
    for contact in Contact.objects.filter(left_on=None, decides=False).order_by("pk")[30:300:90]:
        opt_out(contact.email, how="one-click", contact=contact)


def post_boards() -> None:
    """This week's numbers, to those who asked for them: they are counted last of all."""
    mail_boards()
    settle()


def settle() -> None:
    """What was due by now has gone out, in so many words: a worker that starts finds nothing to send."""
    with connection.cursor() as cursor:
        cursor.execute(SETTLE, {"now": timezone.now()})


def _of_customers() -> list[str]:
    rows = Mail.objects.filter(contact__isnull=False, status="sent").order_by("created_at", "pk")
    return list(rows.values_list("message_id", flat=True))


def _portals() -> None:
    """Who has a link to the portal got it by mail, one after the other."""
    holders = Contact.objects.filter(links__purpose="portal").select_related("account").order_by("pk")
    for number, contact in enumerate(holders):
        mail = send_portal_link(contact, "demo")
        at = timezone.now() - timedelta(days=2 + number * 3 % 97, minutes=number * 37 % 480)
        Mail.objects.filter(pk=mail.pk).update(send_at=at)


def _digests() -> None:
    """What managers were told about late follow-ups, a mail a week."""
    monday = timezone.now().replace(hour=6, minute=30, second=0, microsecond=0)
    monday -= timedelta(days=monday.weekday())
    managers = User.objects.filter(role=Role.MANAGER)
    days = [monday - timedelta(weeks=week) for week in range(WEEKS)]
    write_mails(letter for manager in managers for day in days for letter in _digest(manager, day))


def _digest(manager: User, day: Any) -> list[Letter]:
    week = FollowUp.objects.filter(due_at__lt=day, due_at__gte=day - timedelta(days=7)).order_by("due_at")
    found = week.values("title", "due_at", "promise", account_name=F("account__name"), who=F("assignee__name"))
    rows = [{**row, "due": formats.moment(row["due_at"])} for row in found[:4]]
    if not rows or day > timezone.now():
        return []
    url = f"{settings.BASE_URL}/?who=team"
    context = {"manager": manager, "count": len(rows), "rows": rows, "more": 0, "url": url}
    words: dict[str, Any] = {"language": manager.language, "zone": manager.time_zone, "template": "escalation"}
    return [
        Letter(
            "escalation", f"digest {manager.pk} {day.date()}", to=manager.email, context=context, send_at=day, **words
        )
    ]
