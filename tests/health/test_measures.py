"""Figures of many accounts at once: usage against its target, and each account's own NPS."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from model_bakery import baker

from accounts.models import Contact
from accounts.registry import account_measures
from health.models import Score, ScoreModelVersion
from tests.health.factories import answer, make_account

pytestmark = pytest.mark.django_db


def snapshot(account, usage, *, days_ago=0):
    version = ScoreModelVersion.objects.first()
    values = [usage if key == "usage" else None for key in version.indicators]
    arrays = {"values": values, "contributions": values, "readings": values, "ages": values}
    day = timezone.now().date() - timedelta(days=days_ago)
    Score.objects.create(
        account=account, day=day, version=version, low=0, high=0, known_weight=40, band="red", **arrays
    )


def test_usage_is_that_of_the_latest_score_unless_it_is_old(django_assert_num_queries):
    used, idle, left, never = (make_account() for _ in range(4))
    snapshot(used, 50_000, days_ago=1)
    snapshot(used, 81_500)
    snapshot(idle, None)
    snapshot(left, 90_000, days_ago=30)

    with django_assert_num_queries(1):
        found = account_measures["usage"].load([used.pk, idle.pk, left.pk, never.pk])

    assert found == {used.pk: Decimal("81.5")}


def test_nps_of_an_account_takes_the_latest_answer_of_each_person(django_assert_num_queries):
    today = timezone.now().date()
    heard, silent = make_account(), make_account()
    kim, lee = (baker.make(Contact, account=heard) for _ in range(2))
    answer(heard, 3, on=today - timedelta(days=40), contact=kim)
    answer(heard, 9, on=today - timedelta(days=4), contact=kim)
    answer(heard, 8, on=today - timedelta(days=4), contact=lee)
    answer(heard, 6, on=today - timedelta(days=400))

    with django_assert_num_queries(1):
        found = account_measures["nps"].load([heard.pk, silent.pk])

    assert found == {heard.pk: Decimal(50)}
