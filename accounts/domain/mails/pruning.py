"""What was written to people is kept for a time; that it was written, to whom and what became of it, for ever."""

from django.db import connection
from django.utils import timezone

from accounts.domain import rules

AT_ONCE = 2000
# Those that still wait are left alone, however old.
PRUNE = """
update accounts_mail set text = '', html = '', headers = '{}', attachments = '[]' where id in (
    select id from accounts_mail
    where text <> '' and created_at < %(before)s and status not in ('queued', 'sending', 'failed')
    order by created_at limit %(limit)s for update skip locked
)
"""


def prune_bodies() -> int:
    """How many. In portions, so that nobody waits long."""
    before, total = timezone.now() - rules.days("mails.keep_days"), 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(PRUNE, {"before": before, "limit": AT_ONCE})
            total += cursor.rowcount
            if cursor.rowcount < AT_ONCE:
                return total
