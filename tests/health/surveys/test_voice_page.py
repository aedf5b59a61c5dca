"""The voice page: figures with how sure they are, whose they are, and what people wrote."""

import csv
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.domain.followups import cancel
from accounts.models import Activity, FollowUp, Segment
from tests.accounts.spine import make_follow_up, make_playbook
from tests.health.factories import make_account
from tests.health.surveys.rows import NOON, make_answer, make_contact, make_invite, make_survey

pytestmark = pytest.mark.django_db
VOICE = "/voice/"


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOON + timedelta(hours=1), tick=False)


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def answers(*scores: int, **fields):
    return [make_answer(score=score, **fields) for score in scores]


def shown(response, word: str) -> bool:
    return word in text_of(response)


# Who, and what without answers ------------------------------------------------------------------------------


def test_everybody_signed_in_reads_it_and_nobody_else(people, signed_in, client):
    for person in people.values():
        assert signed_in(person).get(VOICE).status_code == 200
    assert client.get(VOICE).status_code == 302


def test_it_stands_in_the_navigation(signed_in, vera):
    assert '<a class="nav-link" href="/voice/"' in text_of(signed_in(vera).get("/"))


def test_without_answers_it_says_what_to_do(signed_in, alice, vera):
    page = text_of(signed_in(alice).get(VOICE))
    assert "No answers yet" in page
    assert "Import a file" in page
    assert "Import a file" not in text_of(signed_in(vera).get(VOICE))
    for kind in ("csat", "churn"):
        assert "No answers yet" in text_of(signed_in(alice).get(VOICE, {"kind": kind}))


# Figures ----------------------------------------------------------------------------------------------------


def test_the_score_is_told_with_its_margin(signed_in, vera):
    answers(*[10] * 20, *[8] * 10, *[2] * 10)
    page = text_of(signed_in(vera).get(VOICE))
    assert '+25 <span class="voice-margin">± 26</span>' in page  # 20 of 40 less 10 of 40
    assert "from 40 answers" in page
    assert "too few to tell</span>" not in page
    assert "There are no answers to compare with." in page
    assert "Detractors <b>10</b>" in page


def test_few_answers_are_called_too_few(signed_in, vera):
    answers(9, 9, 3)
    page = text_of(signed_in(vera).get(VOICE))
    assert '<span class="badge tone-yellow">too few to tell</span>' in page


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        ([0] * 40, [10] * 40, "That is more than chance explains."),
        ([0, 10] * 20, [10] * 21 + [0] * 19, "That may well be chance."),
        ([0] * 5, [10] * 40, "Too few answers to say whether that is chance."),
    ],
)
def test_a_change_says_whether_it_may_be_chance(signed_in, vera, before, now, words):
    answers(*now)
    answers(*before, answered_at=NOON - timedelta(days=100))
    assert shown(signed_in(vera).get(VOICE), words)


def test_three_ways_to_count_are_named(signed_in, vera):
    big, small = make_account(mrr=900), make_account(mrr=100)
    answers(10, contact=make_contact(big))
    for score in (0, 0, 10):
        answers(score, contact=make_contact(small))
    page = text_of(signed_in(vera).get(VOICE))
    for way, value in (("respondent", "0"), ("account", "+33"), ("MRR", "+87")):
        assert f"<dt>By {way}</dt><dd><strong>{value}</strong>" in page


def test_rates_are_told_with_what_they_are_made_of(signed_in, vera):
    survey = make_survey()
    for n in range(4):
        invite = make_invite(survey=survey, bounced_at=NOON if n == 3 else None)
        if n < 2:
            make_answer(invite.contact, 9, invite=invite, survey=survey, comment="Fine" if n else "")
    page = text_of(signed_in(vera).get(VOICE))
    assert "2 of 3 delivered invites were answered." in page
    assert "50% of them with a comment." in page


def test_a_part_leads_to_itself_alone(signed_in, vera):
    startups = Segment.objects.create(key="new-ones", name="New ones")
    answers(10, contact=make_contact(make_account(segment=startups)))
    answers(0)
    page = text_of(signed_in(vera).get(VOICE))
    assert 'href="/voice/?segment=new-ones">New ones</a>' in page
    alone = text_of(signed_in(vera).get(VOICE, {"segment": "new-ones"}))
    assert "from 1 answer" in alone
    assert '<option value="new-ones" selected>' in alone


def test_a_period_is_chosen_and_kept_in_the_address(signed_in, vera):
    answers(9)
    answers(9, answered_at=NOON - timedelta(days=100))
    browser = signed_in(vera)
    for query, count in (
        ({}, 1), ({"period": "365"}, 2), ({"period": "all"}, 2), ({"period": "quarter"}, 1), ({"period": "year"}, 1),
        ({"day_from": "2025-11-24", "day_to": "2025-11-24"}, 1), ({"day_from": "2025-11-24"}, 2),
    ):  # fmt: skip
        page = text_of(browser.get(VOICE, query))
        assert f"from {count} answer{'s' if count > 1 else ''}" in page, query


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"day_from": "soon"}, "This is not a date"),
        ({"day_from": "0001-01-01"}, "This day is too far away"),
        ({"day_to": "9999-12-31"}, "This day is too far away"),
        ({"day_from": "2026-03-01", "day_to": "2026-02-01"}, "This is before the first day"),
        ({"segment": "nothing"}, "There is no such choice any more"),
        ({"csm": "99999999999999999999"}, "There is no such choice any more"),
        ({"survey": "x"}, "There is no such choice any more"),
        ({"period": "7"}, "There is no such choice any more"),
        ({"kind": "poll"}, "There is no such choice any more"),
        ({"group": "x"}, "There is no such choice any more"),
        ({"q": "a\0b"}, "Null characters are not allowed"),
        ({"q": "x" * 201}, "at most 200 characters"),
    ],
)
def test_a_damaged_address_says_what_was_left_out(signed_in, vera, query, sentence):
    answers(9)
    response = signed_in(vera).get(VOICE, query)
    assert response.status_code == 422
    assert sentence in text_of(response)
    assert "In their words" in text_of(response)


# What they wrote --------------------------------------------------------------------------------------------


def test_comments_are_searched_and_filtered(signed_in, vera):
    make_answer(make_contact(language="fr"), 3, comment="L'export est <lent>")
    make_answer(make_contact(language="en"), 10, comment="Love it")
    make_answer(score=9)  # wrote nothing
    browser = signed_in(vera)

    def found(**query) -> list[bool]:
        page = text_of(browser.get(VOICE, query))
        return [word in page for word in ("L&#x27;export est &lt;lent&gt;", "Love it")]

    assert found() == [True, True]
    assert found(group="detractor") == [True, False]
    assert found(language="en") == [False, True]
    assert found(q="EXPORT") == [True, False]
    assert found(q="%") == [False, False]
    assert shown(browser.get(VOICE, {"q": "nobody at all"}), "No comment is like that")
    assert text_of(browser.get(VOICE)).count('class="voice-said"') == 2
    assert text_of(browser.get(VOICE, {"shown": "all"})).count('class="voice-said"') == 3


def test_htmx_gets_the_comments_alone(signed_in, vera):
    make_answer(score=3, comment="Slow")
    response = signed_in(vera).get(VOICE, {"q": "slow"}, HTTP_HX_REQUEST="true", HTTP_HX_TARGET="voice-comments")
    assert response["HX-Push-Url"] == "/voice/?q=slow"
    assert text_of(response).startswith('<section class="card" id="voice-comments"')


def test_long_lists_are_paged(signed_in, vera):
    for n in range(30):
        make_answer(score=5, comment=f"word-{n}-", answered_at=NOON - timedelta(minutes=n))
    browser = signed_in(vera)
    first = browser.get(VOICE)
    assert shown(first, "word-24-")
    assert not shown(first, "word-25-")
    after = first.context["page"].next
    second = browser.get(VOICE, {"after": after})
    assert shown(second, "word-25-")
    assert not shown(second, "word-24-")
    lost = browser.get(VOICE, {"after": "nonsense"})
    assert lost.status_code == 200
    assert shown(lost, "starts from the beginning")


def test_a_comment_leads_to_its_account_and_its_follow_up(signed_in, chloe):
    answer = make_answer(score=3, comment="Slow", contact=make_contact(make_account(name="Acme & Co", csm=chloe)))
    activity = Activity.objects.create(account=answer.account, kind="nps.answered", data={"answer": answer.pk})
    playbook = make_playbook("call-them", trigger="nps.answered")
    row = make_follow_up(answer.account, activity=activity, playbook=playbook, assignee=chloe)
    page = text_of(signed_in(chloe).get(VOICE))
    assert f'href="/accounts/{answer.account_id}/">Acme &amp; Co</a>' in page
    assert f'href="/follow-ups/{row.pk}/"' in page

    other = make_answer(score=2, comment="Very slow", contact=make_contact(answer.account))
    again = Activity.objects.create(account=other.account, kind="nps.answered", data={"answer": other.pk})
    row.repeats.create(activity=again)
    assert text_of(signed_in(chloe).get(VOICE)).count(f'href="/follow-ups/{row.pk}/"') == 2
    assert FollowUp.objects.count() == 1

    cancel(row, by=chloe, why="Double")
    assert "Follow-up: Canceled by Chloe" in text_of(signed_in(chloe).get(VOICE))


def test_the_page_asks_as_much_for_fifty_as_for_one(signed_in, vera, django_assert_max_num_queries):
    make_answer(score=3, comment="Slow")
    browser = signed_in(vera)
    with django_assert_max_num_queries(30) as few:
        browser.get(VOICE)
    for n in range(50):
        contact = make_contact(make_account(segment=Segment.objects.create(key=f"s{n}", name=f"S{n}")))
        make_answer(contact, n % 11, comment="x", survey=make_survey())
    with django_assert_max_num_queries(30) as many:
        browser.get(VOICE, {"shown": "all"})
    assert len(many) == len(few)


# The other kinds --------------------------------------------------------------------------------------------


def test_satisfaction_has_its_own_page(signed_in, vera):
    for score in (5, 4, 4, 1):
        make_answer(score=score, kind="csat", comment=f"Step {score}")
    make_answer(score=9, comment="Not here")
    page = text_of(signed_in(vera).get(VOICE, {"kind": "csat"}))
    assert '<span class="stat-value">75%' in page
    assert "3.5" in page
    assert "Step 5" in page
    assert "Not here" not in page


def test_why_they_left_has_its_own_page(signed_in, vera):
    for reason in ("price", "price", "competitor"):
        make_answer(score=None, kind="churn", reason=reason, comment="Bye")
    page = text_of(signed_in(vera).get(VOICE, {"kind": "churn"}))
    assert "Price <b>2</b>" in page
    assert "Competitor <b>1</b>" in page
    assert page.count("Bye") == 3


# The file ---------------------------------------------------------------------------------------------------


def test_the_file_has_what_the_page_shows(signed_in, chloe, vera):
    make_answer(make_contact(make_account(external_id="acme", name="=Acme")), 3, comment="=1+1\nSlow")
    make_answer(score=10, answered_at=NOON - timedelta(days=200))
    response = signed_in(chloe).get(reverse("health:voice_export"))
    rows = list(csv.DictReader(response.getvalue().decode().splitlines(keepends=True)))
    assert [(row["account"], row["account_name"], row["score"], row["group"], row["comment"]) for row in rows] == [
        ("acme", "'=Acme", "3", "detractor", "'=1+1\nSlow")
    ]
    assert response["Content-Disposition"] == f'attachment; filename="answers-{timezone.localdate()}.csv"'
    assert signed_in(vera).get(reverse("health:voice_export")).status_code == 404
