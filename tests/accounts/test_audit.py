"""What admins decide is kept, with who it was, from what to what; nobody can change what is kept."""

from datetime import date
from decimal import Decimal

import pytest
from celery import shared_task
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from model_bakery import baker
from rest_framework.test import APIClient

from accounts.domain.audit import reading
from accounts.domain.audit.who import acting, of_user
from accounts.domain.tokens import create_token
from accounts.models import (
    Account,
    ApiToken,
    AuditEntry,
    Contact,
    ExchangeRate,
    OptOut,
    Plan,
    PlanPrice,
    PlanVersion,
    Playbook,
    Segment,
    User,
)

pytestmark = pytest.mark.django_db


def told(kind: str = "") -> list[tuple]:
    """Oldest first: who, what happened to what, from → to."""
    rows = reading.page(reading.Asked(kind)).rows
    return [
        (r.who, r.entry.operation, r.what, r.name, [(line.label, line.before, line.after) for line in r.lines])
        for r in reversed(rows)
    ]


@pytest.fixture
def quiet(people: dict[str, User]) -> None:
    """Nothing of the tests' own people in the way."""
    with connection.cursor() as cursor:
        cursor.execute("truncate accounts_auditentry")


def test_a_change_of_a_user_is_told_in_words_and_secrets_are_not(alice, people, quiet):
    chloe = people["chloe"]

    with acting(lambda: of_user(alice)):
        User.objects.filter(pk=chloe.pk).update(role="manager", is_active=False, manager=alice)
        chloe.set_password("another long secret")
        chloe.last_login = timezone.now()
        chloe.save(update_fields=["password", "last_login"])

    assert told() == [
        (
            alice.name,
            "update",
            "User",
            chloe.name,
            [
                ("Role", "CSM", "Manager"),
                ("Manager", people["marc"].name, alice.name),
                ("May sign in", "yes", "no"),
            ],
        )
    ]


def test_what_is_changed_at_once_for_many_is_told_of_each(alice, quiet):
    Segment.objects.bulk_create([Segment(key=f"s{n}", name=f"S{n}", position=n) for n in range(3)])

    with acting(lambda: of_user(alice)):
        Segment.objects.update(touch_model="high")
        Segment.objects.filter(key="s0").delete()

    assert told()[3:] == [
        *(
            (alice.name, "update", "Segment", name, [("Touch model", "Mid touch", "High touch")])
            for name in ("S0", "S1", "S2")
        ),
        (
            alice.name,
            "delete",
            "Segment",
            "S0",
            [("Key", "s0", "–"), ("Name", "S0", "–"), ("Touch model", "High touch", "–"), ("Position", "0", "–")],
        ),
    ]


def test_a_token_is_told_of_without_its_digest_and_its_use_is_no_change(alice, quiet):
    row, token = create_token(name="billing", scopes=["read"], by=alice)
    ApiToken.objects.filter(pk=row.pk).update(last_used_at=timezone.now())

    kept = AuditEntry.objects.get()

    assert set(kept.after) == {"name", "prefix", "scopes", "expires_at", "revoked_at"}
    assert told() == [
        (
            "",
            "insert",
            "API token",
            "billing",
            [("Name", "–", "billing"), ("Begins with", "–", token[:10]), ("Scopes", "–", "read")],
        )
    ]


def test_plans_rates_opt_outs_and_playbooks_are_kept(people, quiet):
    plan = Plan.objects.create(key="pro", name="Pro")
    version = PlanVersion.objects.create(plan=plan, number=2, features=["API", "SSO"])
    price = PlanPrice.objects.create(version=version, interval="month", currency="EUR", amount=12)
    PlanPrice.objects.filter(pk=price.pk).update(amount=Decimal("13.5"))
    rate = ExchangeRate.objects.create(currency="EUR", valid_from=date(2026, 3, 1), rate="1.08")
    ExchangeRate.objects.filter(pk=rate.pk).update(applied=True)
    contact = baker.make(Contact, name="Kim", email="kim@acme.example")
    OptOut.objects.create(address="kim@acme.example", contact=contact, how="page")
    playbook = Playbook.objects.create(key="p", name="P", trigger="mrr.contracted", title="Call")
    playbook.conditions = [{"field": "account.mrr", "op": "gte", "value": "500"}]
    playbook.save()

    rows = {(what, operation): (name, found) for _who, operation, what, name, found in told()}

    assert rows["Plan version", "insert"][0] == "Pro 2"
    assert ("Included", "–", "API; SSO") in rows["Plan version", "insert"][1]
    assert rows["Price", "update"] == ("Pro 2: Month, EUR", [("Price", "12", "13.5")])
    assert rows["Exchange rate", "insert"][1] == [
        ("Currency", "–", "EUR"),
        ("From", "–", "Mar 1, 2026"),
        ("Rate", "–", "1.08"),
    ]
    assert ("Exchange rate", "update") not in rows
    assert rows["Opt-out", "insert"][1] == [("Contact", "–", "Kim"), ("How", "–", "page")]
    assert "kim@acme.example" not in str(list(AuditEntry.objects.values("name", "after")))
    assert rows["Playbook", "update"] == ("P", [("Conditions", "–", "MRR is at least 500")])


@pytest.mark.parametrize("verb", ["update", "delete"])
def test_what_is_kept_cannot_be_changed(quiet, verb):
    Segment.objects.create(key="s", name="S")
    rows = AuditEntry.objects.all()

    with pytest.raises(ProgrammingError, match="Cannot update or delete rows"), transaction.atomic():
        rows.update(actor="nobody") if verb == "update" else rows.delete()

    assert told()[0][0] == ""


def test_earlier_states_of_a_playbook_cannot_be_changed_either(quiet):
    playbook = Playbook.objects.create(key="p", name="P", trigger="mrr.contracted", title="Call")

    with pytest.raises(ProgrammingError, match="Cannot update or delete rows"), transaction.atomic():
        playbook.events.update(name="Q")

    assert [event.name for event in playbook.events.all()] == ["P"]


def test_pages_name_their_reader_and_programs_their_token(alice, quiet, signed_in):
    _row, token = create_token(name="billing", scopes=["write"])
    baker.make(Account, name="Acme", external_id="acme")
    segment = {"key": "big", "name": "Big", "touch_model": "high", "position": 1}
    program = APIClient(HTTP_AUTHORIZATION=f"Bearer {token}")

    page = signed_in(alice).post("/settings/segments/add/", segment)
    api = program.put("/api/v1/accounts/acme/subscriptions/S", {"currency": "USD", "plan": "pro"})

    assert (page.status_code, api.status_code) == (302, 201)
    assert [(row[0], row[2]) for row in told()[1:]] == [(alice.name, "Segment"), ("API: billing", "Plan")]


def test_naming_who_writes_costs_no_query(alice, quiet):
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            Segment.objects.update(position=1)
            list(Segment.objects.all())
            User.objects.filter(pk=alice.pk).update(name="Alice B.")
        return len(found)

    before = queries()
    with acting(lambda: of_user(alice)):
        assert queries() == before


def test_statements_of_any_shape_keep_their_results(alice, quiet):
    segment = Segment.objects.create(key="s", name="S")
    with acting(lambda: of_user(alice)), connection.cursor() as cursor:
        cursor.execute("update accounts_segment set name = '100%' returning id")
        assert cursor.fetchall() == [(segment.pk,)]
        cursor.execute("update accounts_segment set name = %(name)s where id = %(id)s", {"name": "x", "id": segment.pk})
        assert cursor.rowcount == 1
        cursor.executemany("update accounts_segment set position = %s", [(4,), (5,)])

    assert [row[0] for row in told()[1:]] == [alice.name] * 4


# The page ---------------------------------------------------------------------------------------------------


def test_the_page_filters_by_kind_and_person(alice, people, quiet, signed_in):
    Plan.objects.create(key="p", name="A plan of nobody's")
    with acting(lambda: of_user(alice)):
        Segment.objects.create(key="a", name="Of Alice")
    browser = signed_in(alice)

    def names(query: str) -> list[str]:
        return [row.name for row in browser.get(f"/settings/audit/?{query}").context["page"].rows]

    assert names("") == ["Of Alice", "A plan of nobody's"]
    assert names("kind=accounts.plan") == ["A plan of nobody's"]
    assert names(f"person={alice.pk}") == ["Of Alice"]
    assert names("kind=no.such&person=x&after=rubbish") == ["Of Alice", "A plan of nobody's"]
    assert names("person=999999999") == []


def test_pages_follow_each_other_without_a_gap(quiet):
    Segment.objects.bulk_create([Segment(key=f"s{n}", name=f"S{n}") for n in range(7)])

    first = reading.page(reading.Asked(), size=3)
    second = reading.page(reading.Asked(), after=first.next, size=3)
    back = reading.page(reading.Asked(), before=second.previous, size=3)

    assert [r.name for r in first.rows + second.rows] == ["S6", "S5", "S4", "S3", "S2", "S1"]
    assert [r.name for r in back.rows] == ["S6", "S5", "S4"]


def test_fifty_changes_cost_what_one_does(alice, quiet, signed_in):
    browser = signed_in(alice)

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert browser.get("/settings/audit/").status_code == 200
        return len(found)

    with acting(lambda: of_user(alice)):
        PlanVersion.objects.create(plan=Plan.objects.create(key="p", name="P"), number=1)
        queries()
        one = queries()
        plans = Plan.objects.bulk_create([Plan(key=f"p{n}", name=f"P{n}") for n in range(25)])
        PlanVersion.objects.bulk_create([PlanVersion(plan=plan, number=1) for plan in plans])

    assert queries() == one


def test_the_page_is_empty_kindly_and_speaks_the_readers_language(alice, quiet, signed_in):
    browser = signed_in(alice)
    assert "Nothing has been changed yet" in browser.get("/settings/audit/").content.decode()

    Segment.objects.create(key="s", name="<b>S</b>")

    page = browser.get("/settings/audit/").content.decode()
    assert "&lt;b&gt;S&lt;/b&gt;" in page
    assert "<b>S" not in page
    with translation.override("fr"):
        assert reading.page(reading.Asked()).rows[0].what == "Segment"


# Choices of several, and what workers do ----------------------------------------------------------------------


def test_who_joins_and_leaves_a_pool_is_told(alice, people, quiet):
    playbook = Playbook.objects.create(key="p", name="Rescue", trigger="mrr.contracted", title="Call")
    chloe, cyril = people["chloe"], people["cyril"]
    with acting(lambda: of_user(alice)):
        playbook.pool.add(chloe)
        playbook.pool.set([chloe, cyril])
        playbook.pool.set([cyril])

    rows = [row for row in told() if row[2] == "Pool of a playbook"]
    assert rows == [
        (alice.name, "insert", "Pool of a playbook", "Rescue", [("Playbook", "–", "Rescue"), ("Who", "–", "Chloe")]),
        (alice.name, "insert", "Pool of a playbook", "Rescue", [("Playbook", "–", "Rescue"), ("Who", "–", "Cyril")]),
        (alice.name, "delete", "Pool of a playbook", "Rescue", [("Playbook", "Rescue", "–"), ("Who", "Chloe", "–")]),
    ]


def test_what_a_worker_changes_names_its_task(quiet):
    @shared_task(name="probe.tasks.rename_segments")
    def rename() -> None:
        Segment.objects.update(name="Renamed")

    Segment.objects.create(key="s", name="S")
    rename.apply(throw=True)

    assert [(row[0], row[1]) for row in told()] == [("", "insert"), ("task rename_segments", "update")]
