"""Figures over the API where there is nothing to figure: null, never a broken number, nor an error."""

import json
from datetime import UTC, datetime

import pytest
import time_machine

from accounts.domain.numbers.counting import count_changes
from tests.accounts.numbers.test_hardship import COMPANIES, nobody

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("company", [nobody, *COMPANIES])
def test_every_figure_is_a_number_or_null(company, reader) -> None:
    with time_machine.travel(datetime(2026, 3, 4, 12, tzinfo=UTC), tick=False):
        company()
        while count_changes():
            pass
        for path in ("mrr", "retention", "ltv"):
            answer = reader.get(f"/api/v1/metrics/{path}?by=segment")
            assert answer.status_code == 200
            json.loads(answer.content, parse_constant=pytest.fail)  # NaN, Infinity
            future = reader.get(f"/api/v1/metrics/{path}?from=2031-01-01&to=2031-03-01")
            assert future.status_code in (200, 400)
