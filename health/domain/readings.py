"""Custom readings: values that a program has worked out, under keys of its own."""

import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.bulk import Counts
from health.domain.events import AHEAD
from health.domain.upsert import Table, check_moment, check_text, refuse, upsert

KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,58}")


class ReadingRow(NamedTuple):
    account_id: int
    key: str
    value: Decimal
    at: datetime | None = None  # now


READINGS = Table(
    "health_customreading",
    {"account_id": "bigint", "key": "text", "value": "numeric(6, 3)", "at": "timestamptz"},
    key=("account_id", "key", "at"),
)


def store_readings(rows: Sequence[ReadingRow]) -> Counts:
    return upsert(READINGS, rows, check=check_reading)


def check_reading(row: ReadingRow) -> ReadingRow:
    now = timezone.now()
    key = check_text("key", row.key, 60, needed=True)
    if not KEY.fullmatch(key):
        raise refuse("key", _("Small letters, digits, - and _, beginning with a letter or digit."))
    if not row.value.is_finite() or not 0 <= row.value <= 100:
        raise refuse("value", _("A number from 0 to 100."))
    at = check_moment("at", row.at, now + AHEAD) if row.at else now
    return row._replace(key=key, value=round(row.value, 3), at=at)
