"""Who decides says how likely they are to stay, by their link: on a desk and on a phone; low is on the CSM's queue."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.domain import dispatch
from accounts.domain.links import address_of
from accounts.models import Contact, FollowUp, Intent, User
from tests.accounts.revenue import make_account, subscribe
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.sound import found_wrong


@pytest.fixture
def path(chloe: User) -> str:
    """Dana's link, as the mail of a term that ends in two months has it."""
    account = make_account("Acme", csm=chloe, band="green")
    today = timezone.now().date()
    sub = subscribe(
        account, started_on=today - timedelta(days=300), term_end=today + timedelta(days=60), notice_days=30
    )
    dana = Contact.objects.create(account=account, name="Dana Ito", email="dana@acme.example", decides=True)
    return urlsplit(address_of(dana, "intent", str(sub.renewals.get().pk))).path


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_how_likely_and_why(open_page, path, size):
    page = open_page(size=size)
    page.goto(f"{path}?score=2")
    expect(page.get_by_role("radio", name="2", exact=True)).to_be_checked()
    assert found_wrong(page) == []
    assert not Intent.objects.exists()

    page.get_by_role("checkbox", name="Price").check()
    page.get_by_role("textbox").fill("Too dear for what we use")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert found_wrong(page) == []
    told = Intent.objects.get()
    assert (told.score, told.factors, told.comment) == (2, ["price"], "Too dear for what we use")
    dispatch.dispatch_waiting()
    assert FollowUp.objects.filter(playbook__key="low_intent").count() == 1
