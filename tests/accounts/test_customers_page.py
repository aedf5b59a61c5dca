import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import Account, Contact, Movement, Plan, Subscription
from accounts.registry import Panel, panels
from tests.accounts.customers import HOSTILE, account, segment
from tests.accounts.spine import contract, make_follow_up

pytestmark = pytest.mark.django_db


def contact(row: Account, name: str = "Ana", **fields) -> Contact:
    return Contact.objects.create(**{"account": row, "name": name, "email": f"{name.lower()}@x.example", **fields})


def head_of(html: str) -> str:
    return html.partition('id="account-head"')[2].partition("</header>")[0]


# Head and parts -----------------------------------------------------------------------------------


def test_the_head_says_what_matters_first(signed_in, vera, chloe) -> None:
    row = account(
        "Acme",
        csm=chloe,
        segment=segment("Mid-market"),
        plan=Plan.objects.create(key="team", name="Team"),
        seats=40,
        score=Decimal("70.5"),
        band="yellow",
        capped_by="support",
        trend=Decimal("4.4"),
        mrr=Decimal(1200),
        decision_date=timezone.localdate() + timedelta(days=12),
        last_contact_at=timezone.now() - timedelta(days=2),
    )
    head = head_of(signed_in(vera).get(f"/accounts/{row.pk}/").content.decode())
    words = ["Acme", "Yellow", "Active", "71", "+4", "$1,200", "in 12 days", "Chloe", "Mid-market", "Team", "40 seats"]
    assert [w for w in [*words, "2 days ago", "Band held back by: Support"] if w not in head] == []


def test_a_new_account_says_what_to_do(signed_in, chloe) -> None:
    row = account("Bare", csm=chloe)
    html = signed_in(chloe).get(f"/accounts/{row.pk}/").content.decode()
    for sentence in ("Nothing is open.", "Nobody is known here yet.", "Nothing has happened yet."):
        assert sentence in html
    subscription = signed_in(chloe).get(f"/accounts/{row.pk}/subscription/").content.decode()
    assert "No subscription yet" in subscription
    assert "Nobody is known here yet" in signed_in(chloe).get(f"/accounts/{row.pk}/contacts/").content.decode()


def test_why_a_follow_up_is_open_is_read_in_ones_own_language(signed_in, chloe) -> None:
    row = account("Acme", csm=chloe)
    make_follow_up(row, title="Call", activity=contract(row), reason="As it was written when it opened")
    chloe.language = "fr"
    chloe.save()
    html = signed_in(chloe).get(f"/accounts/{row.pk}/").content.decode()

    assert "As it was written when it opened" not in html
    assert "20 seats" in html.partition('id="account-follow-ups"')[2].partition("</section>")[0]


def test_custom_fields_have_names_to_read(signed_in, vera) -> None:
    row = account("Acme", custom={"billing_contact": "Ana", "ERP": "SAP"})
    html = signed_in(vera).get(f"/accounts/{row.pk}/").content.decode()

    assert [name for name in ("Billing contact", "ERP") if f">{name}<" not in html] == []


def test_a_churned_account_has_no_band(signed_in, vera) -> None:
    row = account("Gone", stage="churned", band="red", churned_on=date(2026, 1, 2))
    html = signed_in(vera).get(f"/accounts/{row.pk}/").content.decode()
    assert "Red" not in head_of(html)
    assert "Churned" in head_of(html)


def test_open_follow_ups_soonest_first_and_no_closed_ones(signed_in, vera, chloe) -> None:
    row, now = account(csm=chloe), timezone.now()
    make_follow_up(row, title="Later", due_at=now + timedelta(days=3), opened_at=now)
    make_follow_up(
        row, title="Late", due_at=now - timedelta(days=3), opened_at=now - timedelta(days=9), reason="So it is"
    )
    make_follow_up(
        row, title="Asleep", status="snoozed", snoozed_until=now + timedelta(days=5), snooze_reason="On leave"
    )
    make_follow_up(row, title="Closed", status="done", closed_at=now)
    html = signed_in(vera).get(f"/accounts/{row.pk}/").content.decode()
    titles = re.findall(r'href="/follow-ups/\d+/">([^<]*)</a>', html)
    assert sorted(titles) == ["Asleep", "Late", "Later"]
    assert titles.index("Late") < titles.index("Later")
    assert "So it is" in html
    assert "On leave" in html


def test_what_a_program_put_into_custom_fields_is_shown_as_text(signed_in, vera) -> None:
    custom = {f"key {n}": text for n, text in enumerate(HOSTILE)} | {
        "list": [1, "two"],
        "deep": {"a": {"b": [1]}},
        "nothing": None,
        "yes": True,
        "number": 1234.5,
        "": "",
    }
    row = account(custom=custom)
    html = signed_in(vera).get(f"/accounts/{row.pk}/").content.decode()
    assert "<script>alert" not in html
    assert [text for text in ("1, two", "1,234.5", "<dd>yes</dd>") if text not in html] == []
    Account.objects.filter(pk=row.pk).update(custom=["not", "a", "dict"])
    assert signed_in(vera).get(f"/accounts/{row.pk}/").status_code == 200


def test_head_and_follow_ups_can_be_asked_for_alone(signed_in, vera) -> None:
    row = account("Acme")
    client = signed_in(vera)
    for part in ("account-head", "account-follow-ups"):
        html = client.get(f"/accounts/{row.pk}/", headers={"HX-Request": "true", "HX-Target": part}).content.decode()
        assert f'id="{part}"' in html
        assert html.count("id=") < 8


@pytest.mark.parametrize("part", ["", "subscription/", "contacts/", "timeline/", "edit/", "calls/new/", "notes/new/"])
def test_an_account_that_is_not_there(signed_in, alice, part) -> None:
    assert signed_in(alice).get(f"/accounts/999999/{part}").status_code == 404


def test_ids_that_no_row_can_have(signed_in, alice) -> None:
    for pk in ("0", "99999999999999999999999999", "-1", "1e3", "%00"):
        assert signed_in(alice).get(f"/accounts/{pk}/").status_code == 404


# Panels of other apps -------------------------------------------------------------------------------


def test_boxes_load_themselves_and_what_is_not_built_stays_away(signed_in, vera) -> None:
    row = account()
    here = Panel("zz-here", "Here", "accounts:timeline", 900)
    there = Panel("zz-there", "There", "accounts:contacts", 900, tab="zz-tab")
    missing = Panel("zz-missing", "Missing", "nobody:built-it", 900)
    panels.add(here, there, missing)
    client = signed_in(vera)
    try:
        overview = client.get(f"/accounts/{row.pk}/").content.decode()
        tab = client.get(f"/accounts/{row.pk}/tab/zz-tab/").content.decode()
    finally:
        for panel in (here, there, missing):
            del panels.items[panel.key]
    assert f'id="panel-zz-here-body" data-panel hx-get="/accounts/{row.pk}/timeline/"' in overview
    assert "zz-missing" not in overview
    assert f'href="/accounts/{row.pk}/tab/zz-tab/">There</a>' in overview
    assert "panel-zz-there" in tab
    assert "panel-zz-here" not in tab


def test_a_tab_that_nobody_fills(signed_in, vera) -> None:
    row = account()
    assert signed_in(vera).get(f"/accounts/{row.pk}/tab/nothing/").status_code == 404
    assert signed_in(vera).get(f"/accounts/{row.pk}/tab/overview/").status_code == 404


# Subscription -------------------------------------------------------------------------------------


def test_subscriptions_and_movements(signed_in, vera) -> None:
    row = account(started_on=date(2025, 1, 1))
    Subscription.objects.create(
        account=row,
        external_id="S-1",
        plan=Plan.objects.create(key="team", name="Team"),
        status="past_due",
        past_due_since=date(2026, 1, 5),
        currency="EUR",
        unit_amount=Decimal("12.50"),
        quantity=8,
        interval="month",
        interval_count=3,
        discount_percent=Decimal(10),
        started_on=date(2025, 1, 1),
        term_end=date(2031, 1, 1),
        notice_days=30,
        mrr=Decimal("30.00"),
    )
    for day, kind, amount, after in (
        (date(2025, 1, 1), "new", 50, 50),
        (date(2025, 2, 10), "contraction", -20, 30),
        (date(2025, 2, 10), "expansion", Decimal("0.5"), Decimal("30.5")),
    ):
        Movement.objects.create(account=row, kind=kind, occurred_on=day, amount=amount, mrr_after=after, reason="price")
    html = signed_in(vera).get(f"/accounts/{row.pk}/subscription/").content.decode()
    words = [
        "Team",
        "S-1",
        "Past due",
        "€12.50",
        "per seat, every 3 months",
        "less 10%",
        ">8<",
        "$30.00",
        "30 days' notice",
    ]
    words += ["Contraction", "−$20.00", "+$0.50", "$30.50", "Price", "MRR by month", "Show the numbers"]
    assert [w for w in words if w not in html.replace("&#x27;", "'")] == []


def test_the_mrr_of_each_month_is_that_of_its_last_movement() -> None:
    from accounts.domain.mrr_history import month_ends

    moves = [
        Movement(occurred_on=date(2026, 1, 31), mrr_after=Decimal(100)),
        Movement(occurred_on=date(2026, 2, 1), mrr_after=Decimal(150)),
        Movement(occurred_on=date(2026, 2, 28), mrr_after=Decimal(120)),
        Movement(occurred_on=date(2026, 4, 2), mrr_after=Decimal(0)),
    ]
    assert month_ends(moves, date(2026, 4, 15)) == [
        (date(2026, 1, 31), 100),
        (date(2026, 2, 28), 120),
        (date(2026, 3, 31), 120),
        (date(2026, 4, 15), 0),
    ]
    assert month_ends([], date(2026, 4, 15)) == []
    assert len(month_ends(moves, date(2030, 4, 15))) == 24


# Contacts -----------------------------------------------------------------------------------------


def test_contacts_who_decides_first_and_who_left_last(signed_in, vera) -> None:
    row = account()
    contact(row, "Zoe", decides=True, phone="+40 1", title="CFO", language="fr")
    contact(row, "Ben", language="pt")
    contact(row, "Abe", left_on=date(2026, 1, 1), decides=True)
    html = signed_in(vera).get(f"/accounts/{row.pk}/contacts/").content.decode()
    assert re.findall(r'<th scope="row">(\w+)', html) == ["Zoe", "Ben", "Abe"]
    assert re.findall(r'data-label="Language">([^<]*)', html) == ["French", "pt", "–"]
    overview = signed_in(vera).get(f"/accounts/{row.pk}/").content.decode()
    assert "zoe@x.example" in overview
    assert "abe@x.example" not in overview


# Who may do what ------------------------------------------------------------------------------------

CONTROLS = ("calls/new/", "notes/new/", "/edit/", "contacts/new/")


@pytest.mark.parametrize(
    ("who", "shown"),
    [
        ("alice", (True, True, True, True)),
        ("marc", (True, True, True, True)),
        ("chloe", (True, True, True, True)),  # her account
        ("cyril", (True, True, False, False)),  # not his: he may pick up the phone
        ("vera", (False, False, False, False)),
    ],
)
def test_controls_and_their_addresses_go_together(signed_in, people, who, shown) -> None:
    row = account(csm=people["chloe"])
    client = signed_in(people[who])
    html = client.get(f"/accounts/{row.pk}/").content.decode()
    assert tuple(control in html for control in CONTROLS) == shown
    allowed = tuple(client.get(f"/accounts/{row.pk}/{control.strip('/')}/").status_code == 200 for control in CONTROLS)
    assert allowed == shown


def test_a_stranger_is_asked_to_sign_in(client) -> None:
    row = account()
    for url in ("", "search/", "totals/", "export.csv", f"{row.pk}/", f"{row.pk}/timeline/", f"{row.pk}/calls/new/"):
        assert client.get(f"/accounts/{url}")["Location"].startswith("/login/")
