"""Follow-ups speak the language of who gets them, what is sent that of whom it is sent to; pages their reader's."""

import pytest
import time_machine
from django.db import transaction
from django.utils import translation

from accounts.domain import dispatch
from accounts.domain.activity import record
from accounts.domain.dropping import dropped_in_words
from accounts.domain.followups.endings import ending_of
from accounts.domain.playbooks import install_defaults
from accounts.domain.timeline import Entry
from accounts.domain.wording import Words, reason_for, sentence_of
from accounts.models import Activity, Contact, FollowUp, Playbook
from accounts.registry import reactions
from tests.accounts.spine import NOON, contract, make_account, make_playbook

pytestmark = pytest.mark.django_db
MRR = {"subscription": "S-1", "before": "150", "after": "60", "amount": "-90", "currency": "USD"}
SPACE = "\u00a0"
LETTER = [{"name": "Call", "subject": "Your change of plan", "body": "{mrr} · {account}"}]


@pytest.fixture(scope="module")
def _no_playbooks(shared) -> None:
    Playbook.objects.all().delete()


@pytest.fixture(autouse=True)
def _alone(_no_playbooks, db, monkeypatch):
    """No default playbooks, and none of the other apps' reactions."""
    monkeypatch.setattr(reactions, "items", {})
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def acme(chloe):
    chloe.language = "fr"
    chloe.save()
    return make_account(csm=chloe, mrr=500)


def test_a_default_playbook_opens_in_the_language_of_who_gets_it(acme):
    install_defaults()
    contract(acme, before=5000, after=300)

    dispatch.dispatch_waiting()

    row = FollowUp.objects.get(playbook__key="contraction")
    assert row.title == "Acme paie moins\xa0: comprendre à quoi servait 20 seats"
    assert row.steps[0]["text"] == "Regarder l’utilisation de ce qui a été abandonné"
    assert row.texts[0]["subject"] == "Votre changement d’offre"


def test_what_an_admin_wrote_stays_as_it_is(acme):
    make_playbook(title="Ring {account} right now", steps=["Own words"])
    contract(acme)

    dispatch.dispatch_waiting()

    row = FollowUp.objects.get()
    assert (row.title, row.steps[0]["text"]) == ("Ring Acme right now", "Own words")


@pytest.mark.parametrize(
    ("language", "subject", "body"),
    [
        ("ro", "Schimbarea planului dumneavoastră", "500\xa0USD · Acme"),
        ("en-GB", "Your change of plan", "$500 · Acme"),
        ("fr", "Votre changement d’offre", "500\xa0$US · Acme"),
        ("", "Votre changement d’offre", "500\xa0$US · Acme"),
        ("de", "Votre changement d’offre", "500\xa0$US · Acme"),
    ],
)
def test_what_is_sent_speaks_the_contacts_language_if_that_is_ours(acme, language, subject, body):
    Contact.objects.create(account=acme, email="kim@acme.example", name="Kim", language=language)
    make_playbook(texts=LETTER)
    contract(acme)

    dispatch.dispatch_waiting()

    (text,) = FollowUp.objects.get().texts
    assert (text["subject"], text["body"]) == (subject, body)
    with translation.override("fr"):
        assert text["name"] == translation.gettext("Call")  # it is for who sends it


def test_it_is_the_person_the_activity_is_about_who_is_written_to(acme):
    Contact.objects.create(account=acme, email="kim@acme.example", name="Kim", language="fr", champion=True)
    Contact.objects.create(account=acme, email="dana@acme.example", name="Dana", language="en")
    make_playbook(trigger="call.logged", texts=LETTER)
    with transaction.atomic():
        record(acme, "call.logged", contact="Dana", minutes=5, summary="x", two_way=True)

    dispatch.dispatch_waiting()

    assert FollowUp.objects.get().texts[0]["subject"] == "Your change of plan"


def test_why_it_came_and_why_it_went_is_read_in_ones_own_language(acme):
    make_playbook(closes_on="mrr.expanded")
    contract(acme)
    dispatch.dispatch_waiting()
    with time_machine.travel(NOON.replace(hour=14), tick=False), transaction.atomic():
        record(acme, "mrr.expanded", subscription="S-1", before=300, after=500, amount=200, currency="USD")
    dispatch.dispatch_waiting()

    row = FollowUp.objects.get()
    closed = Entry(Activity.objects.select_related("cause").get(kind="followup.closed"))
    with translation.override("fr"):
        why = Entry(Activity.objects.get(kind="mrr.expanded")).sentence
        read = (reason_for(row), ending_of(row).why, closed.sentence)
    assert why != "Expansion: MRR $300 → $500"
    assert why == read[1]
    assert why in read[2]
    assert read[0] != row.reason == "Contraction: MRR $500 → $300, dropped: 20 seats"
    with translation.override("en"):
        assert ending_of(row).why == row.outcome_note == "Expansion: MRR $300 → $500"


def test_the_settings_name_unchanged_playbooks_in_the_readers_language(alice, signed_in):
    alice.language = "fr"
    alice.save()
    default = make_playbook(key="usage_drop", name="Usage dropped")
    own = make_playbook(key="own", name="An own name")
    browser = signed_in(alice)

    with translation.override("en"):  # pages leave their language behind
        shown = {row["playbook"].pk: row["name"] for row in browser.get("/settings/playbooks/").context["rows"]}
        editor = browser.get(f"/settings/playbooks/{default.pk}/")

    assert shown == {default.pk: "Utilisation en baisse", own.pk: "An own name"}
    assert editor.context["form"].initial["name"] == "Usage dropped"  # what is edited is what is stored


@pytest.mark.parametrize(
    ("kind", "data", "sentence"),
    [
        (
            "renewal.intent_answered",
            {"contact": "Kim", "score": 6, "comment": ""},
            "Kim is 6 of 10 likely to renew.",
        ),
        (
            "renewal.intent_answered",
            {"contact": "Kim", "score": 6, "comment": "Price –"},
            "Kim is 6 of 10 likely to renew. Price –",
        ),
        ("nps.answered", {"contact": "Kim", "score": 7, "group": "passive"}, "Kim gives 7 of 10 (Passive)"),
        ("account.csm_assigned", {"before": "Chloe", "after": ""}, "CSM: Chloe → –"),
        (
            "renewal.disputed",
            {"subscription": "S-1", "model": "90", "call": "41", "intent": None, "settle_by": "soon"},
            "Renewal of S-1: health 90%, CSM 41%, customer –. To be settled by soon",
        ),
    ],
)
def test_a_comment_that_nobody_wrote_leaves_no_dash(kind, data, sentence):
    assert sentence_of(kind, data) == sentence
    assert Entry(Activity(kind=kind, data=data)).sentence == sentence


def test_what_somebody_wrote_stays_as_it_was_written():
    assert sentence_of("note.written", {"text": "2024-03-04"}) == "2024-03-04"
    assert sentence_of("trial.ending", {"subscription": "2024-03-04", "ends_on": "2024-03-04"}) == (
        "Trial of 2024-03-04 ends on Mar 4, 2024"
    )


def test_what_nobody_knows_is_said_in_a_word():
    told = Words("mrr.contracted", {"in_use": "", "dropped": ""}, {})
    assert (told["in_use"], told["dropped"]) == ("not known", "–")


@pytest.mark.parametrize(
    ("kind", "data", "told"),
    [
        ("account.updated", {"fields": "domain, custom fields", "changes": {"domain": ["", "a.fr"], "onboarding": []}},
         f"Modifié{SPACE}: domaine, champs personnalisés"),
        ("account.updated", {"fields": "domain"}, f"Modifié{SPACE}: domain"),  # as it was kept once
        ("subscription.changed", {"subscription": "S-1", "what": "added", "changes": {}}, f"Abonnement S-1{SPACE}: ajouté"),
        ("subscription.changed",
         {"subscription": "S-1", "what": "…", "changes": {
             "plan": ["pro", "–"], "unit_amount": ["10.5", "8"], "interval": ["month", "year"], "auto_renew": ["yes", "no"]}},
         f"Abonnement S-1{SPACE}: offre pro → –, prix 10,5 → 8, facturation tous les Mois → Année, renouvellement automatique oui → non"),
        ("subscription.changed", {"subscription": "S-1", "what": "seats 1 → 2"}, f"Abonnement S-1{SPACE}: seats 1 → 2"),
        ("mrr.contracted", MRR | {"dropped": "price", "gone": {"plan": None, "seats": None, "yearly": False}},
         f"Contraction{SPACE}: MRR 150{SPACE}$US → 60{SPACE}$US, abandonné{SPACE}: prix"),
        ("mrr.contracted", MRR | {"dropped": "price"}, f"Contraction{SPACE}: MRR 150{SPACE}$US → 60{SPACE}$US, abandonné{SPACE}: price"),
        ("plan.change_undone", {"subscription": "S-1", "what": "Pro → Basic, seats 10 → 4, paid by the month",
                                "changes": {"plan": ["Pro", "Basic"], "seats": [10, 4], "interval": "month"}},
         f"S-1 reste inchangé, sans{SPACE}: Pro → Basic, licences 10 → 4, paiement au mois"),
    ],
)  # fmt: skip
def test_facts_that_were_kept_are_told_in_the_readers_language(kind, data, told):
    with translation.override("fr"):
        assert sentence_of(kind, data) == told


def test_whether_it_was_in_use_is_told_in_the_readers_language():
    use = {"usage": {"active": 8, "seats": [10, 6], "used": {"first": [["Boards", 1200]], "more": 2}}}
    with translation.override("fr"):
        told = Words("mrr.contracted", {"in_use": "8 of 10 seats were active", "use": use}, {})["in_use"]
    assert told == (
        f"Licences actives en 28 jours{SPACE}: 8 sur 10, soit 2 de plus que ce qui reste. "
        f"Utilisé en 28 jours{SPACE}: Boards (1\u202f200×) et 2 de plus"
    )


def test_a_reason_reads_well_on_the_last_day_too() -> None:
    data = {"subscription": "C-1", "decision_date": "2020-11-24", "left": 1}
    assert sentence_of("renewal.term_ending", data, "en") == "C-1: decision by Nov 24, 2020 (days left: 1)"
    finished = {"template": "Basics", "days": 1}
    assert sentence_of("checklist.finished", finished, "en") == "Onboarding finished: Basics (days it took: 1)"


@pytest.mark.parametrize(("seats", "words"), [([1, 1], "1 of 1 seat"), ([1, 2], "1 of 2 seats")])
def test_a_noun_follows_the_number_it_stands_behind(seats, words):
    assert dropped_in_words({"gone": {"plan": "", "seats": seats, "yearly": False}}) == words
