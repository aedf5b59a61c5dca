"""From what happened to a program elsewhere: what is sent, when again, and when no more."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.domain import dispatch, webhooks
from accounts.domain.activity import Fact, record, record_facts
from accounts.domain.webhooks import sending, signing
from accounts.models import Activity, Mail, Webhook, WebhookDelivery
from accounts.tasks import send_to_webhook, send_webhooks
from tests.accounts.spine import NOON, contract, make_account, make_playbook

pytestmark = pytest.mark.django_db
S, M, H = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


def go() -> list[tuple[Any, ...]]:
    """The dispatcher and the senders once; how each delivery stands then."""
    dispatch.dispatch_waiting()
    for pk in webhooks.due():
        webhooks.send_to(pk)
    rows = WebhookDelivery.objects.order_by("pk")
    return list(rows.values_list("status", "code", "attempts"))


def verified(headers: dict[str, str], body: bytes, secret: str) -> bool:
    """As a receiver does it, from the specification alone."""
    signed = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
    made = hmac.new(base64.b64decode(secret.split("_", 1)[1]), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(made).decode()}" in headers["webhook-signature"].split(" ")


def test_what_happened_arrives_signed_and_by_the_callers_own_ids(hook, acme, receiver, queue):
    contract(acme)
    queue.commit()
    queue.drain()

    ((headers, body),) = receiver.got
    assert json.loads(body) == {
        "type": "mrr.contracted",
        "timestamp": "2026-03-04T12:00:00Z",
        "data": {
            "account": "acme",
            "subscription": "S-1",
            "plan": "Pro",
            "before": "500",
            "after": "300",
            "amount": "-200",
            "currency": "USD",
            "dropped": "20 seats",
        },
    }
    row = WebhookDelivery.objects.get()
    assert headers["content-type"] == "application/json"
    assert headers["webhook-id"] == f"msg_{row.message.hex}"
    assert headers["webhook-timestamp"] == str(int(NOON.timestamp()))
    assert verified(headers, body, signing.secret_of(hook.seal))
    assert not verified(headers, body + b" ", signing.secret_of(hook.seal))
    assert (row.status, row.code, row.attempts, row.problem, row.ended_at) == ("delivered", 204, 1, "", NOON)
    assert Webhook.objects.values_list("delivered_at", "failures").get() == (NOON, 0)


def test_signatures_are_those_of_the_specification():
    """The vector of the published reference implementations."""
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    made = signing.sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_kind_that_only_a_webhook_hears_is_dispatched_and_others_are_not(hook, acme):
    with transaction.atomic():
        heard = record(acme, "followup.opened", follow_up=7, title="Call")
        unheard = record(acme, "followup.canceled", follow_up=7, title="Call", why="Enough")
    assert (heard.dispatched_at, unheard.dispatched_at) == (None, NOON)

    assert go() == [("delivered", 204, 1)]
    webhooks.switch_off(hook)
    with transaction.atomic():
        assert record(acme, "followup.opened", follow_up=8, title="Call").dispatched_at == NOON


def test_words_and_what_is_internal_stay_here_what_the_api_addresses_goes(quiet, receiver, acme):
    webhooks.add(url=receiver.url, events=["call.logged", "followup.done", "account.updated"])
    with transaction.atomic():
        record(acme, "call.logged", contact="Kim", minutes=5, summary="Kim is ill", two_way=True)
        record(acme, "followup.done", follow_up=7, title="Call", outcome="helped", note="Kim is ill")
        record(acme, "account.updated", fields="name", changes={"name": ["A", "B"]})
    go()

    assert [json.loads(body)["data"] for _headers, body in receiver.got] == [
        {"account": "acme", "contact": "Kim", "minutes": 5, "two_way": True},
        {"account": "acme", "follow_up": 7, "title": "Call", "outcome": "helped"},
        {"account": "acme", "fields": "name"},
    ]


def test_each_webhook_gets_what_it_listens_to_once(hook, acme, receiver):
    webhooks.add(url=receiver.url, events=["mrr.contracted"], name="Second")
    webhooks.add(url=receiver.url, events=["mrr.expanded"], name="Another")
    off, _secret = webhooks.add(url=receiver.url, events=["mrr.contracted"], name="Off")
    webhooks.switch_off(off)
    contract(acme)
    go()
    Activity.objects.update(dispatched_at=None)  # come twice
    go()

    rows = WebhookDelivery.objects.order_by("webhook__name")
    assert list(rows.values_list("webhook__name", "status")) == [("Billing", "delivered"), ("Second", "delivered")]
    assert len(receiver.got) == len({headers["webhook-id"] for headers, _body in receiver.got}) == 2


def test_no_more_queries_for_fifty_than_for_one(hook, chloe):
    make_playbook()
    queries = []
    for count in (1, 50):
        for n in range(count):
            contract(make_account(f"A{n}", csm=chloe))
        with CaptureQueriesContext(connection) as asked:
            dispatch.dispatch_waiting()
        queries.append(len(asked))
    assert queries[0] == queries[1]
    assert WebhookDelivery.objects.count() == 2 * 51  # and the follow-up of each


def test_five_thousand_at_once_are_one_statement(hook, acme, django_assert_max_num_queries):
    with transaction.atomic(), django_assert_max_num_queries(3):
        record_facts(Fact(acme.pk, "followup.opened", {"follow_up": n, "title": "T"}) for n in range(5000))
    dispatch.dispatch_waiting()
    assert WebhookDelivery.objects.count() == 5000


def test_an_address_that_fails_is_asked_for_a_day_less_and_less_often(hook, acme, receiver, clock, monkeypatch):
    monkeypatch.setattr("random.uniform", lambda low, high: 1.0)
    receiver.status, receiver.body = 500, b"<b>oh</b>\0 " * 1000
    contract(acme)
    waits, now = [], NOON
    while True:
        go()
        row = WebhookDelivery.objects.get()
        if row.next_attempt_at is None:
            break
        waits.append(row.next_attempt_at - now)
        now = row.next_attempt_at
        clock.move_to(now)
        Webhook.objects.update(rest_until=None)

    assert waits[:6] == [30 * S, 90 * S, 270 * S, 810 * S, 2430 * S, 7290 * S]
    assert set(waits[6:-1]) == {4 * H}
    assert (now - NOON, row.status, row.code, row.attempts) == (24 * H, "failed", 500, len(waits) + 1)
    assert (row.response[:9], len(row.response) <= sending.EXCERPT) == ("<b>oh</b>", True)
    assert len({headers["webhook-id"] for headers, _body in receiver.got}) == 1
    assert len({headers["webhook-timestamp"] for headers, _body in receiver.got}) == row.attempts


def test_what_keeps_failing_is_left_in_peace_between_and_told_to_admins_once(hook, acme, alice, receiver, clock):
    receiver.status = 503
    for _n in range(30):
        contract(acme)
    go()
    assert len(receiver.got) == 5  # then it rests
    for _n in range(12):
        clock.shift(16 * M)
        go()

    assert 10 < len(receiver.got) < 30
    mail = Mail.objects.get()
    assert (mail.to, mail.subject) == (alice.email, "The webhook Billing does not arrive")
    assert f"/settings/webhooks/{hook.pk}/" in mail.text

    receiver.status = 200
    for _n in range(3):
        clock.shift(4 * H)
        go()
    assert set(WebhookDelivery.objects.values_list("status", flat=True)) == {"delivered"}
    assert Webhook.objects.values_list("failures", "failing_since", "told_at").get() == (0, None, None)


def test_retry_after_is_heeded(hook, acme, receiver, clock):
    receiver.status, receiver.headers = 429, {"Retry-After": "600"}
    contract(acme)
    assert go() == [("waiting", 429, 1)]
    clock.shift(9 * M)
    assert go() == [("waiting", 429, 1)]
    receiver.status = 200
    clock.shift(2 * M)
    assert go() == [("delivered", 200, 2)]


def test_410_switches_it_off_and_says_so(hook, acme, alice, receiver):
    receiver.status = 410
    contract(acme)
    contract(acme)

    assert go() == [("failed", 410, 1), ("canceled", None, 0)]
    hook.refresh_from_db()
    assert (hook.active, hook.gone_at) == (False, NOON)
    assert Mail.objects.filter(to=alice.email, kind="webhook").count() == 1
    contract(acme)
    assert go() == [("failed", 410, 1), ("canceled", None, 0)]

    webhooks.switch_on(hook)
    receiver.status = 200
    contract(acme)
    assert go()[2:] == [("delivered", 200, 1)]


def test_who_leads_on_is_not_followed(hook, acme, receiver):
    receiver.status, receiver.headers = 307, {"Location": "http://169.254.169.254/latest/meta-data/"}
    contract(acme)
    assert go() == [("waiting", 307, 1)]
    assert len(receiver.got) == 1


def test_a_long_answer_is_cut_and_an_arrival_all_the_same(hook, acme, receiver):
    receiver.status, receiver.body = 200, b"x" * 3_000_000
    contract(acme)
    assert go() == [("delivered", 200, 1)]
    assert len(WebhookDelivery.objects.get().response) == sending.EXCERPT


@pytest.mark.parametrize(
    ("networks", "problem"), [([], "private"), (["127.0.0.0/8"], "refused")], ids=["inside", "nobody there"]
)
def test_where_it_leads_is_judged_at_every_sending(hook, acme, settings, networks, problem):
    """It was outside when it was added; its name leads inside now."""
    settings.OUTGOING_NETWORKS = networks
    Webhook.objects.update(url="http://127.0.0.1:9999/")
    contract(acme)
    assert go() == [("waiting", None, 1)]
    assert WebhookDelivery.objects.get().problem == problem


def test_for_a_day_after_a_change_both_secrets_sign(hook, acme, receiver, clock):
    old, new = signing.secret_of(hook.seal), webhooks.rotate(hook)
    contract(acme)
    go()
    clock.shift(25 * H)
    contract(acme)
    go()

    (first, second) = receiver.got
    assert old != new
    assert [verified(*first, secret) for secret in (old, new)] == [True, True]
    assert [verified(*second, secret) for secret in (old, new)] == [False, True]


def test_the_secret_needs_the_installations_key_and_outlives_its_change(hook, acme, settings):
    secret = signing.secret_of(hook.seal)
    assert secret not in str(Webhook.objects.values().get())
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]
    assert signing.secret_of(hook.seal) == secret

    settings.SECRET_KEY_FALLBACKS = []
    contract(acme)
    assert go() == [("waiting", None, 1)]
    assert WebhookDelivery.objects.get().problem == "secret"


# Whatever breaks in between --------------------------------------------------------------------------


def test_with_the_broker_away_the_sweep_sends_it(hook, acme, receiver, queue):
    with queue.away():
        contract(acme)
        queue.commit()
        dispatch.dispatch_waiting()
        queue.commit()
    assert (queue.published(), receiver.got) == ([], [])

    send_webhooks()
    assert [m.task for m in queue.published()] == ["accounts.tasks.send_to_webhook"]
    queue.drain()
    assert len(receiver.got) == 1


def test_a_sender_that_was_lost_is_followed_by_another(hook, acme, receiver, clock):
    """Between sending and marking: it goes out again, under the same id."""
    contract(acme)
    dispatch.dispatch_waiting()
    Webhook.objects.update(busy_until=NOON + sending.LEASE)
    lost = sending._claim(hook.pk)
    sending.attempt(lost)
    assert go() == [("sending", None, 1)]

    clock.shift(6 * M)
    assert go() == [("delivered", 204, 2)]
    assert len({headers["webhook-id"] for headers, _body in receiver.got}) == 1
    assert len(receiver.got) == 2


def test_while_one_sends_a_second_finds_nothing_to_do(hook, acme, receiver):
    contract(acme)
    contract(acme)
    dispatch.dispatch_waiting()
    seen = []
    receiver.before = lambda: seen.append(len(receiver.got))
    real = sending.attempt

    def meanwhile(delivery):
        seen.append(webhooks.send_to(hook.pk))
        return real(delivery)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sending, "attempt", meanwhile)
        send_to_webhook(webhook_id=hook.pk)
    assert seen == [0, 1, 0, 2]


def test_one_that_is_switched_off_while_it_is_sent_is_not_sent_again(hook, acme, receiver):
    receiver.status = 500
    contract(acme)
    dispatch.dispatch_waiting()
    real = sending.attempt

    def off(delivery):
        webhooks.switch_off(Webhook.objects.get())
        return real(delivery)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sending, "attempt", off)
        webhooks.send_to(hook.pk)
    assert go() == [("canceled", 500, 1)]


# Tests, repeats, what is old -------------------------------------------------------------------------


def test_a_test_event_is_tried_once(hook, receiver):
    receiver.status = 500
    webhooks.send_test(hook)
    assert go() == [("failed", 500, 1)]
    assert json.loads(receiver.got[0][1]) == {
        "type": "webhook.test",
        "timestamp": "2026-03-04T12:00:00Z",
        "data": {"webhook": "Billing"},
    }


def test_what_was_given_up_can_be_sent_again_under_its_id(hook, acme, receiver, clock):
    receiver.status = 500
    contract(acme)
    assert go() == [("waiting", 500, 1)]
    WebhookDelivery.objects.update(until=NOON)
    clock.shift(M)
    assert go() == [("failed", 500, 2)]

    receiver.status = 200
    webhooks.send_again(WebhookDelivery.objects.get())
    assert go() == [("delivered", 200, 1)]
    assert len({headers["webhook-id"] for headers, _body in receiver.got}) == 1


def test_old_deliveries_are_deleted_and_what_waits_stays(hook, acme, clock, receiver):
    contract(acme)
    go()
    receiver.status = 500
    contract(acme)
    go()
    clock.shift(timedelta(days=31))

    assert (webhooks.prune(), webhooks.prune()) == (1, 0)
    assert list(WebhookDelivery.objects.values_list("status", flat=True)) == ["waiting"]
