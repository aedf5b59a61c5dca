"""The customer's portal, as a browser without JavaScript asks for it."""

import re
from datetime import UTC, date, datetime

import pytest
import time_machine as clock
from django.test import Client

from accounts import registry
from accounts.domain.links import address_of, revoke_link
from accounts.domain.plans import cancel_at_period_end
from accounts.models import Account, Contact, ContactLink, Mail, Plan, PlanChange, PlanVersion, Subscription
from accounts.registry import PortalPart
from tests.accounts.customers import HOSTILE
from tests.accounts.plans import plan, subscribed
from tests.accounts.spine import make_account, told

pytestmark = pytest.mark.django_db
MID_APRIL = datetime(2026, 4, 16, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _april(time_machine):
    time_machine.move_to(MID_APRIL, tick=False)


@pytest.fixture
def acme() -> Account:
    return make_account("Acme")


@pytest.fixture
def kim(acme) -> Contact:
    """Kim decides."""
    return Contact.objects.create(account=acme, name="Kim", email="kim@acme.example", decides=True, language="en")


@pytest.fixture
def lou(acme) -> Contact:
    """Lou uses the product."""
    return Contact.objects.create(account=acme, name="Lou", email="lou@acme.example", title="Designer", language="en")


@pytest.fixture(scope="module")
def team(shared) -> PlanVersion:
    with clock.travel(MID_APRIL, tick=False):
        return plan("Team", ("month", 20), ("year", 200), features=["Boards", "Reports"])


@pytest.fixture
def sub(acme, team) -> Subscription:
    return subscribed(acme, team)


def path_of(contact: Contact) -> str:
    return "/c/" + address_of(contact, "portal").split("/c/")[1]


def change_path(contact: Contact, sub: Subscription) -> str:
    return f"{path_of(contact)}plan/{sub.pk}/"


def text_of(response) -> str:
    html = re.sub(r"<(script|style).*?</\1>", "", response.content.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", html).replace("\xa0", " ").split())


def form_of(response) -> dict[str, str]:
    """What the quote's form would send."""
    html = response.content.decode().split('id="the-quote"')[1]
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', html))


@pytest.fixture
def browser() -> Client:
    return Client()


# Home -------------------------------------------------------------------------------------------------


def test_home_shows_plan_seats_date_and_people(browser, kim, lou, sub):
    page = browser.get(path_of(kim))
    text = text_of(page)

    assert page.status_code == 200
    for part in ("Hello Kim", "Team", "$200.00 a month", "$20 a seat and month", "Seats 10", "Next invoice May 1, 2026",
                 "Boards", "Reports", "Lou", "Designer", "Pay by the year", "and save $400 a year (17%)"):  # fmt: skip
        assert part in text, part
    assert (page["X-Robots-Tag"], page["Cache-Control"]) == ("noindex, nofollow", "no-store")
    assert ContactLink.objects.get(purpose="portal").last_used_at == MID_APRIL


def test_home_speaks_the_contacts_language(browser, kim, sub):
    Contact.objects.filter(pk=kim.pk).update(language="fr")
    assert '<html lang="fr"' in browser.get(path_of(kim)).content.decode()
    assert '<html lang="ro"' in browser.get(path_of(kim) + "?lang=ro").content.decode()


def test_the_date_that_matters(browser, kim, acme, sub):
    assert "Renewal January 1, 2027" in text_of(_with(browser, kim, acme, term_end=date(2027, 1, 1)))
    assert "Term ends January 1, 2027" in text_of(_with(browser, kim, acme, auto_renew=False))
    cancel_at_period_end(sub, by="Kim", reason="price")
    assert "Ends on January 1, 2027" in text_of(browser.get(path_of(kim)))
    subscribed(acme, None, external_id="S-2", unit_amount=5, status="trialing", trial_ends_on=date(2026, 4, 30))
    assert "Trial until April 30, 2026" in text_of(browser.get(path_of(kim)))


def _with(browser, kim, acme, **fields):
    subscribed(acme, None, **fields)
    return browser.get(path_of(kim))


def test_who_does_not_decide_reads_and_is_told_who_does(browser, kim, lou, sub):
    text = text_of(browser.get(path_of(lou)))
    assert "changed by those who decide about the contract: Kim" in text
    assert "Change seats or plan" not in text
    for address, method in (("", "get"), ("confirm/", "post"), ("undo/", "post"), ("cancel/", "get"),
                            ("cancel/", "post"), ("keep/", "post")):  # fmt: skip
        assert getattr(browser, method)(change_path(lou, sub) + address).status_code == 403, address
    assert not PlanChange.objects.exists()


def test_parts_of_other_apps_stand_on_it_and_a_broken_one_does_no_harm(browser, kim, sub, monkeypatch):
    parts = registry.Registry("part", lambda part: part.key)
    parts.add(
        PortalPart("good", "Survey", "ui/copy.html", lambda link: {"text": f"for {link.contact}"}),
        PortalPart("none", "Nothing to show", "ui/copy.html", lambda link: None),
        PortalPart("bad", "Broken", "ui/copy.html", lambda link: {}[0]),
    )
    monkeypatch.setattr("accounts.views.portal.home.portal_parts", parts)
    text = text_of(browser.get(path_of(kim)))

    assert "for Kim" in text
    assert not {"Nothing to show", "Broken"} & set(text.split(" "))


def test_without_a_subscription_it_says_so(browser, kim):
    assert "No subscription is running" in text_of(browser.get(path_of(kim)))


def test_asked_as_often_whatever_there_is(browser, acme, kim, sub, django_assert_max_num_queries):
    for number in range(30):
        Contact.objects.create(account=acme, email=f"c{number}@acme.example")
    path = path_of(kim)
    browser.get(path)
    with django_assert_max_num_queries(10):
        browser.get(path)


# A change ---------------------------------------------------------------------------------------------


def test_seats_are_quoted_then_confirmed_then_mailed(browser, kim, acme, sub):
    page = browser.get(change_path(kim, sub), {"seats": "15"})
    text = text_of(page)
    for part in ("5 more seats 15 of 30 days of $100.00 $50.00", "To pay once", "without tax", "$300.00 a month",
                 "+$100.00 a month", "Confirm and pay $50.00"):  # fmt: skip
        assert part in text, part
    assert not PlanChange.objects.exists()

    done = browser.post(change_path(kim, sub) + "confirm/", form_of(page), follow=True)
    assert "Done. We have sent you a mail about it." in text_of(done)
    sub.refresh_from_db()
    mail = Mail.objects.get()
    assert (sub.quantity, mail.to, mail.subject) == (15, "kim@acme.example", "Your plan has changed")
    for words in (mail.text, mail.html):
        assert {"seats 10 → 15", "$50.00", "$300.00"} <= {
            w for w in ("seats 10 → 15", "$50.00", "$300.00") if w in words
        }
    assert {a.actor_label for a in acme.activities.filter(kind__in=["plan.changed", "mrr.expanded"])} == {
        "Customer: Kim"
    }


def test_sent_twice_it_is_done_once(browser, kim, acme, sub):
    form = form_of(browser.get(change_path(kim, sub), {"seats": "15"}))
    answers = [browser.post(change_path(kim, sub) + "confirm/", form).status_code for _ in range(3)]

    assert answers == [302, 302, 302]
    assert (PlanChange.objects.count(), Mail.objects.count()) == (1, 1)
    assert [kind for kind, _data in told(acme)].count("mrr.expanded") == 1


def test_a_stale_quote_is_not_carried_out_and_a_fresh_one_shown(browser, kim, acme, sub):
    form = form_of(browser.get(change_path(kim, sub), {"seats": "15"}))
    subscribed(acme, None, unit_amount=30)
    page = browser.post(change_path(kim, sub) + "confirm/", form)

    assert (page.status_code, PlanChange.objects.count()) == (409, 0)
    assert "This is what it costs now." in text_of(page)
    assert "$75.00" in text_of(page)
    assert browser.post(change_path(kim, sub) + "confirm/", form_of(page)).status_code == 302


def test_plans_to_choose_with_the_own_price_kept(browser, kim, acme, sub):
    business = plan("Business", ("month", 35), features=["Everything"])
    plan("Team", ("month", 24))
    text = text_of(browser.get(change_path(kim, sub)))
    for part in ("$20 a seat and month", "Its price stays yours", "Business $35", "Team, as it is today $24"):
        assert part in text, part

    page = browser.get(change_path(kim, sub), {"seats": "10", "version": business.pk})
    assert "Unused days of Team" in text_of(page)
    browser.post(change_path(kim, sub) + "confirm/", form_of(page))
    sub.refresh_from_db()
    assert (sub.plan_version, sub.unit_amount) == (business, 35)
    assert business.used_at is None
    business.refresh_from_db()
    assert business.used_at == MID_APRIL


def test_the_yearly_offer_is_explained_and_accepted(browser, kim, sub):
    page = browser.get(change_path(kim, sub), {"seats": "10", "interval": "year"})
    assert "A year costs you $400 (17%) less" in text_of(page)
    assert "if you stay 10 months or longer" in text_of(page)
    browser.post(change_path(kim, sub) + "confirm/", form_of(page))
    sub.refresh_from_db()
    assert (sub.interval, sub.unit_amount, sub.term_end) == ("year", 200, date(2027, 4, 16))


def test_less_later_stands_on_the_page_and_can_be_taken_back(browser, kim, acme):
    sub = subscribed(acme, plan("Base", ("month", 20), decreases="period_end"))
    page = browser.get(change_path(kim, sub), {"seats": "4"})
    assert "From May 1, 2026 on" in text_of(page)
    browser.post(change_path(kim, sub) + "confirm/", form_of(page))
    assert "From May 1, 2026 : Base, seats 10 → 4" in text_of(browser.get(path_of(kim)))

    change = PlanChange.objects.get()
    browser.post(change_path(kim, sub) + "undo/", {"change": change.key})
    assert "Take it back" not in text_of(browser.get(path_of(kim)))
    assert [mail.subject for mail in Mail.objects.order_by("pk")] == [
        "Your change of plan is noted", "Your change of plan is taken back"
    ]  # fmt: skip


@pytest.mark.parametrize("seats", ["0", "-1", str(10**9), "abc", "", "1e3", "１０", "9" * 30, "\0", *HOSTILE[:3]])
def test_seats_that_cannot_be_keep_what_was_typed(browser, kim, sub, seats):
    for send in (
        lambda: browser.get(change_path(kim, sub), {"seats": seats}),
        lambda: browser.post(change_path(kim, sub) + "confirm/", {"seats": seats, "key": "x"}),
    ):
        page = send()
        assert page.status_code == 422, seats
        assert "<script>alert" not in page.content.decode()
    assert not PlanChange.objects.exists()


@pytest.mark.parametrize("version", ["0", "-1", "999999", "abc", "hidden"])
def test_plans_that_are_not_theirs_to_choose(browser, kim, sub, version):
    if version == "hidden":
        version = str(plan("Hidden", ("month", 1), offered=False).pk)
    assert browser.get(change_path(kim, sub), {"seats": "10", "version": version}).status_code == 422
    body = {"seats": "10", "version": version, "key": "x"}
    assert browser.post(change_path(kim, sub) + "confirm/", body).status_code == 422


def test_nobody_elses_subscription_and_no_altered_link(browser, kim, sub):
    other = subscribed(make_account("Beta"), plan("Other", ("month", 9)), external_id="B-1")
    assert browser.get(change_path(kim, other)).status_code == 404
    assert browser.post(change_path(kim, other) + "keep/").status_code == 404
    foreign = PlanChange.objects.create(
        key="k", account=other.account, subscription=other, fields={}, what="x", currency="USD", before=1, after=0,
        effective_on=date(2026, 9, 1), actor="Bea",
    )  # fmt: skip
    assert browser.post(change_path(kim, sub) + "undo/", {"change": foreign.key}).status_code == 404
    assert browser.post(change_path(kim, sub) + "undo/", {"change": "abc\0"}).status_code == 404

    path = path_of(kim)
    assert browser.get(path[:-3] + "x/").status_code == 404
    revoke_link(ContactLink.objects.get(contact=kim))
    gone = browser.get(path)
    assert (gone.status_code, "Acme" in gone.content.decode(), "Kim" in gone.content.decode()) == (410, False, False)


# Leaving ----------------------------------------------------------------------------------------------


def test_leaving_asks_why_and_can_be_undone(browser, kim, acme, sub):
    path = change_path(kim, sub) + "cancel/"
    assert "It ends on May 1, 2026" in text_of(browser.get(path))
    refused = browser.post(path, {"comment": "bye"})
    assert (refused.status_code, "Please choose what comes closest." in text_of(refused)) == (422, True)
    assert browser.post(path, {"reason": "nonsense"}).status_code == 422

    browser.post(path, {"reason": "missing_feature", "comment": "No export"})
    sub.refresh_from_db()
    assert (sub.ended_on, sub.churn_reason, sub.churn_comment) == (date(2026, 5, 1), "missing_feature", "No export")
    assert browser.post(path, {"reason": "price"}).status_code == 409
    assert "Keep my subscription" in text_of(browser.get(path_of(kim)))

    browser.post(change_path(kim, sub) + "keep/")
    browser.post(change_path(kim, sub) + "keep/")
    sub.refresh_from_db()
    assert sub.ended_on is None
    assert [mail.subject for mail in Mail.objects.order_by("pk")] == [
        "Your subscription ends on May 1, 2026", "Your subscription goes on"
    ]  # fmt: skip
    assert [kind for kind, _data in told(acme)][-3:] == [
        "subscription.cancel_scheduled", "subscription.changed", "subscription.kept"
    ]  # fmt: skip


def test_text_comes_back_as_it_went_in(browser, kim, sub):
    Plan.objects.update(name=HOSTILE[0])
    Contact.objects.filter(pk=kim.pk).update(name=HOSTILE[1])
    for path in (path_of(kim), change_path(kim, sub), change_path(kim, sub) + "cancel/"):
        page = browser.get(path).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_reading_changes_nothing(browser, kim, sub):
    before = Subscription.objects.values().get()
    for path in ("", "confirm/", "undo/", "cancel/", "keep/"):
        browser.get(change_path(kim, sub) + path)
        browser.head(change_path(kim, sub) + path)
    assert Subscription.objects.values().get() == before
