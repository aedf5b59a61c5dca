"""Many accounts to one CSM, with what is open at them."""

import pytest

from accounts.models import Account, Activity, FollowUp
from tests.accounts.customers import account
from tests.accounts.spine import make_follow_up

pytestmark = pytest.mark.django_db


def test_a_manager_assigns_several_at_once(signed_in, marc, chloe, django_assert_max_num_queries) -> None:
    rows = [account(f"A{n}") for n in range(30)]
    ids = [row.pk for row in rows]
    client = signed_in(marc)
    with django_assert_max_num_queries(12):
        response = client.post("/accounts/assign/", {"ids": ids, "csm": chloe.pk, "query": "q=A&csm="})
    assert response["Location"] == "/accounts/?q=A"
    assert set(Account.objects.values_list("csm", flat=True)) == {chloe.pk}
    assert Activity.objects.filter(kind="account.csm_assigned").count() == 30
    signed_in(marc).post("/accounts/assign/", {"ids": ids[:3], "csm": "none"})
    assert Account.objects.filter(csm=None).count() == 3


def test_all_that_match_the_filter_are_assigned_once_the_number_is_confirmed(signed_in, marc, chloe, cyril) -> None:
    reds = [account(f"A{n:02}", band="red", csm=chloe) for n in range(60)]
    green = account("Green", band="green", csm=chloe)
    row = make_follow_up(reds[0], assignee=chloe)
    client = signed_in(marc)
    data = {"all": "1", "csm": cyril.pk, "query": "band=red", "ids": [green.pk], "follow_ups": "on"}
    page = client.post("/accounts/assign/", data)
    assert page.status_code == 200
    assert (page.context["number"], page.context["changed"], page.context["follow_ups"]) == (60, False, True)
    assert Account.objects.filter(csm=cyril).count() == 0
    reds.append(account("Late", band="red", csm=chloe))
    again = client.post("/accounts/assign/", data | {"count": "60"})
    assert (again.status_code, again.context["number"], again.context["changed"]) == (200, 61, True)
    assert client.post("/accounts/assign/", data | {"count": "61"})["Location"] == "/accounts/?band=red"
    assert set(Account.objects.filter(csm=cyril).values_list("pk", flat=True)) == {red.pk for red in reds}
    row.refresh_from_db()
    assert row.assignee == cyril


@pytest.mark.parametrize("query", ["band=red", "band=purple", "mrr_from=x", "csm=99"])
def test_what_matches_nothing_or_cannot_be_read_assigns_nobody(signed_in, marc, chloe, query) -> None:
    row = account("Acme", band="green")
    client = signed_in(marc)
    assert client.post("/accounts/assign/", {"all": "1", "csm": chloe.pk, "query": query}).status_code == 422
    row.refresh_from_db()
    assert row.csm is None


def test_follow_ups_stay_where_the_box_is_empty(signed_in, marc, chloe, cyril) -> None:
    acme = account("Acme", csm=chloe)
    row = make_follow_up(acme, assignee=chloe)
    client = signed_in(marc)
    for data, taker in (({}, chloe), ({"follow_ups": "on"}, chloe)):
        client.post("/accounts/assign/", {"ids": [acme.pk], "csm": cyril.pk, **data})
        row.refresh_from_db()
        assert row.assignee == taker
    client.post("/accounts/assign/", {"ids": [acme.pk], "csm": marc.pk})
    FollowUp.objects.filter(pk=row.pk).update(assignee=marc)
    client.post("/accounts/assign/", {"ids": [acme.pk], "csm": cyril.pk, "follow_ups": "on"})
    row.refresh_from_db()
    assert row.assignee == cyril


@pytest.mark.parametrize(
    "data",
    [{}, {"ids": ["x"]}, {"ids": ["1"], "csm": ""}, {"ids": ["1"], "csm": "99999"}, {"ids": ["1"], "csm": "²"}],
)
def test_a_bad_assignment_is_refused(signed_in, marc, data) -> None:
    account()
    assert signed_in(marc).post("/accounts/assign/", data).status_code == 422


def test_viewers_are_no_csms(signed_in, marc, vera) -> None:
    row = account()
    assert signed_in(marc).post("/accounts/assign/", {"ids": [row.pk], "csm": vera.pk}).status_code == 422


def test_only_managers_and_admins_assign(signed_in, people) -> None:
    row = account()
    for name, user in people.items():
        client, may = signed_in(user), name in ("alice", "marc")
        assert (b'id="assign"' in client.get("/accounts/").content) == may
        status = client.post("/accounts/assign/", {"ids": [row.pk], "csm": people["chloe"].pk}).status_code
        assert status == (302 if may else 404)


def test_the_way_back_leads_nowhere_else(signed_in, marc, chloe) -> None:
    row = account()
    for query in ("//evil.example", "next=https://evil.example", "q=%0d%0aSet-Cookie:x", "\r\nX: y", "a" * 9000):
        data = {"ids": [row.pk], "csm": chloe.pk, "query": query}
        response = signed_in(marc).post("/accounts/assign/", data)
        assert response["Location"].startswith("/accounts/")
