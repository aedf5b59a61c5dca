"""Renewals over the API."""

import pytest

from accounts.domain.renewals import work
from accounts.models import Segment
from tests.accounts.terms import kinds, make_account, noon, renewal, subscribe, yearly

pytestmark = pytest.mark.django_db
LIST = "/api/v1/renewals"


@pytest.fixture
def acme(time_machine, chloe):
    time_machine.move_to(noon("2026-03-04"), tick=False)
    small = Segment.objects.create(key="small", name="Small")
    return make_account(external_id="acme", csm=chloe, band="green", segment=small)


def test_one_renewal_as_a_whole(reader, acme) -> None:
    row = yearly(acme, plan="pro")
    assert reader.get(f"{LIST}/{row.pk}").json() == {
        "id": row.pk, "account": "acme", "account_name": "Acme", "segment": "small", "csm": "chloe@tenure.example",
        "band": "green", "subscription": "S-1", "plan": "pro", "starts_on": "2026-01-01", "ends_on": "2027-01-01",
        "notice_days": 30, "auto_renew": True, "decision_date": "2026-12-02", "stage": "upcoming", "mrr": "100.00",
        "mrr_currency": "USD", "probability": "0.900", "probability_source": "band", "call_probability": None,
        "call_reason": "", "intent_probability": None, "settle_by": None, "outcome_mrr": None, "reason": "",
        "comment": "", "decided_at": None, "decided_by": None, "lapsed_at": None,
    }  # fmt: skip
    assert reader.get(f"{LIST}/0").status_code == 404


def test_the_list_can_be_asked(reader, acme, cyril, django_assert_max_num_queries) -> None:
    other = make_account("Other", csm=cyril, band="red")
    yearly(acme)
    for number in range(3):
        subscribe(other, f"O-{number}", term_end=f"2026-0{number + 4}-01")
    work.decide(renewal("O-0"), "lost", by=cyril, reason="price")
    work.call(renewal("O-1"), "0.9", "Sure", by=cyril)

    def found(query: str) -> list[str]:
        answer = reader.get(f"{LIST}?fields=subscription&{query}")
        assert answer.status_code == 200, answer.content
        return [row["subscription"] for row in answer.json()["results"]]

    with django_assert_max_num_queries(6):
        assert found("") == ["S-1", "O-0", "O-1", "O-2"]
    assert found("from=2026-05-01&to=2026-06-01") == ["O-1"]
    assert found("ends_from=2027-01-01") == ["S-1"]
    assert found("stage=lost&stage=renewed") == ["O-0"]
    assert found("csm=CYRIL@tenure.example&open=true") == ["O-1", "O-2"]
    assert found("segment=small") == found("band=green") == ["S-1"]
    assert found("disputed=true") == ["O-1"]
    assert found("account=acme&page_size=1") == ["S-1"]


@pytest.mark.parametrize("query", ["from=", "from=yesterday", "stage=won", "csn=x", "fields=worth", "open=maybe"])
def test_what_it_cannot_be_asked(reader, query) -> None:
    answer = reader.get(f"{LIST}?{query}")
    assert (answer.status_code, list(answer.json()["errors"])) == (422, [query.split("=")[0]])


def test_stages_calls_and_decisions(reader, writer, acme) -> None:
    address = f"{LIST}/{yearly(acme).pk}"
    assert reader.patch(address, {"stage": "engaged"}).status_code == 403
    assert writer.patch(address, {"stage": "engaged"}).json()["stage"] == "engaged"
    called = writer.patch(address, {"probability": "0.4", "probability_reason": "Silent for weeks"}).json()
    assert (called["probability"], called["probability_source"], called["settle_by"]) == ("0.400", "call", "2026-03-18")
    won = writer.patch(address, {"stage": "expanded", "quantity": 2, "comment": "Second team"}).json()
    assert (won["stage"], won["mrr"], won["outcome_mrr"], won["probability"]) == (
        "expanded",
        "100.00",
        "200.00",
        "1.000",
    )
    again = writer.patch(address, {"stage": "lost", "reason": "price"})
    assert (again.status_code, again.json()["code"]) == (409, "decided")
    assert "API: write has decided this renewal already: Expanded." in again.json()["detail"]
    assert kinds(acme)[0] == "renewal.stage_moved"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "stage"),
        ({"comment": "Hm"}, "stage"),
        ({"stage": "won"}, "stage"),
        ({"stage": "lost"}, "reason"),
        ({"stage": "lost", "reason": "bored"}, "reason"),
        ({"stage": "expanded"}, "mrr"),
        ({"stage": "expanded", "mrr": "x"}, "mrr"),
        ({"stage": "expanded", "quantity": 0}, "quantity"),
        ({"probability": 1.5, "probability_reason": "x"}, "probability"),
        ({"probability": 0.5}, "reason"),
        ({"stages": "lost"}, "stages"),
    ],
)
def test_bad_input_is_refused_by_field(writer, acme, body, field) -> None:
    answer = writer.patch(f"{LIST}/{yearly(acme).pk}", body)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])
    assert renewal().stage == "upcoming"


def test_a_term_that_ends_before_it_starts_is_refused_at_the_door(ingester, acme) -> None:
    body = {"unit_amount": 1, "started_on": "2026-02-01", "term_end": "2026-02-01"}
    answer = ingester.put("/api/v1/accounts/acme/subscriptions/S-9", body)
    assert answer.status_code == 422
    assert answer.json()["errors"] == {"term_end": ["This term would end before it starts."]}
