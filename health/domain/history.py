"""Scores over time."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from django.db import connection

from accounts.models import Account
from health.models import Score, points

SPARKLINE_DAYS = 84
STEP = 7
TREND_DAYS = 28


def recent_scores(account_ids: Sequence[int]) -> dict[int, list[Decimal | None]]:
    """For the account list: a score a week for twelve weeks, oldest first, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT a.id, array_agg(s.score ORDER BY g.back DESC)
            FROM unnest(%(ids)s::bigint[]) a (id)
            CROSS JOIN generate_series(0, %(days)s, %(step)s) g (back)
            LEFT JOIN health_score s ON s.account_id = a.id AND s.day = current_date - g.back
            GROUP BY a.id
            """,
            {"ids": list(account_ids), "days": SPARKLINE_DAYS, "step": STEP},
        )
        return {pk: [points(score) for score in scores] for pk, scores in cursor.fetchall()}


def scores_since(account: Account, since: date) -> list[tuple[date, int | None]]:
    """Days with their scores in thousandths, oldest first."""
    kept = Score.objects.filter(account=account, day__gte=since).order_by("day")
    return list(kept.values_list("day", "score"))


def latest_score(account: Account, on: date | None = None) -> Score | None:
    """Of that very day, or the latest."""
    found = Score.objects.filter(account=account).select_related("version__model__segment")
    return (found.filter(day=on) if on else found.order_by("-day")).first()


def trend_of(account: Account, day: date) -> Decimal | None:
    """Against 28 days before, fixed."""
    days = [day, day - timedelta(days=TREND_DAYS)]
    kept = dict(Score.objects.filter(account=account, day__in=days).values_list("day", "score"))
    now, then = (kept.get(d) for d in days)
    return None if now is None or then is None else points(now - then)
