"""The team, its books of accounts, segments and tokens, as an admin sets them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from model_bakery import baker

from accounts.models import Account, ApiToken, FollowUp, Segment, User
from tests.forms import filled_in

pytestmark = pytest.mark.django_db


def test_an_admin_adds_somebody_who_chooses_a_password(alice, signed_in, client):
    browser = signed_in(alice)
    added = browser.post(
        "/settings/users/add/",
        {"name": "Dana", "email": "Dana@Tenure.example", "role": "csm", "language": "fr", "time_zone": "Europe/Paris"},
    )
    dana = User.objects.get(name="Dana")

    assert added.status_code == 302
    assert (dana.email, dana.role, dana.language, dana.has_usable_password()) == (
        "dana@tenure.example", "csm", "fr", False,
    )  # fmt: skip

    page = browser.post(f"/settings/users/{dana.pk}/link/")
    assert page.headers["Cache-Control"] == "no-store"
    path = page.context["link"].removeprefix("http://127.0.0.1:8000")
    form = client.get(path, follow=True)
    done = client.post(
        form.redirect_chain[-1][0], {"password1": "a long enough secret 7", "password2": "a long enough secret 7"}
    )
    dana.refresh_from_db()

    assert done.status_code == 302
    assert dana.check_password("a long enough secret 7")


def test_the_same_address_twice_is_refused_with_a_sentence(alice, chloe, signed_in):
    answer = signed_in(alice).post(
        "/settings/users/add/",
        {"name": "Again", "email": "CHLOE@tenure.example", "role": "csm", "language": "en", "time_zone": "UTC"},
    )

    assert answer.status_code == 422
    assert answer.context["form"].errors == {"email": ["Somebody with this e-mail address is on the team already."]}


def test_the_last_admin_stays_one(alice, signed_in):
    answer = signed_in(alice).post(
        f"/settings/users/{alice.pk}/",
        {"name": "Alice", "email": alice.email, "role": "viewer", "language": "en", "time_zone": "UTC"},
    )
    alice.refresh_from_db()

    assert answer.status_code == 422
    assert answer.context["form"].non_field_errors() == ["This is the last admin: make somebody else one first."]
    assert alice.role == "admin"


def test_nobody_deactivates_himself(alice, signed_in):
    answer = signed_in(alice).post(f"/settings/users/{alice.pk}/deactivate/")
    alice.refresh_from_db()

    assert answer.status_code == 422
    assert alice.is_active


def test_who_leaves_hands_over_to_the_manager_and_is_signed_out(alice, chloe, marc, signed_in):
    account = baker.make(Account, name="Acme", csm=chloe)
    follow_up = baker.make(FollowUp, account=account, assignee=chloe, title="Call them")
    browser_of_chloe = signed_in(chloe)
    browser_of_chloe.get("/settings/profile/")

    answer = signed_in(alice).post(f"/settings/users/{chloe.pk}/deactivate/", follow=True)
    follow_up.refresh_from_db()
    chloe.refresh_from_db()

    assert [str(m) for m in answer.context["messages"]] == [
        "Chloe can no longer sign in. 1 open follow-up was handed over."
    ]
    assert (follow_up.assignee, chloe.is_active) == (marc, False)
    assert browser_of_chloe.get("/settings/profile/").status_code == 302


def test_who_may_only_look_from_now_on_hands_over_too(alice, chloe, marc, signed_in):
    follow_up = baker.make(FollowUp, account=baker.make(Account, name="Acme", csm=chloe), assignee=chloe, title="Call")
    browser, address = signed_in(alice), f"/settings/users/{chloe.pk}/"

    assert browser.post(address, filled_in(browser.get(address).text, "role") | {"role": "viewer"}).status_code == 302
    follow_up.refresh_from_db()

    assert follow_up.assignee == marc


def test_two_segments_are_told_apart_by_key_and_name(alice, signed_in):
    baker.make(Segment, key="mid", name="Mid market")

    twice = {"key": "mid", "name": " mid MARKET ", "touch_model": "mid", "position": 2}
    answer = signed_in(alice).post("/settings/segments/add/", twice)

    assert answer.context["form"].errors == {
        "key": ["There is a segment with this key already."],
        "name": ["There is a segment of this name already."],
    }
    assert Segment.objects.count() == 1


def test_a_segment_with_accounts_is_not_deleted(alice, signed_in):
    segment = baker.make(Segment, key="mid", name="Mid market")
    baker.make(Account, segment=segment)

    answer = signed_in(alice).post(f"/settings/segments/{segment.pk}/delete/")

    assert answer.status_code == 422
    assert "There are accounts in this segment: move them first." in answer.content.decode()
    assert Segment.objects.filter(pk=segment.pk).exists()


def test_a_book_is_shared_out_evenly(marc, chloe, cyril, signed_in):
    baker.make(Account, csm=chloe, _quantity=2)
    baker.make(Account, csm=None, _quantity=4)
    baker.make(Account, csm=None, stage="churned")

    answer = signed_in(marc).post(
        "/settings/assignment/", {"source": "none", "targets": [chloe.pk, cyril.pk]}, follow=True
    )

    assert [str(m) for m in answer.context["messages"]] == ["4 accounts have a new CSM."]
    assert (chloe.accounts.count(), cyril.accounts.count()) == (3, 3)


def test_a_token_is_shown_once(alice, signed_in):
    browser = signed_in(alice)
    made = browser.post("/settings/tokens/add/", {"name": "billing", "scopes": ["read", "ingest"]})
    token, row = made.context["token"], ApiToken.objects.get()

    assert made.status_code == 200
    assert made.headers["Cache-Control"] == "no-store"
    assert token in made.content.decode()
    assert (row.scopes, row.created_by, row.digest == token) == (["read", "ingest"], alice, False)
    assert token not in browser.get("/settings/tokens/").content.decode()

    again = browser.post("/settings/tokens/add/", {"name": "billing", "scopes": ["read"]})
    assert again.status_code == 422
    assert again.context["form"].non_field_errors() == ["A token of that name exists already."]

    browser.post(f"/settings/tokens/{row.pk}/revoke/")
    row.refresh_from_db()
    assert row.revoked_at is not None


@pytest.mark.parametrize("page", ["users", "segments", "assignment", "tokens", "playbooks", "deliveries"])
def test_settings_pages_ask_no_more_queries_for_more_rows(page, alice, chloe, signed_in, django_assert_num_queries):
    browser = signed_in(alice)
    browser.get(f"/settings/{page}/")
    with CaptureQueriesContext(connection) as few:
        assert browser.get(f"/settings/{page}/").status_code == 200
    for number in range(10):
        user = User.objects.create_user(f"u{number}@tenure.example", name=f"U{number}", manager=chloe)
        baker.make(Account, csm=user, segment=baker.make(Segment, key=f"s{number}"))
        baker.make(ApiToken, name=f"t{number}", digest=str(number), scopes=["read"], created_by=alice)

    with django_assert_num_queries(len(few)):
        browser.get(f"/settings/{page}/")
