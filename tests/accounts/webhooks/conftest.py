"""A quiet house, a receiver next door that may be asked, and a webhook that leads there."""

from collections.abc import Iterator

import pytest
import time_machine

from accounts.domain import webhooks
from accounts.models import Playbook, Webhook
from accounts.registry import reactions
from tests.accounts.spine import NOON, make_account
from tests.accounts.webhooks.receiver import Receiver, receiving


@pytest.fixture(scope="session")
def _server() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def receiver(_server: Receiver, settings) -> Receiver:
    settings.OUTGOING_NETWORKS = ["127.0.0.0/8"]
    _server.status, _server.headers, _server.body, _server.before = 204, {}, b"", None
    _server.got.clear()
    return _server


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as moving:
        yield moving


@pytest.fixture(scope="module")
def _no_playbooks(shared) -> None:
    Playbook.objects.all().delete()


@pytest.fixture
def quiet(_no_playbooks, db, clock, monkeypatch) -> None:
    monkeypatch.setattr(reactions, "items", {})


@pytest.fixture
def hook(quiet, receiver) -> Webhook:
    row, _secret = webhooks.add(url=receiver.url, events=["mrr.contracted", "followup.opened"], name="Billing")
    return row


@pytest.fixture
def acme(quiet, chloe):
    return make_account("Acme", external_id="acme", csm=chloe, mrr=500, band="red")
