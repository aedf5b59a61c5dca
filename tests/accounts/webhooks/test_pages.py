"""The admin's page: nobody listens yet, one is added, its deliveries are looked at."""

import re

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.domain import dispatch, webhooks
from accounts.domain.activity import record
from accounts.domain.deliveries import story
from accounts.domain.privacy import erase_contact
from accounts.domain.webhooks import signing
from accounts.models import Activity, AuditEntry, Contact, Webhook, WebhookDelivery
from tests.accounts.spine import contract

pytestmark = pytest.mark.django_db
MADE = {"url": "https://8.8.8.8/in", "name": "Billing", "events": ["mrr.new", "account.churned"]}


def text(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_an_admin_adds_one_and_sees_its_secret_once(alice, signed_in):
    browser = signed_in(alice)
    assert "Nobody listens yet" in text(browser.get("/settings/webhooks/"))

    made = browser.post("/settings/webhooks/add/", MADE)
    row = Webhook.objects.get()
    secret = signing.secret_of(row.seal)
    assert (made.status_code, made.headers["Cache-Control"]) == (200, "no-store")
    assert secret in made.content.decode()
    assert (row.url, row.name, row.events, row.created_by) == (MADE["url"], "Billing", sorted(MADE["events"]), alice)

    for path in ("", f"{row.pk}/", f"{row.pk}/edit/"):
        page = browser.get(f"/settings/webhooks/{path}")
        assert "8.8.8.8" in page.content.decode()
        assert secret not in page.content.decode()


@pytest.mark.parametrize(
    ("sent", "field", "sentence"),
    [
        ({"url": "https://10.0.0.1/"}, "url", "This address leads into a private network, which is not asked from here."),
        ({"url": "http://8.8.8.8/"}, "url", "The address must be protected: it begins with https://."),
        ({"url": "mailto:x"}, "url", "This is not an address on the web (https://…)."),
        ({"events": []}, "events", "Choose at least one event."),
        ({"name": "x" * 81}, "name", "Ensure this value has at most 80 characters (it has 81)."),
    ],
)  # fmt: skip
def test_a_bad_form_comes_back_with_what_was_typed(alice, signed_in, sent, field, sentence):
    browser = signed_in(alice)
    answer = browser.post("/settings/webhooks/add/", {**MADE, **sent})
    assert (answer.status_code, answer.context["form"].errors) == (422, {field: [sentence]})
    assert {**MADE, **sent}["name"] in answer.content.decode()

    row, _secret = webhooks.add(**MADE)
    assert browser.post(f"/settings/webhooks/{row.pk}/edit/", {**MADE, **sent}).status_code == 422
    assert Webhook.objects.get().url == MADE["url"]


def test_all_that_is_decided_is_in_the_audit_and_no_secret(alice, signed_in):
    browser = signed_in(alice)
    browser.post("/settings/webhooks/add/", MADE)
    row = Webhook.objects.get()
    browser.post(f"/settings/webhooks/{row.pk}/edit/", {**MADE, "url": "https://8.8.4.4/in"})
    for verb in ("off", "on", "secret", "delete"):
        browser.post(f"/settings/webhooks/{row.pk}/{verb}/")

    entries = AuditEntry.objects.filter(kind="accounts.webhook").order_by("pk")
    assert [(e.operation, e.user, sorted(e.after)) for e in entries] == [
        ("insert", alice, ["active", "events", "gone_at", "name", "rotated_at", "url"]),
        ("update", alice, ["url"]),
        ("update", alice, ["active"]),
        ("update", alice, ["active"]),
        ("update", alice, ["rotated_at"]),
        ("delete", alice, []),
    ]
    assert "seal" not in str(list(entries.values()))
    assert Webhook.objects.count() == 0


def test_what_became_of_deliveries_is_shown_with_nothing_of_the_answer_run(hook, acme, receiver, alice, signed_in):
    browser = signed_in(alice)
    receiver.status, receiver.body = 500, b"<script>alert(1)</script>"
    contract(acme)
    dispatch.dispatch_waiting()
    webhooks.send_to(hook.pk)

    page = browser.get(f"/settings/webhooks/{hook.pk}/")
    assert "&lt;script&gt;alert(1)" in page.content.decode()
    assert "<script>alert(1)" not in page.content.decode()
    for words in ("MRR contracted · Acme", "Answered 500", "1 attempt ·", "The last attempt has failed."):
        assert words in text(page)
    assert "None is like that" in text(browser.get(f"/settings/webhooks/{hook.pk}/?state=delivered"))
    assert [(e.who, e.status, e.note) for e in story(Activity.objects.get())["endings"]] == [
        ("Billing", "Waiting", "Answered 500")
    ]

    row = WebhookDelivery.objects.get()
    receiver.status = 200
    browser.post(f"/settings/webhooks/{hook.pk}/test/")
    browser.post(f"/settings/webhooks/{hook.pk}/deliveries/{row.pk}/again/")
    webhooks.send_to(hook.pk)
    assert list(WebhookDelivery.objects.values_list("status", "code")) == [("delivered", 200)] * 2
    assert browser.post(f"/settings/webhooks/{hook.pk + 1}/deliveries/{row.pk}/again/").status_code == 404


def test_as_many_queries_for_fifty_deliveries_as_for_one(hook, acme, alice, signed_in):
    browser, counts = signed_in(alice), []
    for count in (1, 59):
        for _n in range(count):
            contract(acme)
        dispatch.dispatch_waiting()
        with CaptureQueriesContext(connection) as asked:
            page = browser.get(f"/settings/webhooks/{hook.pk}/")
        counts.append(len(asked))
    assert counts[0] == counts[1]
    last = browser.get(f"/settings/webhooks/{hook.pk}/?after={page.context['page'].next}")
    assert [len(p.context["page"].rows) for p in (page, last)] == [50, 10]
    assert browser.get(f"/settings/webhooks/{hook.pk}/?after=odd&state=odd").status_code == 200


def test_who_is_forgotten_is_in_no_answer_that_is_kept(hook, acme, receiver):
    webhooks.change(hook, events=["contact.added"])
    kim = Contact.objects.create(account=acme, email="kim@acme.example", name="Kim Smith")
    with transaction.atomic():
        record(acme, "contact.added", name="Kim Smith", email="kim@acme.example")
    receiver.status, receiver.body = 200, b"thank you for kim@acme.example"
    dispatch.dispatch_waiting()
    webhooks.send_to(hook.pk)
    assert "kim@acme.example" in WebhookDelivery.objects.get().response

    erase_contact(kim, by=None)
    assert WebhookDelivery.objects.get().response == ""
