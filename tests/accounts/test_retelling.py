"""What default playbooks have written is read in one's own language; what people wrote, as they wrote it."""

import pytest
import time_machine
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.domain import dispatch, followups
from accounts.domain.activity import Actor
from accounts.domain.playbooks import install_defaults
from accounts.domain.retelling import instructions_of, kept_titles, retold, steps_of, texts_of, title_of
from accounts.domain.timeline import Entry
from accounts.domain.wording import Template
from accounts.models import Activity, FollowUp, Playbook
from accounts.registry import playbook_defaults, reactions
from tests.accounts.queue import ids, words
from tests.accounts.spine import NOON, contract, make_account, make_follow_up

pytestmark = pytest.mark.django_db
FACTS = {"subscription": "S-1", "before": "500", "after": "300", "amount": "-200", "currency": "USD"}
DATA = FACTS | {"dropped": "20 seats"}
TITLE = "{account} pays less: ask about {dropped}"


@pytest.fixture(autouse=True)
def _alone(db, monkeypatch):
    monkeypatch.setattr(reactions, "items", {})
    Playbook.objects.all().delete()
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def acme(chloe):
    return make_account(csm=chloe, mrr=500)


@pytest.fixture
def row(acme):
    """Opened by a default playbook, in English."""
    install_defaults()
    contract(acme)
    dispatch.dispatch_waiting()
    return FollowUp.objects.select_related("activity", "account").get(kind="contraction")


def default(key="contraction"):
    return next(default for default in playbook_defaults if default.key == key)


def filled(template, account="Acme"):
    facts = {"account": account, "contact": "Acme", "dropped": "20 seats"}
    return Template(_(str(template))).fill(facts)


@pytest.mark.parametrize("language", ["fr", "ro"])
def test_each_reads_it_in_their_own_language(row, language):
    assert row.title == "Acme pays less: ask about 20 seats"
    with translation.override(language):
        assert title_of(row) == filled(TITLE) != row.title
        assert instructions_of(row) != row.instructions
        assert [step["text"] for step in steps_of(row)] == [filled(step) for step in default().steps]
        assert [text["name"] for text in texts_of(row)] == [str(text["name"]) for text in default().texts]
        assert [text["body"] for text in texts_of(row)] == [text["body"] for text in row.texts]  # the contact's


def test_back_again_it_is_what_it_was(row):
    kept = row.title, row.instructions, row.steps
    with translation.override("fr"):
        row.title, row.instructions, row.steps = title_of(row), instructions_of(row), steps_of(row)
    assert (title_of(row), instructions_of(row), steps_of(row)) == kept


@pytest.mark.parametrize(
    "written",
    ["Acme pays less: ask about 20 seats today", "Acme pays less", "Do ring: Acme pays less: ask for 20 seats", ""],
)
def test_what_an_admin_or_a_csm_wrote_stays_as_written(row, written):
    with translation.override("fr"):
        assert retold("title", written, "mrr.contracted", DATA) == written
        assert retold("title", row.title, "call.logged", DATA) == row.title  # the default is about something else
        assert retold("title", row.title, None, None) == row.title


def test_names_are_left_as_they_stand_also_where_they_look_like_templates(acme):
    for name in ("{dropped}", "50 % & Söhne", "Urgent: Acme"):
        with translation.override("fr"):
            assert retold("title", f"{name} pays less: ask about 20 seats", "mrr.contracted", DATA) == filled(
                TITLE, name
            )


@pytest.mark.parametrize(
    ("language", "other", "contact", "account"),
    [
        ("fr", "en", "Charles de Gaulle", "Acme"),
        ("ro", "en", "Ana de la Roma", "Cafea de la Roma"),
        ("en", "fr", "Jane", "Bank of America"),
        ("en", "fr", "Bank of America", "Bank of America"),  # nobody is known there
        ("en", "fr", "Jane", "of"),
        ("en", "fr", "Call", "Call of Acme: 3"),
    ],
)
def test_who_is_called_of_something_keeps_the_name(language, other, contact, account):
    facts = {"contact": contact, "account": account, "score": "3"}
    said = {}
    for code in (language, other):
        with translation.override(code):
            said[code] = Template(_(str(default("detractor").title))).fill(facts)
    with translation.override(other):
        assert retold("title", said[language], "nps.answered", {"score": 3}, account=account) == said[other]


def test_the_name_is_known_wherever_one_reads_it(chloe, acme, signed_in):
    about = Activity.objects.create(account=acme, kind="nps.answered", data={"score": 3})
    title = "Appeler Charles de Gaulle de Acme\N{NO-BREAK SPACE}: 3 sur 10"
    row = make_follow_up(acme, assignee=chloe, title=title, activity=about)
    client = signed_in(chloe)
    for url in ("/", f"/follow-ups/{row.pk}/", f"/accounts/{acme.pk}/"):
        assert "Call Charles de Gaulle of Acme: 3 of 10" in words(client.get(url)), url


def test_facts_are_told_anew_and_what_is_no_longer_known_is_left():
    data = {"name": "S-1", "ends_on": "2026-04-01"}
    kind = default("trial_ending").trigger
    with translation.override("fr"):
        assert "avr" in retold("title", "Acme: trial ends on Apr 1, 2026", kind, data | {"subscription": "S-1"})
        assert "Apr 1, 2026" in retold("title", "Acme: trial ends on Apr 1, 2026", kind, {})


def test_titles_of_all_default_playbooks_are_known_again_in_all_languages():
    for one in playbook_defaults:
        said = {}
        for code, _name in settings.LANGUAGES:
            with translation.override(code):
                said[code] = str(one.title)
        for code, _name in settings.LANGUAGES:
            with translation.override(code):
                assert {retold("title", text, one.trigger, {}) for text in said.values()} == {said[code]}


def test_the_queue_and_the_page_of_a_french_reader_speak_french(row, chloe, signed_in):
    chloe.language = "fr"
    chloe.save()
    client = signed_in(chloe)
    with translation.override("fr"):
        title, step = filled(TITLE).replace("\xa0", " "), str(default().steps[0])

    for url in ("/", f"/follow-ups/{row.pk}/", f"/follow-ups/{row.pk}/done/", f"/accounts/{row.account_id}/"):
        read = words(client.get(url))
        assert title in read, url
        assert row.title not in read, url
    assert step.replace("\xa0", " ") in words(client.get(f"/follow-ups/{row.pk}/"))


def test_one_searches_for_what_one_reads_or_for_what_is_kept(row, chloe, signed_in):
    chloe.language = "fr"
    chloe.save()
    client = signed_in(chloe)
    with translation.override("fr"):
        sought = _(TITLE).split("{account}")[1].split("{dropped}")[0].strip().upper()

    assert [ids(client.get("/", {"q": text})) for text in (sought, "pays less", "acme", "no such words")] == [
        [row.pk],
        [row.pk],
        [row.pk],
        [],
    ]
    assert kept_titles("") == kept_titles("no such words") == []


def test_the_timeline_and_the_mail_about_what_is_late_call_it_so_too(row, alice, chloe, cyril):
    with translation.override("fr"):
        title = filled(TITLE)
    followups.hand_over_all(chloe, by=alice, to=cyril)
    followups.move_along({row.account_id: (cyril.pk, chloe.pk)}, by=alice)
    followups.complete(row, by=Actor.of(chloe), outcome="helped")

    told = [Entry(a) for a in Activity.objects.select_related("cause").filter(kind__startswith="followup.")]
    with translation.override("fr"):
        assert [title in entry.sentence for entry in told] == [True] * 4
