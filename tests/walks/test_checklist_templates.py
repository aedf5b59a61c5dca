"""What new customers go through, from the admin's desk to a customer who is on the way already."""

import pytest
from django.urls import reverse
from model_bakery import baker

from accounts.models import Account, Plan
from onboarding.models import Checklist, ChecklistStep, ChecklistTemplate

pytestmark = pytest.mark.django_db
API = "/api/v1/accounts/acme"


def titles(checklist: Checklist) -> dict[str, str]:
    rows = ChecklistStep.objects.filter(checklist=checklist).select_related("step").order_by("step__position")
    return {row.step.texts["en"]["title"]: row.state for row in rows}


def test_a_customer_gets_the_checklist_of_its_touch_model_and_later_a_newer_one(writer, alice, chloe, signed_in, queue):
    # A simple plan, little money: the program that reports Acme starts a low-touch checklist.
    baker.make(Plan, key="starter", name="Starter", complexity="low")
    writer.put(API, {"name": "Acme", "csm": chloe.email, "stage": "onboarding", "currency": "USD"})
    queue.drain()
    acme = Account.objects.get(external_id="acme")
    checklist = Checklist.objects.select_related("version__template").get(account=acme)
    assert (acme.touch_model, checklist.version.template.key) == ("low", "low")
    first = checklist.steps.get(step__key="sign-in")
    signed_in(chloe).post(f"/accounts/{acme.pk}/checklist/{first.pk}/", {"do": "tick"})

    # Alice has the next customers meet somebody: a step more, in two languages.
    browser, template = signed_in(alice), ChecklistTemplate.objects.get(key="low")
    edit = reverse("onboarding:template_edit", args=[template.pk])
    keys = [step.key for step in checklist.version.steps.all()]
    browser.post(edit, {"step": keys, "do": "add", "new": "Say hello", "in": "en", "seen": ""})
    draft = template.versions.get(status="draft")
    said = {
        "here": "1", "title_en": "Say hello", "title_ro": "Spuneți bună", "owner": "csm", "offset": "1", "duration": "1",
        "offset_unit": "business", "weight": "2", "required": "on", "auto_count": "1", "after": ["sign-in"],
    }  # fmt: skip
    seen = {"seen": draft.changed_at.isoformat(), "step": [*keys, "say-hello"], "do": "save"}
    browser.post(edit, {f"say-hello-{name}": value for name, value in said.items()} | seen)
    draft.refresh_from_db()
    publish = reverse("onboarding:version_publish", args=[draft.pk])
    assert "Say hello" in browser.get(publish).content.decode()
    apply = browser.post(publish, {"note": "Somebody says hello", "seen": draft.changed_at.isoformat()})["Location"]

    # Acme goes on as before until she has seen what would change, and says so.
    assert "Say hello" not in titles(checklist)
    shown = browser.get(apply).content.decode()
    assert all(text in shown for text in ("Acme", "Say hello", "1/5 → 1/6"))
    browser.post(apply, {"which": "chosen", "ids": [checklist.pk]})
    assert titles(checklist)["Say hello"] == "open"
    assert titles(checklist)["Sign in and look around"] == "done"
    assert acme.activities.get(kind="checklist.changed").data["what"] == "added Say hello"

    # Chloe knows better what Acme needs; it stands on the timeline, and the account page says so.
    choose = reverse("onboarding:touch_choose", args=[acme.pk])
    signed_in(chloe).post(choose, {"model": "mid", "reason": "Eleven more companies in the group"})
    page = signed_in(chloe).get(reverse("onboarding:touch", args=[acme.pk])).content.decode()
    assert "Eleven more companies in the group" in page
    assert "Recommended was: Low touch." in page
    assert "“First steps”, is one for another touch model" in page
    assert acme.activities.get(kind="touch.chosen").data["before"] == "low"
