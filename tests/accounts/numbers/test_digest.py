"""A board by mail each week, once, in the reader's language, to those who asked for it."""

from datetime import UTC, datetime

import pytest
import time_machine

from accounts.domain.numbers.counting import count_changes
from accounts.domain.numbers.digest import mail_boards
from accounts.models import Mail
from tests.accounts.revenue import make_account, subscribe

pytestmark = pytest.mark.django_db


def test_once_a_week_to_those_who_want_it(marc, chloe, cyril) -> None:
    with time_machine.travel(datetime(2026, 3, 4, 12, tzinfo=UTC), tick=False):
        subscribe(make_account("A"), unit_amount=100, started_on="2026-01-01")
        subscribe(make_account("B"), "S-2", unit_amount=50, started_on="2026-02-03")
        count_changes()
        type(marc).objects.filter(pk=marc.pk).update(weekly_board="stability", language="fr")
        type(marc).objects.filter(pk=cyril.pk).update(weekly_board="nonsense")
        mail_boards()
        mail_boards()
    mail = Mail.objects.get()
    assert (mail.to, mail.kind, mail.key) == (marc.email, "numbers", f"numbers {marc.pk} 2026-03-02")
    assert "150 $US" in mail.text.replace("\u202f", " ").replace("\xa0", " ")
    assert "/numbers/?board=stability" in mail.text
    with time_machine.travel(datetime(2026, 3, 9, 6, tzinfo=UTC), tick=False):
        mail_boards()
    assert [m.key[-10:] for m in Mail.objects.order_by("pk")] == ["2026-03-02", "2026-03-09"]


def test_chosen_in_the_profile(chloe, signed_in) -> None:
    browser = signed_in(chloe)
    body = {"name": "Chloe", "language": "en", "time_zone": "UTC", "weekly_board": "profit"}
    assert browser.post("/settings/profile/", body).status_code == 302
    chloe.refresh_from_db()
    assert chloe.weekly_board == "profit"
    assert browser.post("/settings/profile/", {**body, "weekly_board": "all"}).status_code == 422
