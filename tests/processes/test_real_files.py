"""Real files, where they are at hand, else those of the quick tests: a company in and in again, two years of it by
month, some thousand calendars."""

import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from accounts.domain.imports.commanding import import_path
from accounts.models import Account, Subscription
from tests.accounts.imports import test_months as months
from tests.accounts.imports.files import SHARED
from tests.health.test_importing import comes_in_whole, made_up
from tests.onboarding.test_feeds_parsing import OTHERS, all_read

COMPANY = SHARED / "ravenstack"
REAL = {
    "accounts": "ravenstack_accounts.csv",
    "subscriptions": "ravenstack_subscriptions.csv",
    "usage": "ravenstack_feature_usage.csv",
    "tickets": "ravenstack_support_tickets.csv",
    "churn": "ravenstack_churn_events.csv",
}
CALENDARS = SHARED / "calendar" / "ics_corpus_half.tar.gz"


def company(tmp_path: Path) -> dict[str, Path]:
    return {kind: COMPANY / name for kind, name in REAL.items()} if COMPANY.exists() else made_up(tmp_path)


@pytest.mark.django_db
def test_a_whole_company_comes_in_and_the_second_time_changes_nothing(tmp_path) -> None:
    comes_in_whole(company(tmp_path))


@pytest.mark.django_db
def test_a_companys_two_years_add_up_by_month(tmp_path) -> None:
    files = company(tmp_path)
    accounts, subscriptions = (
        (files["accounts"], files["subscriptions"]) if COMPANY.exists() else months.made_up(tmp_path)
    )
    import_path("accounts", accounts)
    import_path("subscriptions", subscriptions)
    if COMPANY.exists():
        assert (Account.objects.count(), Subscription.objects.count()) == (500, 5000)
    assert months.monthly() == months.plainly(subscriptions)


def calendars() -> Iterator[tuple[str, bytes]]:
    yield from ((name, text.encode()) for name, text in OTHERS.items())
    if CALENDARS.exists():
        with tarfile.open(CALENDARS) as files:
            for member in files.getmembers():
                if member.name.endswith(".ics") and (file := files.extractfile(member)):
                    yield member.name, file.read()


@pytest.mark.filterwarnings("ignore::icalendar.error.GloballyUniqueTZIDGuessed")
def test_calendars_of_others_are_read_or_refused_by_name() -> None:
    read, refused = all_read(calendars())
    assert set(refused.values()) == {"not_calendar", "broken_off"}  # parts of a calendar, and such as nobody could end
    assert len(read) > 2 * len(refused) or not CALENDARS.exists()
