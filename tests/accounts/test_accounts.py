"""Customers come in one by one or by the thousand, are looked after, and what is said of them stands."""

from datetime import date

import pytest
from django.utils import timezone

from accounts.domain.accounts import (
    assign_csm,
    change_stage,
    log_call,
    upsert_account,
    upsert_accounts,
    write_note,
)
from accounts.exceptions import DomainError
from accounts.models import Account, Activity, FollowUp, Segment
from tests.accounts.spine import make_account, make_follow_up

pytestmark = pytest.mark.django_db


@pytest.fixture
def mid() -> Segment:
    return Segment.objects.create(key="mid", name="Mid-market")


def told() -> list[tuple]:
    return list(Activity.objects.order_by("id").values_list("account__external_id", "kind", "data"))


def test_the_verb_takes_objects_as_well_as_their_names(chloe, cyril, mid) -> None:
    acme, result = upsert_account("a", by=chloe, name="Acme", csm=chloe, segment=mid)
    assert (result, acme.csm, acme.segment) == ("created", chloe, mid)
    assert upsert_account("a", by=chloe, csm="chloe@tenure.example", segment="Mid-Market")[1] == "unchanged"
    assert upsert_account("a", by=chloe, csm=cyril)[1] == "updated"
    assert Activity.objects.last().actor == chloe


def test_only_what_changed_is_saved(mid) -> None:
    upsert_account("a", by="x", name="Acme", country="France")
    stale = Account.objects.get()
    upsert_account("a", by="x", country="Spain")
    stale.industry = "Tools"
    stale.save(update_fields=["industry"])
    upsert_account("a", by="x", name="Acme SA")
    account = Account.objects.get()
    assert (account.name, account.country, account.industry) == ("Acme SA", "Spain", "Tools")


def test_a_viewer_or_someone_who_left_gets_no_accounts(vera, cyril) -> None:
    cyril.is_active = False
    cyril.save()
    acme = make_account()
    for user in (vera, cyril):
        with pytest.raises(DomainError) as refused:
            upsert_account("a", by="x", name="Acme", csm=user)
        assert refused.value.errors == {"csm": [f"{user} cannot look after accounts."]}
        with pytest.raises(DomainError, match="cannot look after"):
            assign_csm([acme], user, by="x")


def test_accounts_are_handed_over_in_one_go(chloe, cyril, marc, django_assert_num_queries) -> None:
    accounts = [make_account(f"A{n}", csm=chloe if n % 2 else None) for n in range(6)]
    with django_assert_num_queries(7):
        assert assign_csm(accounts, cyril, by=marc) == 6
    assert assign_csm([account.pk for account in accounts], cyril, by=marc) == 0
    assert {data["before"] for _a, _kind, data in told()} == {"Chloe", ""}
    assert assign_csm(accounts[:1], None, by=marc) == 1
    assert assign_csm(accounts[:1], None, by=marc) == 0
    assert told()[-1] == (accounts[0].external_id, "account.csm_assigned", {"before": "Cyril", "after": ""})


def test_what_the_csm_before_had_open_moves_along(chloe, cyril, marc, django_assert_num_queries) -> None:
    accounts = [make_account(f"A{n}", csm=chloe) for n in range(4)]
    mine = [make_follow_up(account, assignee=chloe, title=f"Call {n}") for n, account in enumerate(accounts)]
    asleep = make_follow_up(accounts[0], assignee=chloe, status="snoozed", snoozed_until=timezone.now())
    stays = [
        make_follow_up(accounts[0], assignee=marc),
        make_follow_up(accounts[0], assignee=chloe, status="done", closed_at=timezone.now()),
        make_follow_up(make_account("Other", csm=chloe), assignee=chloe),
    ]
    with django_assert_num_queries(9):
        assert assign_csm(accounts, cyril, by=marc) == 4
    moved = FollowUp.objects.filter(pk__in=[row.pk for row in [*mine, asleep]])
    assert set(moved.values_list("assignee__name", flat=True)) == {"Cyril"}
    assert [FollowUp.objects.get(pk=row.pk).assignee for row in stays] == [marc, chloe, chloe]
    told_of = [(name, data) for name, kind, data in told() if kind == "followup.reassigned"]
    facts = {"follow_up": mine[1].pk, "title": "Call 1", "before": "Chloe", "after": "Cyril", "note": ""}
    assert (len(told_of), told_of[1]) == (5, (accounts[1].external_id, facts))


def test_nothing_moves_along_to_nobody_or_where_it_is_not_wanted(chloe, cyril, marc) -> None:
    acme = make_account("Acme", csm=chloe)
    row = make_follow_up(acme, assignee=chloe)
    assign_csm([acme], cyril, by=marc, follow_ups=False)
    assign_csm([acme], chloe, by=marc)
    assign_csm([acme], None, by=marc)
    row.refresh_from_db()
    assert row.assignee == chloe


def test_programs_and_files_that_name_another_csm_move_them_along_too(chloe, cyril, marc) -> None:
    acme = make_account("Acme", csm=chloe)
    row = make_follow_up(acme, assignee=chloe)
    for csm, hand_over in (
        (cyril, lambda: upsert_account(acme.external_id, by="x", csm=cyril)),
        (chloe, lambda: upsert_accounts([{"external_id": acme.external_id, "csm": chloe}], by="x")),
    ):
        hand_over()
        row.refresh_from_db()
        assert row.assignee == csm


def test_a_stage_is_changed_once(chloe) -> None:
    acme = make_account()
    change_stage(acme, "onboarding", by=chloe)
    change_stage(acme.pk, "onboarding", by=chloe)
    assert [data for _a, _kind, data in told()] == [{"before": "active", "after": "onboarding"}]
    with pytest.raises(DomainError, match="no stage"):
        change_stage(acme, "happy", by=chloe)


def test_calls_and_notes(chloe) -> None:
    acme = make_account()
    log_call(acme, by=chloe, minutes=12, summary="  all well\x00 ")
    log_call(acme, by=chloe, summary="voice mail", two_way=False)
    write_note(acme, by=chloe, text="Likes tea.\nNo sugar.")
    assert [(kind, data) for _a, kind, data in told()] == [
        ("call.logged", {"contact": "the customer", "minutes": 12, "summary": "all well", "two_way": True}),
        ("call.logged", {"contact": "the customer", "minutes": 0, "summary": "voice mail", "two_way": False}),
        ("note.written", {"text": "Likes tea.\nNo sugar."}),
    ]
    acme.refresh_from_db()
    assert (timezone.now() - acme.last_contact_at).total_seconds() < 60
    for text in ("", "  \n", "\x00"):
        with pytest.raises(DomainError, match="Write something"):
            write_note(acme, by=chloe, text=text)


# By the thousand ----------------------------------------------------------------------------------------------


def test_a_file_creates_updates_and_leaves_alone(chloe, cyril, mid) -> None:
    make_account("Old", external_id="old", csm=chloe, country="France")
    make_account("Same", external_id="same", country="Spain")
    rows = [
        {
            "external_id": "new",
            "name": "New",
            "segment": "MID-market",
            "csm": "chloe@tenure.example",
            "currency": "eur",
        },
        {"external_id": "old", "name": "Old SA", "csm": "cyril@tenure.example", "stage": "onboarding", "country": None},
        {"external_id": "same", "name": "Same", "country": "Spain"},
        {"external_id": "", "name": "Nobody"},
        {"external_id": "nameless"},
        {"external_id": "bad", "name": "Bad", "segment": "huge"},
        {"external_id": "new", "name": "Twice"},
        {"external_id": "odd", "name": "Odd", "colour": "red"},
    ]
    counts = upsert_accounts(rows, by="import", source="CRM")
    assert (counts.created, counts.updated, counts.unchanged) == (1, 1, 1)
    assert [(index, list(error.errors), str(error)) for index, error in counts.refused] == [
        (3, ["external_id"], "An external id has 1 to 200 characters."),
        (4, ["name"], "A new account needs a name."),
        (5, ["segment"], "There is no segment “huge”."),
        (6, ["external_id"], "This id stands twice; the first row is taken."),
        (7, ["colour"], "There is no such field."),
    ]
    new, old = Account.objects.get(external_id="new"), Account.objects.get(external_id="old")
    assert (new.name, new.segment, new.csm, new.currency, new.stage, new.mrr) == ("New", mid, chloe, "EUR", "active", 0)
    assert (old.name, old.csm, old.stage, old.country) == ("Old SA", cyril, "onboarding", "France")
    assert told() == [
        ("old", "account.csm_assigned", {"before": "Chloe", "after": "Cyril"}),
        ("old", "account.stage_changed", {"before": "active", "after": "onboarding"}),
        ("old", "account.updated", {"fields": "name", "changes": {"name": ["Old", "Old SA"]}}),
        ("new", "account.created", {"source": "CRM"}),
    ]
    # A book that is brought in is no news: nothing answers to it.
    assert set(Activity.objects.filter(dispatched_at=None).values_list("account__external_id", flat=True)) == {"old"}


def test_the_same_file_again_changes_nothing() -> None:
    rows = [
        {"external_id": f"a{n}", "name": f"A {n}", "custom": {"n": n}, "started_on": "2025-01-01"} for n in range(50)
    ]
    assert upsert_accounts(rows, by="import").created == 50
    before = Activity.objects.count()
    counts = upsert_accounts(rows, by="import")
    assert (counts.created, counts.updated, counts.unchanged, counts.refused) == (0, 0, 50, [])
    assert Activity.objects.count() == before
    assert Account.objects.get(external_id="a7").started_on == date(2025, 1, 1)


def test_many_cost_as_many_queries_as_few(django_assert_num_queries) -> None:
    for count in (1, 200):
        rows = [{"external_id": f"{count}-{n}", "name": "A"} for n in range(count)]
        with django_assert_num_queries(12):
            upsert_accounts(rows, by="import")


def test_file_and_program_put_the_same(chloe, mid) -> None:
    fields = {
        "name": " Acme  SA ", "domain": "HTTPS://Acme.com/", "segment": "mid", "csm": "CHLOE@tenure.example",
        "currency": "eur", "time_zone": "Europe/Paris", "industry": "Tools\x00", "custom": {"é": [1]},
        "started_on": "2025-01-01", "stage": "trial",
    }  # fmt: skip
    upsert_account("one", by="x", **fields)
    upsert_accounts([{"external_id": "many", **fields}], by="x")
    one, many = Account.objects.filter(external_id__in=["one", "many"]).order_by("-external_id").values()
    same = set(one) - {"id", "external_id", "created_at"}
    assert {name: one[name] for name in same} == {name: many[name] for name in same}
