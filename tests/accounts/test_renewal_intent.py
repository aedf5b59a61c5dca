"""Customers tell how likely they are to renew: asked by mail, on a page of their own, until the term is decided."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from accounts.domain.links import address_of
from accounts.domain.pressure import note_asks
from accounts.domain.renewals import work
from accounts.domain.renewals.intent import answer_intent, ask_intent
from accounts.domain.renewals.sweep import sweep_renewals
from accounts.exceptions import Conflict, DomainError
from accounts.models import Account, Activity, Ask, Contact, Intent, Mail, OptOut, Renewal
from tests.accounts.terms import at, kinds, make_account, noon, renewal, subscribe, yearly

pytestmark = pytest.mark.django_db
DECISION = date(2026, 12, 2)


@pytest.fixture
def acme(time_machine, chloe):
    time_machine.move_to(noon("2026-03-04"), tick=False)
    return make_account(csm=chloe, band="green")


def decider(account, name="Dana", **fields):
    email = f"{name.lower()}@acme.example"
    return Contact.objects.create(**{"account": account, "name": name, "email": email, "decides": True, **fields})


@pytest.fixture
def dana(acme):
    return decider(acme, language="fr")


@pytest.fixture
def page(acme, dana):
    """Dana's link, as the mail has it."""
    return address_of(dana, "intent", str(yearly(acme).pk)).removeprefix("http://127.0.0.1:8000")


def sweep_from(first: date, days: int) -> None:
    for day in range(days):
        with at(first + timedelta(days=day)):
            sweep_renewals()


# Asking --------------------------------------------------------------------------------------------


def test_those_who_decide_are_asked_sixty_days_ahead_once(acme, dana) -> None:
    decider(acme, "Gone", left_on="2026-01-01")
    decider(acme, "User", decides=False)
    yearly(acme)
    sweep_from(DECISION - timedelta(days=62), 4)
    mail = Mail.objects.get()
    assert (mail.kind, mail.to, mail.language) == ("renewal.intent", "dana@acme.example", "fr")
    assert mail.text.count("/i/") == 11
    assert "?score=0" in mail.html
    assert "List-Unsubscribe" in mail.headers
    asked = Activity.objects.get(kind="renewal.intent_asked")
    assert (asked.occurred_at, asked.data["contacts"]) == (noon("2026-10-03"), ["Dana"])


def test_a_monthly_term_is_not_asked_about_nor_one_that_is_nearly_over(acme, dana) -> None:
    subscribe(acme, "monthly", interval="month", term_end="2026-04-01")
    yearly(acme, started_on="2025-03-20", term_end="2026-03-20", notice_days=0)
    sweep_renewals()
    assert not Mail.objects.exists()


def test_a_moved_term_is_asked_about_again(acme, dana) -> None:
    yearly(acme)
    sweep_from(date(2026, 10, 4), 1)
    with at("2026-10-06"):
        subscribe(acme, term_end="2027-05-01")
    sweep_from(date(2027, 1, 30), 5)
    assert Mail.objects.count() == 2


def test_who_opted_out_is_not_sent_one_and_nothing_says_that_they_were_asked(acme, dana, chloe) -> None:
    OptOut.objects.create(address="dana@acme.example")
    row = yearly(acme)
    sweep_from(date(2026, 10, 4), 1)
    assert Mail.objects.get().status == "canceled"
    assert not Activity.objects.filter(kind="renewal.intent_asked").exists()
    assert not Ask.objects.exists()
    with pytest.raises(DomainError, match="wants no more questions"):
        ask_intent(row, by=chloe)


def held() -> list[tuple]:
    told = Activity.objects.filter(kind="contact.held_back").order_by("pk")
    return [(row.occurred_at.date(), row.data["contact"], row.data["what"], row.data["why"]) for row in told]


def test_who_was_just_asked_for_something_is_asked_later(acme, dana) -> None:
    yearly(acme)
    note_asks([dana], "survey", "nps", at=noon("2026-09-30"))
    sweep_from(date(2026, 10, 3), 13)
    assert held() == [(date(2026, 10, 3), "Dana", "How likely to renew", "asked")]
    asked = Activity.objects.get(kind="renewal.intent_asked")
    assert asked.occurred_at.date() == date(2026, 10, 14)


def test_a_red_account_is_not_asked_while_it_is_red(acme, dana) -> None:
    yearly(acme)
    Account.objects.update(band="red")
    sweep_from(date(2026, 10, 3), 8)
    assert [day for day, *_more in held()] == [date(2026, 10, 3), date(2026, 10, 10)]
    Account.objects.update(band="yellow")
    sweep_from(date(2026, 10, 11), 8)
    assert Activity.objects.get(kind="renewal.intent_asked").occurred_at.date() == date(2026, 10, 17)
    assert Mail.objects.count() == 1


def test_one_person_is_asked_about_two_terms_one_after_the_other(acme, dana) -> None:
    yearly(acme)
    yearly(acme, "Y2")
    sweep_from(date(2026, 10, 3), 1)
    assert Mail.objects.count() == 1
    sweep_from(date(2026, 10, 4), 21)
    assert Mail.objects.count() == Activity.objects.filter(kind="renewal.intent_asked").count() == 2


def test_asking_by_hand_needs_somebody_who_decides(acme, chloe) -> None:
    row = yearly(acme)
    with pytest.raises(DomainError, match="mark a contact first"):
        ask_intent(row, by=chloe)
    dana = decider(acme)
    assert ask_intent(row, by=chloe) == ask_intent(row, by=chloe) == [dana]
    assert Mail.objects.count() == 1
    assert renewal().intent_asked_at == noon("2026-03-04")


# Answering -----------------------------------------------------------------------------------------


def test_an_answer_is_their_probability_and_may_disagree(acme, dana) -> None:
    row = yearly(acme)
    answer_intent(row, dana, "4", ["price", "value"], "Too dear for what we use")
    assert (renewal().intent_probability, renewal().settle_by) == (Decimal("0.4"), date(2026, 3, 18))
    told = Activity.objects.get(kind="renewal.intent_answered")
    assert (told.actor_label, told.data["score"], told.data["factors"]) == ("Dana", 4, ["value", "price"])
    answer_intent(row, decider(acme, "Emil"), 9)
    assert renewal().intent_probability == Decimal("0.65")
    assert renewal().settled_note == "They agree again."
    assert kinds(acme) == [
        "renewal.intent_answered", "renewal.disputed", "renewal.intent_answered", "renewal.settled",
    ]  # fmt: skip


def test_the_same_answer_again_is_nothing_new(acme, dana) -> None:
    row = yearly(acme)
    for _time in range(2):
        answer_intent(row, dana, 8, ["value"], "Fine")
    answer_intent(row, dana, 9)
    assert kinds(acme) == ["renewal.intent_answered"] * 2
    answer = Intent.objects.get()
    assert (answer.score, answer.factors, answer.comment, answer.revised_at) == (9, [], "", noon("2026-03-04"))
    assert Activity.objects.filter(kind="renewal.intent_answered").last().data["before"] == 8


@pytest.mark.parametrize("score", ["11", "-1", "9.5", "", "1e1", " ", "٣", None, True, 9.5])
def test_no_other_scores(acme, dana, score) -> None:
    with pytest.raises(DomainError, match="whole number from 0 to 10"):
        answer_intent(yearly(acme), dana, score)


def test_a_decided_term_takes_no_answers(acme, dana, chloe) -> None:
    row = work.decide(yearly(acme), "renewed", by=chloe)
    with pytest.raises(Conflict):
        answer_intent(row, dana, 5)


# Their page ----------------------------------------------------------------------------------------


def test_opening_the_page_records_nothing(page) -> None:
    for address in (page, f"{page}?score=3", f"{page}?score=99"):
        assert Client().get(address).status_code == 200
        assert Client().head(address).status_code == 200
    opened = Client().get(f"{page}?score=3").content.decode()
    assert '<input type="radio" name="score" value="3" checked>' in opened
    assert not Intent.objects.exists()


def test_sent_it_is_recorded_and_can_be_changed(page, acme) -> None:
    browser = Client()
    sent = browser.post(page, {"score": "3", "factors": ["budget", "other"], "comment": "<b>Hm</b>"}, follow=True)
    text = sent.content.decode()
    assert (sent.status_code, "&lt;b&gt;Hm&lt;/b&gt;" in text, "?change=1" in text) == (200, True, True)
    assert browser.post(f"{page}?change=1", {"score": "7"}).status_code == 302
    answer = Intent.objects.get()
    assert (answer.score, answer.factors, answer.contact.name) == (7, [], "Dana")


@pytest.mark.parametrize("score", ["11", "-1", "9.5", "", "ten"])
def test_a_bad_score_comes_back_with_what_was_typed(page, score) -> None:
    sent = Client().post(page, {"score": score, "factors": ["budget"], "comment": "Wait for it"})
    text = sent.content.decode()
    assert sent.status_code == 422
    assert "Wait for it" in text
    assert 'value="budget" checked' in text
    assert 'role="alert"' in text
    assert not Intent.objects.exists()


def test_after_the_decision_the_page_says_so(page, acme, chloe) -> None:
    work.decide(renewal(), "renewed", by=chloe)
    opened = Client().get(f"{page}?lang=en")
    assert (opened.status_code, "This has been decided" in opened.content.decode()) == (200, True)
    assert Client().post(page, {"score": "5"}).status_code == 409


def test_a_link_leads_to_its_own_term_alone(page, acme, dana) -> None:
    other = make_account("Other")
    subscribe(other, "S-2", term_end="2027-01-01")
    for subject in (str(renewal("S-2").pk), "", "x"):
        gone = address_of(dana, "intent", subject).removeprefix("http://127.0.0.1:8000")
        assert Client().get(gone).status_code == 410
    assert Client().get(page[:-2] + "x/").status_code == 404
    Renewal.objects.all().delete()
    assert Client().get(page).status_code == 410
