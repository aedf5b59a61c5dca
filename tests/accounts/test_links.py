"""Personal links: made, found, ended."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone
from model_bakery import baker

from accounts.domain import links
from accounts.domain.links import LinkGone, address_of, addresses_of, find_link, renew, revoke_link
from accounts.domain.timeline import Entry
from accounts.models import Account, Activity, Contact, ContactLink
from tests.accounts import visiting  # noqa: F401  registers its purposes
from tests.addresses import addresses_from

pytestmark = pytest.mark.django_db
_addresses = addresses_from("tests.accounts.visiting")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def kim() -> Contact:
    return baker.make(Contact, account=baker.make(Account, name="Acme", external_id="acme"), email="kim@acme.example")


def token(address: str) -> str:
    return address.rstrip("/").rsplit("/", 1)[1]


def refusal(token: str, purpose: str = "tryout") -> int:
    with pytest.raises(LinkGone) as refused:
        find_link(token, purpose)
    return refused.value.status


def test_the_address_is_the_contacts_own_and_stays_the_same(kim, settings, django_assert_num_queries):
    settings.BASE_URL = "https://cs.example"
    first = address_of(kim, "tryout")

    assert first.startswith("https://cs.example/try/")
    assert address_of(kim, "tryout") == first
    with django_assert_num_queries(1):
        assert find_link(token(first), "tryout").contact.account.name == "Acme"
    assert ContactLink.objects.count() == 1


def test_each_thing_it_is_about_has_its_own(kim):
    addresses = [address_of(kim, "tryout"), address_of(kim, "tryout", "invite 7"), address_of(kim, "other")]

    assert len({token(address) for address in addresses}) == 3
    assert find_link(token(addresses[1]), "tryout").subject == "invite 7"


@time_machine.travel(NOON, tick=False)
def test_it_works_as_long_as_its_purpose_says_and_longer_when_asked_for_again(kim):
    address = address_of(kim, "tryout")
    link = ContactLink.objects.get()
    assert link.expires_at == NOON + timedelta(days=30)

    address_of(kim, "tryout", expires_at=NOON + timedelta(days=2))
    link.refresh_from_db()
    assert link.expires_at == NOON + timedelta(days=30)

    with time_machine.travel(NOON + timedelta(days=10), tick=False):
        assert address_of(kim, "tryout") == address
    link.refresh_from_db()
    assert link.expires_at == NOON + timedelta(days=40)


def test_an_expired_link_stays_gone_and_the_next_is_another(kim):
    with time_machine.travel(NOON, tick=False):
        old = token(address_of(kim, "tryout"))
    with time_machine.travel(NOON + timedelta(days=30), tick=False):
        assert refusal(old) == 410
        new = token(address_of(kim, "tryout"))
        assert find_link(new, "tryout").contact == kim
        assert refusal(old) == 410


def test_nobody_makes_one_by_altering_or_by_taking_it_elsewhere(kim):
    good = token(address_of(kim, "tryout"))
    swapped = "A" if good[-1] != "A" else "B"
    altered = [
        good[:-1] + swapped, swapped + good[1:], good[:-1], good + "A", good[:22], "", "x", "\0", "é" * 44, good.swapcase(),
    ]  # fmt: skip

    assert [refusal(token) for token in altered] == [404] * len(altered)
    assert refusal(good, "other") == 404
    assert refusal(links.token_of(good[:22], "other"), "other") == 404  # signed, but not made for it


def test_a_new_key_of_the_house_keeps_the_old_links_while_the_old_key_is_named(kim, settings):
    old = token(address_of(kim, "tryout"))
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another one", [settings.SECRET_KEY]
    assert find_link(old, "tryout").contact == kim

    settings.SECRET_KEY_FALLBACKS = []
    assert refusal(old) == 404


def test_a_link_ended_by_hand_is_gone_at_once_and_says_so_on_the_timeline(kim, chloe):
    old = token(address_of(kim, "tryout"))
    link = ContactLink.objects.get()

    assert revoke_link(link, chloe) is True
    assert revoke_link(link, chloe) is False
    assert refusal(old) == 410
    told = Activity.objects.values_list("kind", "actor__name", "data")
    assert list(told) == [("link.revoked", "Chloe", {"contact": "kim@acme.example", "purpose": "tryout"})]
    assert Entry(Activity.objects.get()).sentence == "Personal link of kim@acme.example ended: Trying out"


def test_renewing_gives_another_address_and_ends_the_old_one(kim):
    old = address_of(kim, "tryout", "invite 7")
    new = renew(ContactLink.objects.get())

    assert new != old
    assert find_link(token(new), "tryout").subject == "invite 7"
    assert refusal(token(old)) == 410


def test_who_has_left_their_company_is_nobody_there_any_more(kim):
    portal, unsubscribe = token(address_of(kim, "tryout")), token(address_of(kim, "forever"))
    Contact.objects.update(left_on=timezone.localdate())

    assert refusal(portal) == 410
    assert find_link(unsubscribe, "forever").contact == kim


def test_fifty_thousand_are_made_as_two_statements(kim, django_assert_num_queries):
    people = baker.prepare(Contact, account=kim.account, _quantity=300)
    for number, person in enumerate(people):
        person.email = f"p{number}@acme.example"
    Contact.objects.bulk_create(people)
    pairs = [(person, f"invite {person.pk}") for person in people] + [(people[0].pk, f"invite {people[0].pk}")]

    with django_assert_num_queries(4):  # begin, end the expired, make, commit
        addresses = addresses_of(pairs, "tryout")

    assert addresses[0] == addresses[-1]
    assert len(set(addresses)) == 300
    assert find_link(token(addresses[17]), "tryout").contact == people[17]
    assert addresses_of(pairs, "tryout") == addresses


def test_its_last_use_is_kept_but_not_written_for_every_page(kim, django_assert_num_queries):
    address_of(kim, "tryout")
    link = ContactLink.objects.get()
    with time_machine.travel(NOON, tick=False):
        links.note_use(link)
    link.refresh_from_db()
    assert link.last_used_at == NOON

    with time_machine.travel(NOON + timedelta(minutes=5), tick=False), django_assert_num_queries(0):
        links.note_use(link)
