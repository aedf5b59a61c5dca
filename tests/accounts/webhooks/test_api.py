"""Webhooks over the API: made, looked at, changed, tried, by programs that may do all."""

import pytest
from rest_framework.test import APIClient

from accounts.domain import dispatch, webhooks
from accounts.domain.tokens import create_token
from accounts.domain.webhooks import signing
from accounts.models import IdempotentReply, Webhook, WebhookDelivery
from tests.accounts.spine import NOON, contract

pytestmark = pytest.mark.django_db
MADE = {"url": "https://8.8.8.8/in", "events": ["mrr.new", "account.churned"]}


def program(*scopes: str) -> APIClient:
    _row, token = create_token(name="+".join(scopes), scopes=scopes)
    return APIClient(HTTP_AUTHORIZATION=f"Bearer {token}")


@pytest.fixture
def admin(db) -> APIClient:
    return program("admin")


def test_one_is_made_shown_changed_and_removed(admin, clock):
    made = admin.post("/api/v1/webhooks", MADE, format="json")
    row = Webhook.objects.get()
    told = {
        "id": row.pk,
        "name": "8.8.8.8",
        "url": "https://8.8.8.8/in",
        "events": ["account.churned", "mrr.new"],
        "active": True,
        "gone_at": None,
        "created_at": "2026-03-04T12:00:00Z",
        "delivered_at": None,
        "failures": 0,
        "failing_since": None,
    }
    assert (made.status_code, made.headers["Cache-Control"]) == (201, "no-store")
    assert made.json() == {**told, "secret": signing.secret_of(row.seal)}
    assert admin.get(f"/api/v1/webhooks/{row.pk}").json() == told
    assert admin.get("/api/v1/webhooks").json() == {"next": None, "previous": None, "results": [told]}

    changed = admin.patch(f"/api/v1/webhooks/{row.pk}", {"name": "Billing", "active": False}, format="json")
    assert changed.json() == {**told, "name": "Billing", "active": False}

    changed = admin.post(f"/api/v1/webhooks/{row.pk}/secret")
    row.refresh_from_db()
    assert changed.status_code == 201
    assert changed.json() == {
        "secret": signing.secret_of(row.seal),
        "old_secret_until": "2026-03-05T12:00:00Z",
    }
    assert admin.delete(f"/api/v1/webhooks/{row.pk}").status_code == 204
    assert admin.get(f"/api/v1/webhooks/{row.pk}").status_code == 404


def test_a_replay_answers_the_same_without_the_secret(admin):
    first, again = (admin.post("/api/v1/webhooks", MADE, format="json", HTTP_IDEMPOTENCY_KEY="k") for _n in range(2))
    assert again.json() == {**first.json(), "secret": None}
    assert first.json()["secret"].startswith("whsec_")
    assert first.json()["secret"].encode() not in bytes(IdempotentReply.objects.get().body)
    assert Webhook.objects.count() == 1


@pytest.mark.parametrize("scopes", [("read",), ("ingest",), ("write",), ("read", "ingest", "write")])
def test_only_programs_that_may_do_all_of_it_come_near(scopes):
    other, row = program(*scopes), Webhook.objects.create(name="H", url="https://h.example", events=[], seal="x")
    answers = [
        other.get("/api/v1/webhooks"),
        other.post("/api/v1/webhooks", MADE, format="json"),
        other.get(f"/api/v1/webhooks/{row.pk}"),
        other.patch(f"/api/v1/webhooks/{row.pk}", {}, format="json"),
        other.delete(f"/api/v1/webhooks/{row.pk}"),
        other.post(f"/api/v1/webhooks/{row.pk}/secret"),
        other.get(f"/api/v1/webhooks/{row.pk}/deliveries"),
        APIClient().get("/api/v1/webhooks"),
    ]
    assert [answer.status_code for answer in answers] == [403] * 7 + [401]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "https://localhost/", "https://127.1/", "https://2130706433/", "https://0x7f.1/",
        "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://10.0.0.1/", "https://172.16.5.4/", "https://192.168.0.9/",
        "https://169.254.169.254/latest/meta-data/", "https://[fd00:ec2::254]/", "https://0.0.0.0/", "https://100.64.0.1/",
        "https://[64:ff9b::7f00:1]/", "https://[fe80::1]/", "https://224.0.0.1/", "http://8.8.8.8/", "https://me:pw@8.8.8.8/",
        "https://8.8.8.8:22/", "ftp://8.8.8.8/", "file:///etc/passwd", "javascript:alert(1)", "//8.8.8.8/", "", "hook",
        "https://8.8.8.8/\r\nX: y", f"https://8.8.8.8/{'a' * 2000}",
    ],
)  # fmt: skip
def test_addresses_that_are_refused(admin, url):
    answer = admin.post("/api/v1/webhooks", {**MADE, "url": url}, format="json")
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["url"])
    row, _secret = webhooks.add(**MADE)
    assert admin.patch(f"/api/v1/webhooks/{row.pk}", {"url": url}, format="json").status_code == 422
    assert Webhook.objects.get().url == MADE["url"]


def test_a_name_that_leads_inside_is_refused_and_one_that_nobody_knows_yet_is_not(admin, monkeypatch):
    known = {"inside.example": "10.0.0.7"}

    def resolve(host, port, **_kwargs):
        if host not in known:
            raise OSError
        return [(2, 1, 6, "", (known[host], port))]

    monkeypatch.setattr("socket.getaddrinfo", resolve)
    answers = [admin.post("/api/v1/webhooks", {**MADE, "url": f"https://{host}/"}, format="json")
               for host in ("inside.example", "new.example")]  # fmt: skip
    assert [answer.status_code for answer in answers] == [422, 201]
    assert answers[0].json()["errors"] == {
        "url": ["This address leads into a private network, which is not asked from here."]
    }


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"events": []}, "events"),
        ({"events": ["no.such"]}, "events"),
        ({"events": "mrr.new"}, "events"),
        ({"events": [None]}, "events"),
        ({"events": ["mrr.new\x00"] * 501}, "events"),
        ({"url": None}, "url"),
        ({"url": 7}, "url"),
        ({"name": "x" * 201}, "name"),
        ({"active": "yes"}, "active"),
        ({"secret": "mine"}, "secret"),
    ],
)
def test_what_cannot_be_taken_is_named(admin, sent, field):
    answer = admin.post("/api/v1/webhooks", {**MADE, **sent}, format="json")
    assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])
    assert Webhook.objects.count() == 0


def test_there_are_twenty_at_most(admin):
    Webhook.objects.bulk_create(Webhook(name=f"{n}", url="https://h.example", events=[], seal="x") for n in range(20))
    answer = admin.post("/api/v1/webhooks", MADE, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many")


def test_deliveries_are_listed_tested_and_sent_again(hook, acme, receiver):
    admin = program("admin")
    receiver.status, receiver.body = 500, b"<script>alert(1)</script>"
    contract(acme)
    dispatch.dispatch_waiting()
    webhooks.send_to(hook.pk)
    WebhookDelivery.objects.update(took=12)
    row = WebhookDelivery.objects.get()
    told = {
        "id": row.pk,
        "message_id": f"msg_{row.message.hex}",
        "event": "mrr.contracted",
        "account": "acme",
        "status": "waiting",
        "attempts": 1,
        "created_at": "2026-03-04T12:00:00Z",
        "tried_at": "2026-03-04T12:00:00Z",
        "next_attempt_at": row.next_attempt_at.isoformat().replace("+00:00", "Z"),
        "status_code": 500,
        "milliseconds": 12,
        "problem": "",
        "response": "<script>alert(1)</script>",
    }
    base = f"/api/v1/webhooks/{hook.pk}"
    assert admin.get(f"{base}/deliveries").json()["results"] == [told]
    assert admin.get(f"{base}/deliveries?status=delivered").json()["results"] == []
    assert admin.get(f"{base}/deliveries?status=odd").status_code == 422

    tested = admin.post(f"{base}/test")
    assert (tested.status_code, tested.json()["event"], tested.json()["account"]) == (202, "webhook.test", None)
    assert [one["id"] for one in admin.get(f"{base}/deliveries").json()["results"]] == [tested.json()["id"], row.pk]

    again = admin.post(f"{base}/deliveries/{row.pk}/again")
    assert (again.status_code, again.json()["attempts"], again.json()["next_attempt_at"]) == (
        202, 0, NOON.isoformat().replace("+00:00", "Z"),
    )  # fmt: skip
    assert admin.post(f"{base}/deliveries/999999/again").status_code == 404
    webhooks.switch_off(hook)
    assert admin.post(f"{base}/test").json()["code"] == "switched_off"


def test_events_are_listed(admin):
    listed = {row["event"]: row["label"] for row in admin.get("/api/v1/webhook-events").json()["events"]}
    assert listed["mrr.contracted"] == "MRR contracted"
