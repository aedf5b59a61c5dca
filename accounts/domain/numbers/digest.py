"""The numbers by mail, once a week, to those who want them: a board in their language, with what changed."""

from datetime import date, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation

from accounts import formats
from accounts.domain.anniversaries import anniversary
from accounts.domain.mails import Letter, write_mails
from accounts.domain.numbers.asking import Asked, last_full_month
from accounts.domain.numbers.boards import entries
from accounts.models import User
from accounts.number_words import STAGES, STRATEGIES

BOARDS = {**STRATEGIES, **STAGES}


def mail_boards(today: date | None = None) -> int:
    """Of this week: who has got it gets it once, however often this runs."""
    today = today or timezone.now().date()
    monday = today - timedelta(days=today.weekday())
    readers = User.objects.active().exclude(weekly_board="").order_by("pk")
    letters = [_letter(user, monday) for user in readers if user.weekly_board in BOARDS and user.may("numbers.view")]
    return len(write_mails(letters))


def _letter(user: User, monday: date) -> Letter:
    last = last_full_month(monday)
    with translation.override(user.language), timezone.override(user.time_zone):
        context = {
            "reader": user,
            "board": str(BOARDS[user.weekly_board].title),
            "month": formats.day(last, form="month"),
            "rows": [
                {
                    "title": str(one.kpi.title), "value": one.value, "change": one.change, "goal": one.goal,
                    "reached": one.reached, "why": one.figure.last.formula or one.figure.last.missing,
                }
                for one in entries(user.weekly_board, Asked(anniversary(last, -11), last))
            ],
            "url": f"{settings.BASE_URL}{reverse('numbers:board')}?board={user.weekly_board}",
            "stop": f"{settings.BASE_URL}{reverse('settings:profile')}",
        }  # fmt: skip
    return Letter(
        "numbers",
        f"numbers {user.pk} {monday:%Y-%m-%d}",
        to=user.email,
        language=user.language,
        zone=user.time_zone,
        template="numbers",
        context=context,
    )
