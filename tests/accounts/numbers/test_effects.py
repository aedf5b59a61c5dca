"""What works: groups side by side, what the best customers have in common, and when there is no telling."""

from datetime import UTC, datetime

import pytest
import time_machine

from accounts.domain.numbers.asking import Asked
from accounts.domain.numbers.profile import customers, profile
from accounts.enums import Stage
from accounts.models import Account
from tests.accounts.numbers.test_pages import get, text
from tests.accounts.revenue import make_account, subscribe

pytestmark = pytest.mark.django_db
TODAY = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(TODAY, tick=False):
        yield


def began(count: int, *, gone: int = 0, **fields) -> None:
    """So many customers of last May, some of them gone after a month."""
    for n in range(count):
        left = {"stage": Stage.CHURNED, "churned_on": "2025-06-01", "mrr": 0} if n < gone else {}
        account = make_account(
            f"{fields['channel']} {n}", started_on="2025-05-01", **{"mrr": 100 + n, **fields, **left}
        )
        assert account.pk


def test_what_goes_with_staying_comes_first(chloe, signed_in) -> None:
    began(40, channel="Events", gone=5)
    began(40, channel="Ads", gone=25)
    began(6, channel="Fair")
    traits = {
        trait.name: trait for trait in profile(customers(Asked(TODAY.date().replace(year=2025, month=4), TODAY.date())))
    }
    events, ads, fair = traits["Events"], traits["Ads"], traits["Fair"]
    assert (events.count, events.of, events.tells, ads.tells, fair.tells) == (40, 86, True, True, False)
    assert events.kept.first.value == pytest.approx(35 / 40)
    assert events.ratio > 1 > ads.ratio
    assert fair.too_few
    words = text(get(signed_in(chloe), "effects/", **{"from": "2025-04", "to": "2026-02"}))
    assert "86 customers who began in this period." in words
    assert words.index("Events Channel 40") < words.index("Ads Channel 40") < words.index("What may be chance")
    assert "Fair Channel 6" in words
    assert "too few to tell" in words


def test_trials_and_others_times_are_left_out() -> None:
    began(3, channel="Events")
    make_account("Trial", started_on="2025-05-02", stage=Stage.TRIAL)
    make_account("Before", started_on="2025-03-31")
    lapsed = make_account("Lapsed", channel="Ads")
    subscribe(lapsed, started_on="2025-05-02", trial_ends_on="2025-05-16", ended_on="2025-05-16")
    lapsed.refresh_from_db()
    assert lapsed.stage == Stage.CHURNED
    found = customers(Asked(TODAY.date().replace(year=2025, month=4), TODAY.date()))
    assert {one.own["channel"] for one in found} == {"Events"}
    assert Account.objects.count() == 6


def test_as_a_file(chloe, signed_in) -> None:
    began(6, channel="=Ads")
    began(6, channel="Fair")
    response = signed_in(chloe).get("/numbers/effects/?from=2025-04&to=2026-02&format=csv")
    lines = b"".join(response.streaming_content).decode().splitlines()
    assert lines[0].startswith("kind,trait,accounts,of,retention,")
    assert any(line.startswith("Channel,'=Ads,6,12,1.0,") for line in lines)
