"""A quiet house for tests of dispatch: no default playbooks, none of the other apps' reactions, a clock that stands."""

import pytest
import time_machine

from accounts.models import Playbook, Segment
from accounts.registry import reactions
from tests.accounts.spine import NOON, make_account


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as moving:
        yield moving


@pytest.fixture(scope="module")
def _no_playbooks(shared) -> None:
    Playbook.objects.all().delete()


@pytest.fixture(autouse=True)
def _alone(_no_playbooks, db, monkeypatch):
    """No default playbooks, and none of the other apps' reactions."""
    monkeypatch.setattr(reactions, "items", {})


@pytest.fixture
def acme(chloe):
    return make_account(csm=chloe, mrr=500, band="red", segment=Segment.objects.create(key="smb", name="SMB"))
