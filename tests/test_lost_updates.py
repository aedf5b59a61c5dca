"""Two people have the same page of the settings open: what one changes, the other's saving leaves alone."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from model_bakery import baker

from accounts.models import Cost, Plan, Segment, User, Webhook
from health.models import Action, UsageTarget
from onboarding.domain.templates import create_template
from onboarding.models import Schedule
from referrals.models import Material, Program
from tests.accounts.plans import plan as make_plan
from tests.forms import filled_in
from tests.health.surveys.rows import make_survey
from tests.onboarding.factories import make_type
from tests.referrals.money import make_program

pytestmark = pytest.mark.django_db
QUESTION = {
    "key": "size", "kind": "text", "required": False, "text": {"en": {"text": "How many?"}}, "choices": [], "routes": [],
    "labels": {},
}  # fmt: skip


def segment() -> tuple[Any, str]:
    row = baker.make(Segment, key="mid", name="Mid market", position=3)
    return row, f"/settings/segments/{row.pk}/"


def user() -> tuple[Any, str]:
    row = User.objects.create_user("kim@tenure.example", name="Kim", role="csm", language="en")
    return row, f"/settings/users/{row.pk}/"


def cost() -> tuple[Any, str]:
    row = Cost.objects.create(month="2026-03-01", kind="winning", amount=100, channel="Ads", note="x")
    return row, f"/settings/costs/{row.pk}/"


def webhook() -> tuple[Any, str]:
    row = baker.make(Webhook, url="https://example.com/a", name="A", events=["account.churned"])
    return row, f"/settings/webhooks/{row.pk}/edit/"


def plan() -> tuple[Any, str]:
    row = baker.make(Plan, key="pro", name="Pro", complexity="mid")
    return row, f"/settings/plans/{row.pk}/"


def version() -> tuple[Any, str]:
    row = make_plan("Pro", ("month", 20))
    return row, f"/settings/plans/versions/{row.pk}/"


def action() -> tuple[Any, str]:
    row = baker.make(Action, name="Report made", impact=5)
    row.plans.add(baker.make(Plan, key="pro", name="Pro"))
    return row, f"/settings/actions/{row.pk}/"


def survey() -> tuple[Any, str]:
    row = make_survey(status="draft", texts={"en": {"intro": "Hello\nthere"}}, stages=["active"], recontact_days=90)
    return row, f"/settings/surveys/{row.pk}/"


def program() -> tuple[Any, str]:
    row = make_program(amount=1050, texts={"en": {"headline": "Bring friends"}}, channels=["link"])
    return row, f"/settings/programs/{row.pk}/"


def session_type() -> tuple[Any, str]:
    row = make_type(User.objects.get(email="chloe@tenure.example"), questions=[QUESTION], host_rule="pool")
    return row, f"/settings/session-types/{row.pk}/"


def hours() -> tuple[Any, str]:
    row = baker.make(
        Schedule, user=User.objects.get(email="chloe@tenure.example"), time_zone="Europe/Paris",
        weekly={"0": [[540, 1020]]}, onboarding_minutes=600,
    )  # fmt: skip
    return row, f"/settings/hours/team/{row.user_id}/"


def material() -> tuple[Any, str]:
    values = {
        "title": "Banner",
        "kind": "text",
        "channel": "link",
        "language": "en",
        "body": "Hello\nthere",
        "position": 1,
    }
    row = Material.objects.create(program=make_program(), **values)
    return row, f"/settings/programs/material/{row.pk}/"


def checklist_template() -> tuple[Any, str]:
    small = baker.make(Segment, key="small", name="Small")
    row = create_template("Starter", segments=[small], touch_models=["low"])
    return row, f"/settings/checklists/{row.pk}/"


FORMS = [
    (segment, {"name": "Middle"}, {"position": 7}, {"touch_model": "high"}, {"touch_model": "high"}),
    (user, {"name": "Kim Doe"}, {"language": "fr"}, {"role": "manager"}, {"role": "manager"}),
    (cost, {"note": "y"}, {"channel": "Fairs"}, {"amount": "120"}, {"amount": 120}),
    (webhook, {"url": "https://example.com/b"}, {"events": ["account.added"]}, {"name": "B"}, {"name": "B"}),
    (plan, {"name": "Pro 2"}, {}, {"complexity": "high"}, {"complexity": "high"}),
    (version, {"features": ["A", "B"]}, {"max_seats": 9}, {"unit_name": "call"}, {"unit_name": "call"}),
    (action, {"name": "Report shared"}, {}, {"impact": "6"}, {"impact": 6}),
    (survey, {"name": "Autumn"}, {"stages": ["onboarding"]}, {"per_day": "5"}, {"per_day": 5}),
    (program, {"name": "Pals"}, {"amount": 2000, "landing_urls": ["https://a.example/"]}, {"hold_days": "5"}, {"hold_days": 5}),
    (session_type, {"slug": "start"}, {"questions": [], "where": "Zoom"}, {"minutes": "30"}, {"minutes": 30}),
    (material, {"body": "Good day"}, {"language": "fr", "active": False}, {"title": "Poster"}, {"title": "Poster"}),
    (checklist_template, {"name": "First steps"}, {}, {"touch_models": ["mid"]}, {"touch_models": ["mid"]}),
    (hours, {"weekly": {"0": [[600, 660]]}}, {"time_zone": "Europe/Rome"}, {"onboarding_hours": "5"}, {"onboarding_minutes": 300}),
]  # fmt: skip


def as_given(value: Any) -> Any:
    return str(value) if isinstance(value, ZoneInfo) else value


@pytest.mark.parametrize(("make", "first", "more", "typed", "written"), FORMS, ids=[row[0].__name__ for row in FORMS])
def test_what_others_have_changed_meanwhile_stays(signed_in, alice, chloe, make, first, more, typed, written) -> None:
    row, address = make()
    client = signed_in(alice)
    read = filled_in(client.get(address).text, next(iter(typed)))
    before = type(row).objects.values().get(pk=row.pk)
    assert client.post(address, read).status_code == 302
    after = type(row).objects.values().get(pk=row.pk)
    assert {name for name in before if before[name] != after[name]} <= {"updated_at"}  # nobody has changed anything

    others = first | more
    type(row).objects.filter(pk=row.pk).update(**others)

    answer = client.post(address, read | typed)

    assert answer.status_code == 302, answer.text
    row.refresh_from_db()
    expected = others | written
    assert {name: as_given(getattr(row, name)) for name in expected} == expected


def test_a_pool_prices_and_plans_that_were_not_touched_stay(signed_in, alice, chloe, cyril) -> None:
    client = signed_in(alice)
    kind, address = session_type()
    read = filled_in(client.get(address).text, "minutes")
    kind.hosts.create(user=cyril, weight=50)
    client.post(address, read | {"minutes": "30"})
    assert dict(kind.hosts.values_list("user", "weight")) == {chloe.pk: 100, cyril.pk: 50}

    known, address = version()
    read = filled_in(client.get(address).text, "metric")
    known.prices.update(amount=77)
    client.post(address, read | {"max_seats": "12"})
    assert [(price.amount, known.max_seats) for price in known.prices.all()] == [(77, None)]


def test_segments_and_questions_that_were_not_touched_stay(signed_in, alice) -> None:
    client = signed_in(alice)
    row, address = checklist_template()
    read = filled_in(client.get(address).text, "name")
    row.segments.clear()
    client.post(address, read | {"name": "First steps"})
    assert not row.segments.exists()

    asked = make_program(
        questions=[{"key": "size", "kind": "text", "required": False, "text": {"en": "How many?"}, "choices": []}]
    )
    address = f"/settings/programs/{asked.pk}/questions/"
    read = filled_in(client.get(address).text, "questions-0-kind")
    Program.objects.filter(pk=asked.pk).update(questions=[])
    assert client.post(address, read).status_code == 302
    assert Program.objects.get(pk=asked.pk).questions == []


def test_a_target_that_was_not_touched_stays(signed_in, alice) -> None:
    small = baker.make(Segment, key="small", name="Small")
    client = signed_in(alice)
    read = filled_in(client.get("/settings/actions/").text, "default")
    UsageTarget.objects.update_or_create(segment=small, defaults={"points_per_seat": 9})

    assert client.post("/settings/actions/", read | {"default": "44"}).status_code == 302

    assert UsageTarget.objects.get(segment=small).points_per_seat == 9
    assert UsageTarget.objects.get(segment=None).points_per_seat == 44


def test_in_another_currency_an_amount_is_as_many_of_its_units(signed_in, alice) -> None:
    row, address = program()
    client = signed_in(alice)
    read = filled_in(client.get(address).text, "hold_days")

    assert client.post(address, read | {"currency": "JPY", "amount": "10"}).status_code == 302

    assert Program.objects.values_list("currency", "amount").get(pk=row.pk) == ("JPY", 10)
